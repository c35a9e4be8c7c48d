"""The ledger as a machine with states: whatever is entered, decided, answered or sent twice, in any order, the laws
of the books hold after each step. The model beside it knows nothing of the rules but the caps of the national text.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from cast import Cast, id_number
from credit_stage import reading, writing
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from two_persons import limited

from lms.credits import commands
from lms.credits.access import NEXT
from lms.credits.log.verifying import verify
from lms.credits.models import Award, LedgerEntry, RefusedActivity
from lms.credits.statements import statement
from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.quantities import from_milli
from lms.people import commands as people

YEAR = clock.today().year
# A second doctor for each example; serials that no other test uses.
SERIAL = count(3_000)
PROJECT_CAP = Decimal(10)  # of the form of 2025, for a recommended or promotion project
SELF_STUDY_CAP = Decimal(10)  # of a year
SAID = {"approve": ("in_order", ""), "return": ("evidence", "请补签到表。"), "reverse": ("absent", "核实没有参加。")}

hours = st.sampled_from([Decimal("2.5"), Decimal("7.003"), Decimal(18), Decimal(24), Decimal(33), Decimal(90)])
projects = st.sampled_from([f"{YEAR}-14-00-{n:03d}" for n in (1, 2)])
codes = st.sampled_from(["A", "B", "C", "D", None])
kinds = st.sampled_from(["recommended_project", "promotion_project", "self_study", "unit_lecture"])


class Ledger(RuleBasedStateMachine):
    """One doctor's year; `app` and `cast` are set by the test."""

    app: Flask
    cast: Cast

    @initialize()
    def somebody(self) -> None:
        serial = next(SERIAL)
        with writing(self.app):
            self.person_id = people.add_person(
                SYSTEM,
                name="钱春兰",
                workplace_id=self.cast.places["LB-YL-LX-SM"],
                phone=f"000{serial:08d}",
                id_number=id_number(serial % 1000, f"19{60 + serial // 1000}0812"),
                starts_on=date(YEAR - 2, 1, 1),
            )
        self.sent: list[dict[str, Any]] = []

    @rule(kind=kinds, spent=hours, project=projects, code=codes, day=st.integers(20, 50), exam=st.booleans())
    def enter(self, kind: str, spent: Decimal, project: str, code: str | None, day: int, exam: bool) -> None:
        on = date(YEAR, 1, 1) + timedelta(days=day)
        fact: dict[str, Any] = {"kind": kind, "title": {"zh": "活动", "en": "Activity"}, "hours": spent, "on_date": on}
        if kind.endswith("_project"):
            fact |= {"project_number": project, "activity_code": code, "assessed": exam or code is not None}
        if kind == "unit_lecture":
            fact |= {"hours": Decimal(2), "quantity": Decimal(1), "unit": "items"}
        else:
            fact["started_on"] = on - timedelta(days=15)
        fact["activity_id"] = new_id()
        with writing(self.app):
            assert commands.record_activity(SYSTEM, person_id=self.person_id, **fact) is not None
        self.sent.append(fact)

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 30))
    def send_again(self, which: int) -> None:
        before = self._facts()
        with writing(self.app):
            fact = self.sent[which % len(self.sent)]
            assert commands.record_activity(SYSTEM, person_id=self.person_id, **fact) is None
        assert self._facts() == before

    @rule(which=st.integers(0, 30), action=st.sampled_from(sorted(SAID)))
    def decide(self, which: int, action: str) -> None:
        awards = self._awards()
        if not awards or action not in NEXT[awards[which % len(awards)].state]:
            return
        award = awards[which % len(awards)]
        reason_code, text = SAID[action]
        deed = {"approve": commands.approve_award, "return": commands.return_award}.get(action, commands.reverse_award)
        with writing(self.app):
            deed(
                self.cast.province_auditor.actor, award.id,
                version=award.version, reason_code=reason_code, text=text,
            )  # fmt: skip
        if action == "reverse":
            lines = [line.amount_milli for line in self._lines() if line.award_id == award.id]
            assert sum(lines) == 0
            assert lines[-1] == -lines[-2]

    @invariant()
    def balance_is_the_sum_of_what_stands(self) -> None:
        if not hasattr(self, "person_id"):
            return
        books: dict[tuple[int, str], int] = defaultdict(int)
        for line in self._lines():
            books[line.credit_year, line.credit_class] += line.amount_milli
        for award in self._awards():
            if award.state != "reversed":
                books[award.credit_year, award.credit_class] -= award.awarded_milli
        assert not any(books.values()), books

    @invariant()
    def amounts_are_in_order_and_no_cap_is_passed(self) -> None:
        if not hasattr(self, "person_id"):
            return
        with reading(self.app):
            told, again = statement(self.person_id, YEAR), statement(self.person_id, YEAR)
        assert told == again
        assert told.balanced
        by_project: dict[str, Decimal] = defaultdict(Decimal)
        for award in self._awards():
            if award.project_number and award.state != "reversed":
                by_project[award.project_number] += from_milli(award.awarded_milli)
        assert all(total <= PROJECT_CAP for total in by_project.values()), by_project
        for line in told.lines:
            assert 0 <= line.counted <= line.awarded <= line.computed
        alone = sum((line.counted for line in told.lines if line.kind == "self_study"), Decimal(0))
        assert alone <= SELF_STUDY_CAP
        standing = told.standing
        assert standing is not None
        assert standing.counted == sum((line.counted for line in told.lines), Decimal(0))

    def teardown(self) -> None:
        if hasattr(self, "person_id"):
            with self.app.app_context():
                found = verify().findings
            assert {name: one.first for name, one in found.items() if not one.ok and name != "I7"} == {}

    def _awards(self) -> list[Award]:
        with reading(self.app):
            found = session().scalars(select(Award).where(Award.person_id == self.person_id).order_by(Award.id)).all()
            session().expunge_all()
            return list(found)

    def _lines(self) -> list[LedgerEntry]:
        with reading(self.app):
            asked = select(LedgerEntry).where(LedgerEntry.person_id == self.person_id)
            found = session().scalars(asked.order_by(LedgerEntry.person_sequence)).all()
            session().expunge_all()
            return list(found)

    def _facts(self) -> tuple[list[tuple[UUID, int, str]], list[tuple[UUID, int]], int]:
        with reading(self.app):
            refused = session().query(RefusedActivity).filter_by(person_id=self.person_id).count()
        awards = [(one.id, one.awarded_milli, one.state) for one in self._awards()]
        return awards, [(one.id, one.amount_milli) for one in self._lines()], refused


def test_the_books_hold_under_any_history(app: Flask, cast: Cast) -> None:
    # In a house in which no award is so large that it takes two.
    with limited(app, Decimal(999)) as house:
        machine = type("LedgerOfThisHouse", (Ledger,), {"app": house, "cast": cast})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
