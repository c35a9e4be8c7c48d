"""Everybody's year made anew: from the shell, by night, and in shares."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from cast import Cast
from compliance_stage import add_doctor, counted_anew, spoil, stored
from credit_stage import FACE, LECTURE, reading, record, writing
from flask import Flask
from sqlalchemy import func, select

from lms.credits.compliance import commands, tasks
from lms.credits.models import YearResult
from lms.kernel import clock, jobs
from lms.kernel.db import session

YEAR = clock.today().year


def rows_of(app: Flask, year: int) -> int:
    with reading(app):
        return session().scalar(select(func.count()).select_from(YearResult).where(YearResult.year == year)) or 0


def forget(app: Flask) -> None:
    with writing(app):
        session().execute(YearResult.__table__.delete())


def test_the_command_makes_a_year_and_answers_in_json(app: Flask, cast: Cast) -> None:
    record(app, cast, cast.learner, **FACE)
    before = stored(app, cast.learner.person_id, YEAR)
    forget(app)
    done = app.test_cli_runner().invoke(args=["credits", "compliance", "--year", str(YEAR), "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    people = len(cast.members)
    assert answer == {
        "years": [{"year": YEAR, "people": people, "made": people, "renewed": 0, "different": 0, "same": 0}]
    }
    assert f"已算 {people} 人" in done.stderr
    assert stored(app, cast.learner.person_id, YEAR) == before
    again = app.test_cli_runner().invoke(args=["credits", "compliance"])
    assert again.exit_code == 0
    assert f"没有变 {people}" in again.stdout


def test_all_means_every_year_with_awards(app: Flask, cast: Cast) -> None:
    record(app, cast, cast.learner, **(LECTURE | {"on_date": date(YEAR - 1, 4, 1)}))
    forget(app)
    done = app.test_cli_runner().invoke(args=["credits", "compliance", "--all", "--json"])
    assert [one["year"] for one in json.loads(done.stdout)["years"]] == [YEAR - 1, YEAR]
    assert rows_of(app, YEAR - 1) == rows_of(app, YEAR) == len(cast.members)


@pytest.mark.parametrize("words", [("--part", "3/2"), ("--part", "x"), ("--year", "12"), ("--all", "--year", "2026")])
def test_wrong_words_are_refused_and_nothing_is_written(app: Flask, cast: Cast, words: tuple[str, ...]) -> None:
    forget(app)
    done = app.test_cli_runner().invoke(args=["credits", "compliance", *words])
    assert done.exit_code == 2
    assert rows_of(app, YEAR) == 0


def test_shares_are_everybody_once(app: Flask, cast: Cast) -> None:
    for number in range(20):
        add_doctor(app, cast, 400 + number)
    with reading(app):
        whole = list(commands.ranges(size=3))
        shares = [list(commands.ranges(part, 3, size=3)) for part in (1, 2, 3)]
    assert sorted(one for share in shares for one in share) == sorted(whole)
    assert len(whole) == 10
    forget(app)
    for part in ("1/2", "2/2"):
        done = app.test_cli_runner().invoke(args=["credits", "compliance", "--batch", "3", "--part", part])
        assert done.exit_code == 0
    assert rows_of(app, YEAR) == len(cast.members) + 20


def test_a_run_that_was_cut_off_is_simply_run_again(app: Flask, cast: Cast) -> None:
    for number in range(8):
        add_doctor(app, cast, 400 + number)
    forget(app)
    with reading(app):
        first = next(commands.ranges(size=4))
    with writing(app):
        commands.recompute(YEAR, *first)
    assert rows_of(app, YEAR) == 4
    done = app.test_cli_runner().invoke(args=["credits", "compliance", "--batch", "4", "--json"])
    (answer,) = json.loads(done.stdout)["years"]
    assert (answer["made"], answer["same"], answer["different"]) == (12, 4, 0)


def at(day: date, hour: int) -> datetime:
    """That hour of the day on the clocks of the house."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 8)


def test_by_night_every_row_is_checked(app: Flask, cast: Cast, work_off: object) -> None:
    assert jobs.JOBS["credits.compliance"].run is tasks.nightly
    spoil(app, cast.learner.person_id, YEAR, counted_milli=7)
    night = at(clock.today(), 3)
    with clock.held_at(night), writing(app):
        tasks.nightly()
    with clock.held_at(night + timedelta(minutes=1)):
        assert work_off(app) == 2  # type: ignore[operator]
    assert stored(app, cast.learner.person_id, YEAR) == counted_anew(app, cast.learner.person_id, YEAR)
    assert rows_of(app, YEAR - 1) == len(cast.members)


def test_by_day_nothing_is_sent_unless_nobodys_year_is_stored(app: Flask, cast: Cast, work_off: object) -> None:
    noon = at(clock.today(), 12)
    with clock.held_at(noon), writing(app):
        tasks.nightly()
    assert work_off(app) == 0  # type: ignore[operator]
    forget(app)
    with clock.held_at(noon), writing(app):
        tasks.nightly()
        tasks.nightly()
    with clock.held_at(noon + timedelta(minutes=1)):
        assert work_off(app) == 2  # type: ignore[operator]
    assert rows_of(app, YEAR) == len(cast.members)


def test_the_coming_year_begins_with_everybody_in_it(app: Flask, cast: Cast, work_off: object) -> None:
    night = at(date(YEAR, 12, 10), 3)
    with clock.held_at(night), writing(app):
        tasks.nightly()
    with clock.held_at(night + timedelta(minutes=1)):
        assert work_off(app) == 3  # type: ignore[operator]
        row = stored(app, cast.learner.person_id, YEAR + 1)
    assert row is not None
    assert row["compliance"] == "fail"
    with clock.held_at(at(date(YEAR + 1, 1, 2), 9)):
        assert counted_anew(app, cast.learner.person_id, YEAR + 1) == row
