"""Practice and rotations under many hands at the same moment: no two rotations on a day, no day of more than 24 hours,
one signature, and nothing that is both signed and withdrawn."""

import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from cast import Cast
from flask import Flask
from sqlalchemy import func, select

sys.path.insert(0, str(Path(__file__).parent.parent / "integration" / "teaching"))

from teaching_stage import Ward, make_ward

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.teaching import commands
from lms.teaching.models import PracticeEntry, PracticeStep, Rotation

pytestmark = pytest.mark.races
ROUNDS = 5
Deed = Callable[[], object]


@pytest.fixture
def ward(app: Flask, cast: Cast) -> Ward:
    return make_ward(app, cast)


def at_once(ward: Ward, *deeds: Deed) -> list[object]:
    """Each deed in a thread and a unit of work of its own, in the same moment; what each gave, or the name of its
    refusal, in the same order."""
    barrier = Barrier(len(deeds))

    def run(deed: Deed) -> object:
        with ward.app.app_context():
            barrier.wait(30)
            try:
                with unit_of_work():
                    return deed()
            except (Conflict, Invalid) as refusal:
                return type(refusal).__name__

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def count(ward: Ward, *conditions: object) -> int:
    with ward.app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).where(*conditions)) or 0  # type: ignore[arg-type]


def test_rotations_planned_at_once_never_share_a_day(ward: Ward) -> None:
    today = clock.today()

    def plan(first: int) -> Deed:
        planned = ward.planned(today + timedelta(days=first), today + timedelta(days=first + 9))
        who = ward.cast.learner.person_id
        return lambda: commands.plan_rotation(ward.cast.county_auditor.actor, new_id(), who, planned)

    for round_ in range(ROUNDS):
        found = at_once(ward, *(plan(round_ * 100 + shift) for shift in (0, 3, 6, 9)))
        assert Counter(found) == {True: 1, "Invalid": 3}
    assert count(ward, Rotation.state == "planned") == ROUNDS


def test_a_day_never_has_more_than_24_hours(ward: Ward) -> None:
    def enter() -> object:
        return commands.enter(ward.cast.learner.actor, new_id(), ward.written(hours=Decimal(7)))

    assert Counter(at_once(ward, *[enter] * 6)) == {True: 3, "Invalid": 3}


def test_one_form_sent_many_times_at_once_is_one_entry(ward: Ward) -> None:
    for _ in range(ROUNDS):
        entry = new_id()
        deed = partial(commands.enter, ward.cast.learner.actor, entry, ward.written(hours=Decimal(1)))
        assert Counter(at_once(ward, *[deed] * 6)) == {True: 1, False: 5}
        assert count(ward, PracticeStep.entry_id == entry) == 1


def test_two_phones_of_a_supervisor_sign_once(ward: Ward) -> None:
    for _ in range(ROUNDS):
        entry = ward.enter(hours=Decimal(1))
        deed = partial(commands.sign_entries, ward.teacher.actor, [(entry, 1)])
        found = at_once(ward, *[deed] * 4)
        assert Counter(found) == {(1, 0): 1, (0, 0): 3}
        assert count(ward, PracticeStep.entry_id == entry, PracticeStep.action == "signed") == 1


def test_what_is_signed_is_never_withdrawn_nor_changed_unseen(ward: Ward) -> None:
    actor, other = ward.cast.learner.actor, ward.written(hours=Decimal(2))
    for number in range(2 * ROUNDS):
        entry = ward.enter(hours=Decimal(1))
        withdraws = number % 2 == 1
        change = partial(commands.change, written=other, version=1)
        hers = partial(commands.withdraw, version=1) if withdraws else change
        sign = partial(commands.sign_entries, ward.teacher.actor, [(entry, 1)])
        signed, done = at_once(ward, sign, partial(hers, actor, entry))
        kept = ward.entry(entry)
        if kept.state == "signed":
            assert (signed, done) == ((1, 0), "Conflict")
            assert kept.hours_milli == 1000
            continue
        assert (signed, done) == ((0, 1), None if withdraws else True)
        assert kept.state == ("withdrawn" if withdraws else "waiting")
        if not withdraws:
            at_once(ward, partial(commands.withdraw, actor, entry, version=2))
    assert count(ward, PracticeEntry.state == "waiting") == 0
