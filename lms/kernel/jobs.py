"""What happens by the clock. A slot of a job is a row, so a second scheduler does no harm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel import clock, messages, outbox
from lms.kernel.db import Instant, Model, insert_once, session
from lms.kernel.uow import unit_of_work


class JobRun(Model):
    """One slot of one job, taken by whichever scheduler came first."""

    __tablename__ = "job_run"
    job: Mapped[str] = mapped_column(String(80), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


@dataclass(frozen=True)
class Job:
    """Something done every `seconds`."""

    name: str
    seconds: int
    run: Callable[[], object]


JOBS: dict[str, Job] = {}


def every(*, minutes: float, name: str, run: Callable[[], object]) -> Job:
    """A job by its interval; `app.py` registers it."""
    return Job(name=name, seconds=int(minutes * 60), run=run)


def register(jobs: Sequence[Job]) -> None:
    """Make jobs known to the scheduler."""
    JOBS.update({job.name: job for job in jobs})


@dataclass(frozen=True)
class Pulse:
    """Something done every second or few, too often for a row each time: it must bear being done twice at once,
    late, or not at all, and opens its own units of work."""

    name: str
    seconds: float
    run: Callable[[], object]


PULSES: dict[str, Pulse] = {}


def pulse(name: str) -> None:
    """Do one pulse now."""
    PULSES[name].run()


def register_pulses(pulses: Sequence[Pulse]) -> None:
    """Make pulses known: each gets a thread in the one-process house, and a message of beat's elsewhere."""
    PULSES.update({pulse.name: pulse for pulse in pulses})


def tick() -> None:
    """Put every job whose slot has come into the outbox, once a slot."""
    stamp = int(clock.now().timestamp())
    for job in JOBS.values():
        slot = stamp // job.seconds
        if _taken.get(job.name) == slot:
            continue
        with unit_of_work():
            first = insert_once(
                JobRun, {"job": job.name, "slot": slot, "at": clock.now()}, on=["job", "slot"]
            )
            if first:
                outbox.send("jobs.run", key=f"job:{job.name}:{slot}", name=job.name)
        _taken[job.name] = slot


_taken: dict[str, int] = {}


@outbox.task("jobs.run")
def run(name: str) -> None:
    """Do one job in the unit of work of its outbox row."""
    JOBS[name].run()


def last_seconds() -> float | None:
    """Seconds since a job was last put into the outbox; None if none ever was."""
    last = session().scalar(select(func.max(JobRun.at)))
    return round((clock.now() - last).total_seconds(), 1) if last else None


def prune() -> None:
    """Forget old slots, old done outbox rows and old kept messages."""
    session().execute(delete(JobRun).where(JobRun.at < clock.now() - timedelta(days=7)))
    outbox.prune()
    messages.prune()


KERNEL_JOBS = [every(minutes=24 * 60, name="kernel.prune", run=prune)]


def forget_slots() -> None:
    """Forget which slots this process has seen (a database put back has not seen them)."""
    _taken.clear()
