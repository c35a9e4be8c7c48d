"""The unit of work: the only place that commits.

open → work → tell events until quiet → commit → relay the outbox. Any error rolls all back.
Requests, tasks and shell commands open the same one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import current_app

from lms.kernel import events
from lms.kernel.db import reading, session, writing


@dataclass
class Unit:
    """What one unit of work has gathered."""

    queue: list[events.Event] = field(default_factory=list)
    sent: list[tuple[str, UUID]] = field(default_factory=list)
    # What is worth reading once in a unit, by whoever reads it.
    notes: dict[str, Any] = field(default_factory=dict)
    doomed: bool = False

    def doom(self) -> None:
        """Roll back at the end although nothing was raised (an answer that is a refusal)."""
        self.doomed = True


_open: ContextVar[Unit | None] = ContextVar("unit_of_work", default=None)


def current_unit() -> Unit:
    """The open unit; raises RuntimeError when there is none."""
    unit = _open.get()
    if unit is None:
        raise RuntimeError("no unit of work is open")
    return unit


@contextmanager
def unit_of_work(*, write: bool = True) -> Iterator[Unit]:
    """Open a unit of work, or join the one that is open. With write=False nothing of it stays."""
    outer = _open.get()
    if outer is not None:
        yield outer
        return
    unit = Unit()
    tokens = (_open.set(unit), events.pending.set(unit.queue), writing.set(write), reading.set(not write))
    try:
        yield unit
        if write and not unit.doomed:
            _tell_all(unit)
            session().commit()
        else:
            unit.sent.clear()
    except BaseException:
        session().rollback()
        unit.sent.clear()
        raise
    finally:
        # First of all: a unit that stayed open would swallow everything this thread does later.
        _open.reset(tokens[0])
        events.pending.reset(tokens[1])
        writing.reset(tokens[2])
        reading.reset(tokens[3])
        # Rolls back what was not committed.
        session().close()
    if unit.sent:
        current_app.extensions["xinglin.relay"](unit.sent)


def _tell_all(unit: Unit) -> None:
    bus: events.Bus = current_app.extensions["xinglin.bus"]
    while unit.queue:
        bus.tell(unit.queue.pop(0))
