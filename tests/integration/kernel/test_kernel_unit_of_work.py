"""One unit of work: all of it or nothing, and nothing leaves before the commit."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from kernel_probe import write_down, written
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError

from lms.kernel import outbox
from lms.kernel.db import session
from lms.kernel.events import Event, announce
from lms.kernel.ids import new_id
from lms.kernel.uow import current_unit, unit_of_work


@dataclass(frozen=True)
class SomethingHappened(Event):
    what: str


@dataclass(frozen=True)
class SomethingFollowed(Event):
    thing_id: UUID


def outbox_rows(app: Flask) -> int:
    with app.app_context(), unit_of_work(write=False):
        return int(session().scalar(text("SELECT count(*) FROM outbox")) or 0)


def told(app: Flask) -> bool:
    """Whether the runner was woken: the unit of work relayed something."""
    return bool(app.extensions["xinglin.runner"].wake.is_set())


def test_it_works(kernel_app: Flask) -> None:
    with kernel_app.app_context(), unit_of_work():
        write_down("kept")
        outbox.send("probe.write", key="k", words="later")
        assert not told(kernel_app), "relayed before the commit"
    assert written(kernel_app) == ["kept"]
    assert told(kernel_app)
    assert outbox_rows(kernel_app) == 1


def test_an_error_rolls_all_back_and_nothing_is_relayed(kernel_app: Flask) -> None:
    def fail() -> None:
        with unit_of_work():
            write_down("lost")
            outbox.send("probe.write", key="k", words="lost")
            raise ZeroDivisionError

    with kernel_app.app_context(), pytest.raises(ZeroDivisionError):
        fail()
    assert written(kernel_app) == []
    assert outbox_rows(kernel_app) == 0
    assert not told(kernel_app)


def test_a_failing_commit_relays_nothing(kernel_app: Flask) -> None:
    def fail() -> None:
        with unit_of_work():
            write_down("lost")
            outbox.send("probe.write", key="k", words="lost")
            session().execute(text("INSERT INTO child VALUES (1)"))

    with kernel_app.app_context():
        with unit_of_work():
            session().execute(text("CREATE TABLE mother (id integer PRIMARY KEY)"))
            session().execute(
                text(
                    "CREATE TABLE child (mother integer REFERENCES mother (id) "
                    "DEFERRABLE INITIALLY DEFERRED)"
                )
            )
        with pytest.raises(IntegrityError):
            fail()
    assert written(kernel_app) == []
    assert outbox_rows(kernel_app) == 0
    assert not told(kernel_app)


def test_a_doomed_unit_keeps_nothing(kernel_app: Flask) -> None:
    with kernel_app.app_context(), unit_of_work() as unit:
        write_down("lost")
        outbox.send("probe.write", key="k", words="lost")
        unit.doom()
    assert written(kernel_app) == []
    assert not told(kernel_app)


def test_a_nested_unit_joins_the_open_one(kernel_app: Flask) -> None:
    def fail() -> None:
        with unit_of_work() as outer:
            with unit_of_work() as inner:
                write_down("inner")
            assert inner is outer is current_unit()
            raise ZeroDivisionError

    with kernel_app.app_context(), pytest.raises(ZeroDivisionError):
        fail()
    assert written(kernel_app) == []


def test_a_reading_unit_writes_nothing(kernel_app: Flask) -> None:
    # PostgreSQL refuses at the first write; on SQLite all of it is rolled back.
    with kernel_app.app_context(), suppress(InternalError), unit_of_work(write=False):
        write_down("lost")
        outbox.send("probe.write", key="k", words="lost")
    assert written(kernel_app) == []
    assert not told(kernel_app)


def test_events_are_told_in_order_before_the_commit(kernel_app: Flask) -> None:
    bus = kernel_app.extensions["xinglin.bus"]
    seen: list[str] = []

    def first(happened: SomethingHappened) -> None:
        seen.append("first")
        assert current_unit()
        write_down(f"because of {happened.what}")
        announce(SomethingFollowed(new_id()))

    bus.on(SomethingHappened, first)
    bus.on(SomethingHappened, lambda happened: seen.append("second"))
    bus.on(SomethingFollowed, lambda happened: seen.append("followed"))
    with kernel_app.app_context(), unit_of_work():
        write_down("cause")
        announce(SomethingHappened("cause"))
        assert seen == []
    assert seen == ["first", "second", "followed"]
    assert written(kernel_app) == ["cause", "because of cause"]


def test_a_failing_reaction_fails_everything(kernel_app: Flask) -> None:
    def refuse(_happened: SomethingHappened) -> None:
        raise ZeroDivisionError

    def cause() -> None:
        with unit_of_work():
            write_down("cause")
            outbox.send("probe.write", key="k", words="lost")
            announce(SomethingHappened("cause"))

    kernel_app.extensions["xinglin.bus"].on(SomethingHappened, refuse)
    with kernel_app.app_context(), pytest.raises(ZeroDivisionError):
        cause()
    assert written(kernel_app) == []
    assert not told(kernel_app)


def test_events_need_a_unit(kernel_app: Flask) -> None:
    with kernel_app.app_context(), pytest.raises(RuntimeError):
        announce(SomethingHappened("nowhere"))
