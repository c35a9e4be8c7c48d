"""Sums of practice against a count by hand, over entries drawn at random."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from teaching_stage import Ward

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.teaching import queries, rules
from lms.teaching.models import PracticeEntry
from lms.teaching.queries import KindTotal

STATES = ("waiting", "signed", "returned", "withdrawn")


def drawn(ward: Ward, person: UUID, rotations: list[UUID], number: int, chance: Random) -> list[dict[str, Any]]:
    now = clock.now()
    made = []
    for _ in range(number):
        state, hours = chance.choice(STATES), chance.choice((None, chance.randrange(1, 24_001)))
        made.append({
            "id": new_id(), "person_id": person, "on_date": clock.today() - timedelta(days=chance.randrange(80)),
            "kind": str(chance.choice(list(rules.Kind))), "place_id": ward.cast.places["LB-YL-LX"],
            "supervisor_id": ward.teacher.person_id, "rotation_id": chance.choice((None, *rotations)),
            "hours_milli": hours, "cases": chance.randrange(1, 301) if hours is None else chance.choice((None, 7)),
            "note": "", "state": state, "version": 1, "entered_at": now, "changed_at": now,
            "signed_at": now if state == "signed" else None,
        })  # fmt: skip
    return made


def by_hand(kind: str, rows: Iterable[dict[str, Any]]) -> KindTotal:
    whole = KindTotal(kind)
    for row in rows:
        if row["state"] == "withdrawn":
            continue
        hours, cases = Decimal(row["hours_milli"] or 0) / 1000, row["cases"] or 0
        signed = row["state"] == "signed"
        one = KindTotal(kind, hours, cases) if signed else KindTotal(kind, Decimal(0), 0, hours, cases)
        whole = whole.plus(one)
    return whole


def test_sums_are_those_of_a_count_by_hand(ward: Ward) -> None:
    rotations = [ward.plan(-70, -60), ward.plan(-50, -40), ward.plan(-30, -20, module="surgery")]
    learner, colleague = ward.cast.learner.person_id, ward.cast.colleague.person_id
    chance = Random(7)
    rows = drawn(ward, learner, rotations, 300, chance)
    with ward.app.app_context(), unit_of_work():
        session().execute(insert(PracticeEntry), rows + drawn(ward, colleague, [], 20, chance))
    with ward.app.app_context(), unit_of_work(write=False):
        found, modules = queries.totals(learner), queries.module_totals([learner, colleague])
    first: date = clock.today().replace(day=1)
    month = [row for row in rows if row["on_date"] >= first]
    assert found.all == by_hand("", rows)
    assert found.month == by_hand("", month)
    for kinds, among in ((found.all_kinds, rows), (found.month_kinds, month)):
        there = {row["kind"] for row in among if row["state"] != "withdrawn"}
        assert [one.kind for one in kinds] == [str(kind) for kind in rules.Kind if str(kind) in there]
        for one in kinds:
            assert one == by_hand(one.kind, (row for row in among if row["kind"] == one.kind))
    assert set(modules) == {learner}
    for module, those in (("internal", rotations[:2]), ("surgery", rotations[2:])):
        done = modules[learner]["gp-transfer", module]
        told = by_hand("", (row for row in rows if row["rotation_id"] in those))
        assert (done.hours_signed, done.cases_signed, done.hours_waiting, done.cases_waiting) == (
            told.hours_signed, told.cases_signed, told.hours_waiting, told.cases_waiting,
        )  # fmt: skip
        assert len(done.planned) == len(those)
