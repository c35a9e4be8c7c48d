"""Jobs: a slot once, however many schedulers."""

import threading
from datetime import timedelta

from flask import Flask
from kernel_probe import write_down, written

from lms.kernel import clock, jobs
from lms.kernel.jobs import every
from lms.kernel.uow import unit_of_work


def only(name: str, minutes: float) -> None:
    """Let there be no other job than one that leaves a row."""
    jobs.JOBS.clear()
    jobs.register([every(minutes=minutes, name=name, run=lambda: write_down(name))])


def drain(app: Flask) -> None:
    with app.app_context():
        app.extensions["xinglin.runner"].drain()


def test_a_slot_runs_once_and_the_next_one_again(kernel_app: Flask) -> None:
    only("probe.job", 10)
    start = clock.now()
    with kernel_app.app_context():
        for minute in (0, 0, 10):
            with clock.held_at(start + timedelta(minutes=minute)):
                jobs.tick()
                jobs.tick()
                jobs.forget_slots()  # as another process, or this one started again
    with clock.held_at(start + timedelta(minutes=11)):
        drain(kernel_app)
    assert written(kernel_app) == ["probe.job"] * 2


def test_two_schedulers_do_no_harm(kernel_app: Flask) -> None:
    only("probe.job", 10)
    moment = clock.now()
    start = threading.Barrier(2)

    def scheduler() -> None:
        with kernel_app.app_context(), clock.held_at(moment):
            for _ in range(5):
                jobs.forget_slots()
                start.wait()
                jobs.tick()

    threads = [threading.Thread(target=scheduler) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain(kernel_app)
    assert written(kernel_app) == ["probe.job"]


def test_it_says_when_the_schedule_last_ran(kernel_app: Flask) -> None:
    only("probe.job", 10)
    now = clock.now()
    with kernel_app.app_context():
        with unit_of_work(write=False):
            assert jobs.last_seconds() is None
        with clock.held_at(now):
            jobs.tick()
        with clock.held_at(now + timedelta(seconds=90)), unit_of_work(write=False):
            assert jobs.last_seconds() == 90.0
