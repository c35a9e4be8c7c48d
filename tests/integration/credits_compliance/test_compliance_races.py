"""Several at once on PostgreSQL, where nothing queues for a single lock: the row ends as the awards stand."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from cast import Cast
from compliance_stage import is_right, run_all, spoil
from credit_stage import FACE, LECTURE, SAID, reading, record, writing
from flask import Flask
from houses import House
from sqlalchemy import select

from lms.credits import commands as credits
from lms.credits.models import Award
from lms.kernel import clock
from lms.kernel.db import session
from lms.people import commands as people

pytestmark = pytest.mark.races
YEAR = clock.today().year


@pytest.fixture
def house(postgresql_house: House) -> House:
    postgresql_house.restore()
    return postgresql_house


def at_once(deeds: list[Callable[[], object]]) -> None:
    """Begin all at the same moment; raise what any of them raised."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        start.wait()
        deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(run, deed) for deed in deeds]:
            done.result(60)


def awards_of(app: Flask, person_id: UUID) -> list[Award]:
    with reading(app):
        found = list(session().scalars(select(Award).where(Award.person_id == person_id).order_by(Award.id)))
        session().expunge_all()
        return found


def lecture(number: int) -> dict[str, Any]:
    return LECTURE | {"on_date": date(YEAR, 1 + number % 10, 1 + number // 10)}


def test_awards_returned_at_the_same_moment_are_all_left_out(app: Flask, cast: Cast) -> None:
    """Each of these transactions changes another award and sees none of the others' changes."""
    for round_ in range(4):
        for number in range(8):
            record(app, cast, cast.learner, **lecture(round_ * 8 + number))
        given = [one for one in awards_of(app, cast.learner.person_id) if one.state == "granted"]
        # All are open, and have changed their award, before the first of them ends.
        changed = Barrier(len(given))

        def put_back(award: Award, changed: Barrier = changed) -> None:
            with writing(app):
                credits.return_award(cast.county_auditor.actor, award.id, version=award.version, **SAID)
                changed.wait()

        at_once([lambda award=award: put_back(award) for award in given])
        assert is_right(app, cast.learner)["counted_milli"] == 0


def test_awards_moves_runs_and_decisions_at_once_leave_the_row_right(app: Flask, cast: Cast) -> None:
    learner, places = cast.learner, cast.places
    for number in range(4):
        record(app, cast, learner, **lecture(number))
    first = awards_of(app, learner.person_id)

    def enter() -> None:
        for number in range(4, 14):
            record(app, cast, learner, **lecture(number))

    def enter_projects() -> None:
        for number in range(4):
            record(app, cast, learner, **(FACE | {"project_number": f"{YEAR}-14-00-{number:03d}"}))

    def decide() -> None:
        for award in first:
            with writing(app):
                credits.return_award(cast.county_auditor.actor, award.id, version=1, **SAID)
            with writing(app):
                credits.approve_award(cast.county_auditor.actor, award.id, version=2)

    def edit() -> None:
        for population in ("staff", "physician") * 4:
            with writing(app):
                people.edit_person(cast.admin.actor, learner.person_id, name=learner.name, population=population)

    def move() -> None:
        for number, place in enumerate(("LB-YL-LX", "LB-YL-YY", "LB-YL-LX-SM", "LB-YL-LX"), start=1):
            with writing(app):
                people.move_posting(
                    cast.admin.actor, learner.person_id, workplace_id=places[place], on=date(YEAR, number, 1)
                )

    def run() -> None:
        for _ in range(12):
            spoil(app, cast.colleague.person_id, YEAR, lacking="")
            assert run_all(app, YEAR)["different"] <= 1

    at_once([enter, enter_projects, decide, edit, move, run])
    row = is_right(app, learner)
    assert row["counted_milli"] == 14 * 500 + 4 * 10_000
    run_all(app, YEAR)
    assert run_all(app, YEAR)["same"] == len(cast.members)


def test_two_runs_at_once_make_every_row_once(app: Flask, cast: Cast) -> None:
    for member in cast.members:
        spoil(app, member.person_id, YEAR, counted_milli=7)
    at_once([lambda: run_all(app, YEAR)] * 3)
    for member in cast.members:
        is_right(app, member)
