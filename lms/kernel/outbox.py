"""The transactional outbox: what must leave the transaction is a row of it.

`send` writes a row in the caller's transaction. After the commit the row is relayed: to a thread of
this process (the default) or to Celery. Either runs the same Celery task, which claims the row with
a lease, does the work and marks the row done in one transaction, so a lost, repeated or killed run
only delays. A sweep finds whatever was forgotten.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import Celery, shared_task
from flask import Flask
from sqlalchemy import Index, String, Text, Uuid, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel import bulk, clock
from lms.kernel.db import Instant, Json, Model, insert_once, session
from lms.kernel.errors import Transient
from lms.kernel.ids import new_id
from lms.kernel.sealing import sealed_info
from lms.kernel.uow import current_unit, unit_of_work

LEASE = timedelta(seconds=20)
SWEEP_SECONDS = 5
MOST_TRIES = 12
log = structlog.get_logger("outbox")


class OutboxRow(Model):
    """One effect that must happen once after its transaction has committed."""

    __tablename__ = "outbox"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    task: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    # A message on its way lies sealed in it, under the name `sealed`.
    payload: Mapped[dict[str, Any]] = mapped_column(Json, info=sealed_info("message"))
    state: Mapped[str] = mapped_column(String(10))  # ready | running | done | parked
    tries: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index(
            "ix_outbox_due",
            "run_after",
            sqlite_where=state.in_(("ready", "running")),
            postgresql_where=state.in_(("ready", "running")),
        ),
    )


HANDLERS: dict[str, Callable[..., None]] = {}
_LEASES: dict[str, timedelta] = {}
LONG: set[str] = set()
"""Tasks that take minutes: they open short units of work themselves and hold nobody else's place."""


def task(
    name: str, lease: timedelta = LEASE, *, long: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a handler; its arguments are the payload (JSON values). It may run twice. Nobody else takes a run
    over before its `lease` is out: longer for what writes large files. A `long` one runs outside of any unit of
    work, and in the one-process house in a thread of its own."""

    def register(handler: Callable[..., None]) -> Callable[..., None]:
        HANDLERS[name] = handler
        _LEASES[name] = lease
        if long:
            LONG.add(name)
        shared_task(name=name)(_celery_body)
        return handler

    return register


def _celery_body(row_id: str) -> None:
    work(UUID(row_id))


def send(task_name: str, *, key: str, after: timedelta = timedelta(0), **payload: Any) -> bool:
    """Put a task into the outbox of the open transaction; a key already used changes nothing."""
    row = _row(task_name, key, payload, after)
    made = insert_once(OutboxRow, row, on=["key"])
    if made and not after:
        current_unit().sent.append((task_name, row["id"]))
    return made


def send_all(task_name: str, payloads: Mapping[str, Mapping[str, Any]]) -> None:
    """Put a task into the outbox several times, in one statement: payloads by their keys."""
    rows = [_row(task_name, key, payload) for key, payload in payloads.items()]
    made = bulk.put_once(OutboxRow, rows, on=["key"])
    current_unit().sent.extend((task_name, row["id"]) for row in made)


def _row(
    task_name: str, key: str, payload: Mapping[str, Any], after: timedelta = timedelta(0)
) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": new_id(),
        "task": task_name,
        "key": key,
        "payload": dict(payload),
        "state": "ready",
        "tries": 0,
        "run_after": now + after,
        "made_at": now,
    }


def _due(now: datetime) -> Any:
    return or_(
        and_(OutboxRow.state == "ready", OutboxRow.run_after <= now),
        and_(OutboxRow.state == "running", OutboxRow.lease_until < now),
    )


def work(row_id: UUID) -> bool:
    """Claim one row and do it; True if this call did the work. Failures are kept for a later try."""
    claim = _claim(row_id)
    if claim is None:
        return False
    name, payload, tries = claim
    try:
        if name in LONG:
            HANDLERS[name](**payload)
        with unit_of_work():
            if name not in LONG:
                HANDLERS[name](**payload)
            marked = session().execute(
                update(OutboxRow)
                .where(OutboxRow.id == row_id, OutboxRow.tries == tries)
                .values(state="done", done_at=clock.now(), lease_until=None, error=None)
            )
            if marked.rowcount != 1:  # type: ignore[attr-defined]
                raise Transient("the lease ran out and another run took over")
    except Exception as error:
        log.exception("outbox task failed", task=name, row=str(row_id), tries=tries)
        _put_back(row_id, tries, error)
        return False
    return True


def _claim(row_id: UUID) -> tuple[str, dict[str, Any], int] | None:
    now = clock.now()
    with unit_of_work():
        row = session().execute(
            update(OutboxRow)
            .where(OutboxRow.id == row_id, _due(now))
            .values(state="running", lease_until=_lease_end(now), tries=OutboxRow.tries + 1)
            .returning(OutboxRow.task, OutboxRow.payload, OutboxRow.tries)
            .execution_options(synchronize_session=False)
        ).first()
        if row and row.tries > MOST_TRIES:
            # Every run was cut off before it could even fail: it may be killing its workers.
            session().execute(
                update(OutboxRow)
                .where(OutboxRow.id == row_id)
                .values(state="parked", lease_until=None, tries=MOST_TRIES, error="cut off each time")
            )
            return None
    return (row.task, row.payload, row.tries) if row else None


def _lease_end(now: datetime) -> Any:
    """SQL: until when a run of the row's task belongs to whoever claims it now."""
    long = {name: now + lease for name, lease in _LEASES.items() if lease != LEASE}
    ordinary = literal(now + LEASE, Instant)
    whens = [(OutboxRow.task == name, literal(end, Instant)) for name, end in long.items()]
    return case(*whens, else_=ordinary) if whens else ordinary


def _put_back(row_id: UUID, tries: int, error: Exception) -> None:
    state = "parked" if tries >= MOST_TRIES else "ready"
    wait = timedelta(seconds=min(3600, 5 * 2**tries))
    with unit_of_work():
        session().execute(
            update(OutboxRow)
            .where(OutboxRow.id == row_id, OutboxRow.tries == tries)
            .values(
                state=state,
                run_after=clock.now() + wait,
                lease_until=None,
                error=f"{type(error).__name__}: {error}"[:2000],
            )
        )


def due_rows(limit: int = 200, *, long: bool | None = None) -> list[tuple[str, UUID]]:
    """Task and id of rows that wait, oldest first; `long`: only those of long tasks, or only the others."""
    with unit_of_work(write=False):
        statement = select(OutboxRow.task, OutboxRow.id).where(_due(clock.now()))
        if long is not None:
            statement = statement.where(OutboxRow.task.in_(LONG) if long else OutboxRow.task.not_in(LONG))
        rows = session().execute(statement.order_by(OutboxRow.run_after, OutboxRow.id).limit(limit))
        return [(row.task, row.id) for row in rows]


def waits(key: str) -> bool:
    """Whether the task of this key is still to be done."""
    state = session().scalar(select(OutboxRow.state).where(OutboxRow.key == key))
    return state in ("ready", "running")


def given_up(beginning: str) -> bool:
    """Whether a task whose key begins so was given up after too many tries."""
    found = select(OutboxRow.id).where(_parked(beginning)).limit(1)
    return session().scalar(found) is not None


def _parked(beginning: str) -> Any:
    return and_(OutboxRow.key.startswith(beginning, autoescape=True), OutboxRow.state == "parked")


def try_again(beginning: str) -> int:
    """Let the tasks whose keys begin so, and that were given up, run again as if for the first time; how many."""
    rows = session().execute(
        update(OutboxRow)
        .where(_parked(beginning))
        .values(state="ready", tries=0, run_after=clock.now(), error=None)
        .returning(OutboxRow.task, OutboxRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    current_unit().sent.extend((row.task, row.id) for row in rows)
    return len(rows)


def standing() -> dict[str, Any]:
    """How many rows wait or are parked, and the age in seconds of the oldest due one."""
    now = clock.now()
    waiting, oldest = session().execute(
        select(func.count(), func.min(OutboxRow.run_after)).where(_due(now))
    ).one()
    parked = session().scalar(
        select(func.count()).select_from(OutboxRow).where(OutboxRow.state == "parked")
    )
    if isinstance(oldest, datetime):
        age = (now - oldest).total_seconds()
    else:
        age = 0.0
    return {"waiting": waiting, "parked": parked, "oldest_seconds": round(age, 1)}


def prune() -> None:
    """Forget what was done more than thirty days ago."""
    session().execute(
        OutboxRow.__table__.delete().where(  # type: ignore[attr-defined]
            OutboxRow.state == "done", OutboxRow.done_at < clock.now() - timedelta(days=30)
        )
    )


def rows_of(task_name: str) -> list[OutboxRow]:
    """Every row of a task that is still here, done or not."""
    return list(session().scalars(select(OutboxRow).where(OutboxRow.task == task_name)))


def forget(row_id: UUID) -> None:
    """Remove a row, done or not: only for what may not be kept any longer."""
    session().execute(delete(OutboxRow).where(OutboxRow.id == row_id))


Pulses = Mapping[str, tuple[float, Callable[[], object]]]


class InProcess:
    """The embedded runner: a daemon thread that works rows off as they are committed, and one for each pulse
    (its name, with seconds and what to do)."""

    def __init__(self, app: Flask, celery_app: Celery, tick: Callable[[], None], pulses: Pulses | None = None) -> None:
        self.app, self.celery, self.tick = app, celery_app, tick
        self.pulses: Pulses = pulses if pulses is not None else {}
        self.wake, self.wake_long = threading.Event(), threading.Event()
        self.stopped = threading.Event()
        self.thread: threading.Thread | None = None
        self.beats: list[threading.Thread] = []

    def relay(self, rows: Sequence[tuple[str, UUID]]) -> None:
        """Called after a commit: there is work."""
        self.wake.set()
        self.wake_long.set()

    def start(self) -> None:
        """Start the threads (once a process, never before a fork)."""
        self.thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self.beats = [
            threading.Thread(target=self._beat, args=pulse, name=name, daemon=True)
            for name, pulse in self.pulses.items()
        ]
        self.beats.append(threading.Thread(target=self._run_long, name="outbox-long", daemon=True))
        for thread in (self.thread, *self.beats):
            thread.start()

    def stop(self) -> None:
        """Finish the row in hand and end the threads."""
        self.stopped.set()
        self.wake.set()
        self.wake_long.set()
        for thread in (self.thread, *self.beats):
            if thread:
                thread.join(timeout=30)

    def drain(self, *, long: bool | None = None) -> int:
        """Work off everything that is due now (or only long tasks, or only the others); the number of rows done."""
        done = 0
        while rows := due_rows(long=long):
            for name, row_id in rows:
                if self.stopped.is_set():
                    return done
                self.celery.tasks[name].apply(args=(str(row_id),), task_id=str(row_id), throw=True)
                done += 1
        return done

    def _run(self) -> None:
        while not self.stopped.is_set():
            self.wake.wait(SWEEP_SECONDS)
            self.wake.clear()
            try:
                with self.app.app_context():
                    self.tick()
                    self.drain(long=False)
            except Exception:
                log.exception("outbox sweep failed")
                self.stopped.wait(1)

    def _run_long(self) -> None:
        while not self.stopped.is_set():
            self.wake_long.wait(SWEEP_SECONDS)
            self.wake_long.clear()
            try:
                with self.app.app_context():
                    self.drain(long=True)
            except Exception:
                log.exception("long work failed")
                self.stopped.wait(1)

    def _beat(self, seconds: float, run: Callable[[], object]) -> None:
        while not self.stopped.wait(seconds):
            try:
                with self.app.app_context():
                    run()
            except Exception:
                log.exception("pulse failed", pulse=threading.current_thread().name)


class ThroughCelery:
    """The production runner: each row is one Celery message; a lost one is swept up by beat."""

    PAUSE_SECONDS = 5.0
    PRIORITY = 6  # behind the schedule and its pulses (0), however many certificates wait to be drawn

    def __init__(self, celery_app: Celery) -> None:
        self.celery = celery_app
        self.silent_until = 0.0

    def relay(self, rows: Sequence[tuple[str, UUID]]) -> None:
        """Publish after the commit. A dead broker only delays: the sweep publishes again, and for a
        while nobody waits for the broker once more."""
        if time.monotonic() < self.silent_until:
            return
        try:
            for name, row_id in rows:
                self.celery.send_task(
                    name, args=(str(row_id),), task_id=str(row_id), retry=False, priority=self.PRIORITY
                )
        except Exception as error:
            self.silent_until = time.monotonic() + self.PAUSE_SECONDS
            log.warning("broker did not take the message", error=str(error))

    def sweep(self) -> int:
        """Publish every row that is due."""
        rows = due_rows()
        self.relay(rows)
        return len(rows)
