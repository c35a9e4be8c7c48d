"""The outbox: once, later if it fails, never lost."""

import threading
import time
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from kernel_probe import CALLS, WAITS, Houses, write_down, written
from servers import free_port
from sqlalchemy import text

from lms.kernel import clock, outbox
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work


def send(app: Flask, task: str, words: str = "words", **options: timedelta) -> UUID:
    """Send in a unit of its own; the row's id."""
    with app.app_context():
        with unit_of_work():
            outbox.send(task, key=f"{task} {words}", words=words, **options)
        with unit_of_work(write=False):
            found = session().scalar(
                outbox.select(outbox.OutboxRow.id).where(outbox.OutboxRow.key == f"{task} {words}")
            )
            assert isinstance(found, UUID)
            return found


def drain(app: Flask) -> int:
    with app.app_context():
        done: int = app.extensions["xinglin.runner"].drain()
        return done


def state(app: Flask, row: UUID) -> outbox.OutboxRow:
    with app.app_context(), unit_of_work(write=False):
        found = session().get(outbox.OutboxRow, row)
        assert found
        session().expunge(found)
        return found


def test_it_works(kernel_app: Flask) -> None:
    row = send(kernel_app, "probe.write")
    assert drain(kernel_app) == 1
    assert written(kernel_app) == ["words"]
    assert state(kernel_app, row).state == "done"
    assert drain(kernel_app) == 0


def test_a_key_is_sent_once(kernel_app: Flask) -> None:
    with kernel_app.app_context(), unit_of_work():
        assert outbox.send("probe.write", key="k", words="first") is True
        assert outbox.send("probe.write", key="k", words="second") is False
    drain(kernel_app)
    with kernel_app.app_context(), unit_of_work():
        assert outbox.send("probe.write", key="k", words="third") is False
    drain(kernel_app)
    assert written(kernel_app) == ["first"]


def test_what_is_for_later_waits(kernel_app: Flask) -> None:
    send(kernel_app, "probe.write", after=timedelta(minutes=5))
    assert drain(kernel_app) == 0
    with clock.held_at(clock.now() + timedelta(minutes=6)):
        assert drain(kernel_app) == 1
    assert written(kernel_app) == ["words"]


def test_two_workers_on_one_row_do_it_once(kernel_app: Flask) -> None:
    row = send(kernel_app, "probe.waits")
    WAITS["words"] = lambda: time.sleep(0.2)
    start = threading.Barrier(8)
    did: list[bool] = []

    def worker() -> None:
        with kernel_app.app_context():
            start.wait()
            did.append(outbox.work(row))

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(did) == [False] * 7 + [True]
    assert CALLS == ["words"]
    assert written(kernel_app) == ["words"]


def test_a_failure_keeps_nothing_and_comes_back_later(kernel_app: Flask) -> None:
    row = send(kernel_app, "probe.fails")
    before = clock.now()
    drain(kernel_app)
    left = state(kernel_app, row)
    assert written(kernel_app) == []
    assert (left.state, left.tries) == ("ready", 1)
    assert left.run_after > before + timedelta(seconds=5)
    assert left.error == "Transient: nobody answers"
    assert drain(kernel_app) == 0, "not at once"


def test_it_is_parked_after_most_tries(kernel_app: Flask) -> None:
    row = send(kernel_app, "probe.fails")
    now = clock.now()
    for hour in range(2 * outbox.MOST_TRIES):
        with clock.held_at(now + timedelta(hours=2 * hour)):
            drain(kernel_app)
    assert len(CALLS) == outbox.MOST_TRIES
    assert state(kernel_app, row).state == "parked"
    with kernel_app.app_context(), unit_of_work(write=False):
        assert outbox.standing()["parked"] == 1


def test_a_killed_run_is_taken_over_after_its_lease(kernel_app: Flask) -> None:
    row = send(kernel_app, "probe.killed")
    with kernel_app.app_context(), pytest.raises(KeyboardInterrupt):
        outbox.work(row)
    assert state(kernel_app, row).state == "running"
    assert written(kernel_app) == [], "a killed run leaves nothing"
    assert drain(kernel_app) == 0, "the lease still holds"
    with clock.held_at(clock.now() + outbox.LEASE + timedelta(seconds=1)):
        assert drain(kernel_app) == 1
    assert written(kernel_app) == ["words"]


def test_what_kills_its_worker_each_time_is_parked_too(kernel_app: Flask) -> None:
    row = send(kernel_app, "probe.waits")
    now = clock.now()

    def die() -> None:
        raise KeyboardInterrupt

    WAITS["words"] = die
    with kernel_app.app_context():
        for hour in range(outbox.MOST_TRIES):
            with clock.held_at(now + timedelta(hours=hour)), pytest.raises(KeyboardInterrupt):
                outbox.work(row)
        with clock.held_at(now + timedelta(days=2)):
            assert outbox.work(row) is False
    assert len(CALLS) == outbox.MOST_TRIES
    assert state(kernel_app, row).state == "parked"


def test_a_run_that_lost_its_lease_keeps_nothing(houses: Houses) -> None:
    if houses.kind == "sqlite":
        return  # one writer at a time: nobody can take over while the first still writes
    app = houses.new()
    row = send(app, "probe.waits")
    entered, leave = threading.Event(), threading.Event()

    def hang() -> None:
        if len(CALLS) == 1:
            entered.set()
            leave.wait(20)

    WAITS["words"] = hang
    results: list[bool] = []

    def slow() -> None:
        with app.app_context():
            results.append(outbox.work(row))

    thread = threading.Thread(target=slow)
    thread.start()
    assert entered.wait(20)
    with clock.held_at(clock.now() + outbox.LEASE + timedelta(seconds=1)):
        assert drain(app) == 1
    leave.set()
    thread.join()
    assert results == [False]
    assert written(app) == ["words"]
    assert state(app, row).state == "done"


def test_a_dead_broker_only_delays(houses: Houses) -> None:
    app = houses.new(redis_url=f"redis://127.0.0.1:{free_port()}/0")
    started = time.monotonic()
    with app.app_context(), unit_of_work():
        write_down("cause")
        outbox.send("probe.write", key="k", words="effect")
    assert time.monotonic() - started < 5
    assert written(app) == ["cause"]
    with app.app_context():
        assert [task for task, _row in outbox.due_rows()] == ["probe.write"]


def test_old_done_rows_are_forgotten_and_others_are_not(kernel_app: Flask) -> None:
    send(kernel_app, "probe.write", "done")
    drain(kernel_app)
    send(kernel_app, "probe.write", "waiting", after=timedelta(days=60))
    with clock.held_at(clock.now() + timedelta(days=31)), kernel_app.app_context(), unit_of_work():
        outbox.prune()
    with kernel_app.app_context(), unit_of_work(write=False):
        assert session().scalars(text("SELECT state FROM outbox")).all() == ["ready"]


def test_the_thread_of_the_house_works_rows_off_by_itself(kernel_app: Flask) -> None:
    runner = kernel_app.extensions["xinglin.runner"]
    runner.start()
    try:
        send(kernel_app, "probe.write")
        end = time.monotonic() + 10
        while written(kernel_app) != ["words"] and time.monotonic() < end:
            time.sleep(0.02)
    finally:
        runner.stop()
    assert written(kernel_app) == ["words"]
    assert not runner.thread.is_alive()
