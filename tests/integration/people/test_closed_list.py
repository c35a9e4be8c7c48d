"""Whoever is due is erased by herself, and the list apart from backups bears a torn line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member
from flask import Flask
from sqlalchemy import select

from lms.kernel import audit, clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.people import schedule
from lms.people.privacy import apart, closing
from lms.people.privacy.models import Closing, ErasureLine

WorkOff = Callable[[Flask], int]


def restricted(app: Flask, *members: Member) -> None:
    """Accounts that were closed, and are due today."""
    with app.app_context(), unit_of_work():
        for member in members:
            closing.restrict(member.person_id, how="office", at=clock.now(), due=clock.today())


def states(app: Flask) -> dict[UUID, str]:
    with app.app_context(), unit_of_work(write=False):
        return {row.person_id: row.state for row in session().scalars(select(Closing))}


def listed(app: Flask) -> list[ErasureLine]:
    with app.app_context(), unit_of_work(write=False):
        return list(session().scalars(select(ErasureLine)))


@pytest.fixture
def one_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """Who cannot be erased, after half of it was done."""
    record = audit.record

    def fail(actor: Any, action: str, thing: str, thing_id: object, **details: Any) -> None:
        if action == "person.erased" and thing_id == cast.learner.person_id:
            raise OSError(5, "Input/output error")
        record(actor, action, thing, thing_id, **details)

    monkeypatch.setattr(audit, "record", fail)
    return cast.learner.person_id


def test_who_cannot_be_erased_keeps_nobody_else_waiting(
    app: Flask, cast: Cast, one_fails: UUID, work_off: WorkOff
) -> None:
    restricted(app, cast.learner, cast.colleague)
    with app.app_context(), unit_of_work():
        schedule.sweep()
        schedule.sweep()
    work_off(app)
    assert states(app) == {one_fails: "restricted", cast.colleague.person_id: "erased"}


def test_nor_on_the_shell(app: Flask, cast: Cast, one_fails: UUID) -> None:
    restricted(app, cast.learner, cast.colleague)
    done = app.test_cli_runner().invoke(args=["privacy", "sweep"])
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert (answer["erased"], answer["failed"]) == (1, [str(one_fails)])
    assert states(app) == {one_fails: "restricted", cast.colleague.person_id: "erased"}


def replayed(app: Flask, path: Path) -> tuple[int, dict[str, Any], str]:
    done = app.test_cli_runner().invoke(args=["privacy", "replay", str(path)])
    return done.exit_code, json.loads(done.stdout), done.stderr


def line(person_id: UUID, state: str = "restricted") -> str:
    told = {"person": str(person_id), "state": state, "at": clock.now().isoformat(), "due_on": str(clock.today())}
    return json.dumps(told) + "\n"


def test_a_torn_line_takes_no_other_with_it(
    app: Flask, cast: Cast, work_off: WorkOff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full in the middle of a line; the next one begins on its own."""
    path = tmp_path / "list"
    monkeypatch.setattr(apart, "place", lambda: path)
    restricted(app, cast.learner)
    work_off(app)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:30])
    restricted(app, cast.colleague)
    work_off(app)
    lines = path.read_bytes().split(b"\n")
    assert [len(one) > 30 for one in lines] == [True, False, True, False]
    code, answer, said = replayed(app, path)
    assert (code, answer["lines"], answer["unreadable"]) == (1, 2, [2])
    assert "第 2 行" in said


def test_what_can_be_read_of_a_list_is_done(app: Flask, cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "list"
    good = line(cast.learner.person_id), line(cast.colleague.person_id, "erased")
    path.write_bytes(good[0].encode() + b"\xff\xfe{\n\n[]\n" + good[1].encode())
    code, answer, _ = replayed(app, path)
    assert (code, answer["changed"], answer["unreadable"]) == (1, 2, [2, 4])
    assert states(app) == {cast.learner.person_id: "restricted", cast.colleague.person_id: "erased"}


def test_one_whom_the_replay_fails_for_keeps_nobody_else(
    app: Flask, cast: Cast, one_fails: UUID, tmp_path: Path
) -> None:
    path = tmp_path / "list"
    path.write_text(line(one_fails, "erased") + line(cast.colleague.person_id, "erased"))
    code, answer, _ = replayed(app, path)
    assert (code, answer["changed"], answer["failed"]) == (1, 1, [str(one_fails)])
    assert states(app) == {cast.colleague.person_id: "erased"}


def test_who_is_not_in_this_house_stays_on_its_list(
    app: Flask, cast: Cast, work_off: WorkOff, tmp_path: Path
) -> None:
    """Registered and erased after this backup; the next one, older or newer, may know her."""
    path, unknown = tmp_path / "list", new_id()
    path.write_text(line(unknown) + line(unknown, "erased"))
    for _ in range(2):
        code, answer, _ = replayed(app, path)
        assert (code, answer["changed"]) == (0, 0)
    assert sorted((one.person_id, one.state) for one in listed(app)) == [(unknown, "erased"), (unknown, "restricted")]
    work_off(app)
    with app.app_context():
        assert apart.place().read_text().count(str(unknown)) == 2
