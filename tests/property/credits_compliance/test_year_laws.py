"""Whatever is done to a person, in any order: her stored year is what a new count makes of it."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from cast import Cast, Member, id_number
from compliance_stage import is_right, run_all
from credit_stage import FACE, LECTURE, SELF_STUDY, reading, writing
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from two_persons import limited

from lms.credits import commands as credits
from lms.credits.access import NEXT
from lms.credits.compliance import commands as compliance
from lms.credits.models import Award, YearResult
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.people import commands as people
from lms.people.queries import postings

YEAR = clock.today().year
SERIAL = count(600)
PLACES = ("LB-YL-LX-SM", "LB-YL-LX", "LB-YL-YY", "LB-ST-HW")
POPULATIONS = ("village_doctor", "staff", "physician")
WORDS = {
    "approve": {"reason_code": "in_order", "text": ""},
    "return": {"reason_code": "evidence", "text": "请补签到表。"},
    "reverse": {"reason_code": "absent", "text": "核实没有参加。"},
}

awards = st.tuples(
    st.just("award"),
    st.sampled_from((FACE, LECTURE, SELF_STUDY)),
    st.integers(0, 3),
    st.sampled_from((Decimal(2), Decimal("7.003"), Decimal(33), Decimal(90))),
    st.sampled_from((YEAR, YEAR, YEAR, YEAR - 1)),
)
decisions = st.tuples(st.just("decide"), st.integers(0, 5), st.sampled_from(sorted(WORDS)))
moves = st.tuples(st.just("move"), st.sampled_from(PLACES), st.integers(1, 400))
changes = st.tuples(st.just("population"), st.sampled_from(POPULATIONS))
runs = st.just(("run",))
deeds = st.lists(st.one_of(awards, awards, decisions, decisions, moves, changes, runs), min_size=1, max_size=10)


@pytest.fixture
def one_decides(app: Flask) -> Iterator[Flask]:
    """A house in which no award is so large that it takes two."""
    with limited(app, Decimal(999)) as found:
        yield found


@given(steps=deeds)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_the_stored_year_is_the_counted_one(
    one_decides: Flask, cast: Cast, steps: list[tuple[Any, ...]]
) -> None:
    app = one_decides
    doctor = _somebody(app, cast)
    is_right(app, doctor)
    for step in steps:
        {"award": _award, "decide": _decide, "move": _move, "population": _population, "run": _run}[step[0]](
            app, cast, doctor, *step[1:]
        )
        for year in _years(app, doctor):
            is_right(app, doctor, year)


def _somebody(app: Flask, cast: Cast) -> Member:
    serial = next(SERIAL)
    with writing(app):
        person_id = people.add_person(
            SYSTEM,
            name="钱春兰",
            workplace_id=cast.places["LB-YL-LX-SM"],
            phone=f"000{serial:08d}",
            id_number=id_number(serial % 1000, f"19{60 + serial // 1000}0612"),
            starts_on=date(YEAR - 2, 1, 1),
        )
        compliance.refresh(person_id, YEAR - 1)
    return Member("doctor", "钱春兰", "", person_id)


def _award(
    app: Flask, _cast: Cast, doctor: Member, activity: dict[str, Any], number: int, hours: Decimal, year: int
) -> None:
    day = date(year, 1 + number, 3)
    values = activity | {"hours": hours, "started_on": day - timedelta(days=14), "on_date": day}
    if "project_number" in activity:
        values["project_number"] = f"{year}-14-00-{number:03d}"
    with writing(app):
        credits.record_activity(SYSTEM, person_id=doctor.person_id, **values)


def _decide(app: Flask, cast: Cast, doctor: Member, which: int, action: str) -> None:
    with reading(app):
        found = session().execute(
            select(Award.id, Award.state, Award.version).where(Award.person_id == doctor.person_id).order_by(Award.id)
        )
        rows = list(found)
    if not rows:
        return
    award = rows[which % len(rows)]
    if action not in NEXT[award.state]:
        return
    deed = {"approve": credits.approve_award, "return": credits.return_award, "reverse": credits.reverse_award}[action]
    with writing(app):
        deed(cast.province_auditor.actor, award.id, version=award.version, **WORDS[action])


def _move(app: Flask, cast: Cast, doctor: Member, place: str, days: int) -> None:
    with reading(app):
        last = postings(doctor.person_id)[0]
    if last.workplace_id == cast.places[place]:
        return
    with writing(app):
        people.move_posting(
            SYSTEM, doctor.person_id, workplace_id=cast.places[place], on=last.starts_on + timedelta(days=days)
        )


def _population(app: Flask, _cast: Cast, doctor: Member, population: str) -> None:
    with writing(app):
        people.edit_person(SYSTEM, doctor.person_id, name=doctor.name, population=population)


def _run(app: Flask, _cast: Cast, _doctor: Member) -> None:
    found = run_all(app, YEAR)
    assert found["different"] == found["renewed"] == 0


def _years(app: Flask, doctor: Member) -> list[int]:
    with reading(app):
        return list(session().scalars(select(YearResult.year).where(YearResult.person_id == doctor.person_id)))
