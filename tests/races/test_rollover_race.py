"""Two administrators who roll the same approvals over at the same moment: one does, the other is told."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from cast import Cast
from credit_stage import approve, awards, pass_course, publish_course, reading, writing
from flask import Flask
from houses import House
from sqlalchemy import func, select, text

from lms.courses import queries as courses
from lms.credits.models import Approval
from lms.credits.rollover import commands
from lms.credits.rollover.commands import Line, Plan
from lms.credits.rollover.models import Rollover, RolloverLine
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Conflict
from lms.kernel.ids import new_id

pytestmark = pytest.mark.races


WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
"""Who waits for this very transaction."""


@pytest.fixture
def house(postgresql_house: House) -> House:
    """On SQLite writers wait for each other before they begin."""
    postgresql_house.restore()
    return postgresql_house


@pytest.mark.parametrize("case", ["one press twice", "two tabs, one number", "two tabs, two numbers"])
def test_one_of_two_enters(app: Flask, cast: Cast, tmp_path: Path, case: str) -> None:
    publish_course(app, tmp_path)
    year = clock.today().year
    ended = approve(app, cast, valid_from=date(year - 1, 1, 1), valid_until=date(year - 1, 12, 31))
    start, ids = Barrier(2), [new_id(), new_id()]

    def press(rollover_id: UUID, number: str) -> str:
        plan = Plan(year, date(year, 1, 1), date(year, 12, 31), (Line(ended, number, Decimal(6)),))
        start.wait(30)
        try:
            with writing(app):
                return "entered" if commands.roll_over(cast.admin.actor, rollover_id, plan) else "known"
        except Conflict:
            return "late"

    second = (ids[0] if case == "one press twice" else ids[1], "N-2" if case == "two tabs, two numbers" else "N-1")
    with ThreadPoolExecutor(2) as pool:
        told = [one.result(90) for one in [pool.submit(press, ids[0], "N-1"), pool.submit(press, *second)]]
    assert sorted(told) == ["entered", "known" if case == "one press twice" else "late"]
    with reading(app):
        counts = [session().scalar(select(func.count()).select_from(one)) for one in (Approval, Rollover, RolloverLine)]
    assert counts == [2, 1, 1]


def test_a_course_finished_while_its_approval_is_taken_back_is_finished(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    edition_id, year, rollover_id = publish_course(app, tmp_path), clock.today().year, new_id()
    ended = approve(app, cast, valid_from=date(year - 1, 1, 1), valid_until=date(year - 1, 12, 31))
    plan = Plan(year, date(year, 1, 1), date(year, 12, 31), (Line(ended, "N-1", Decimal(6)),))
    with writing(app):
        assert commands.roll_over(cast.admin.actor, rollover_id, plan)
    with ThreadPoolExecutor(1) as pool:
        with writing(app):
            assert commands.undo(cast.admin.actor, rollover_id)
            finishing = pool.submit(pass_course, app, cast.learner, edition_id)
            deadline = time.monotonic() + 60
            while not session().scalar(WAITING):
                assert time.monotonic() < deadline, "nobody waits for the approval"
                time.sleep(0.02)
        enrolment_id = finishing.result(90)
    with reading(app):
        enrolment = courses.enrolment(enrolment_id)
        assert enrolment is not None
        assert enrolment.finished_at is not None
    assert awards(app, cast.learner) == []
