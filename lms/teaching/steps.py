"""What happened to entries and rotations: written by commands, read in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.teaching.models import PracticeStep, RotationStep

OWN, SUPERVISOR, PLANNER = "own", "supervisor", "planner"
"""As whom somebody acted (`level`)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened."""

    action: str
    level: str
    by_name: str
    reason: str
    at: datetime


def add_entry_step(
    actor: Actor, entry_id: UUID, action: str, level: str, content: Mapping[str, Any], reason: str = ""
) -> None:
    """Append to the history of an entry."""
    session().execute(insert(PracticeStep).values(entry_id=entry_id, **_values(actor, action, level, content, reason)))


def add_rotation_step(
    actor: Actor, rotation_id: UUID, action: str, level: str, content: Mapping[str, Any], reason: str = ""
) -> None:
    """Append to the history of a rotation."""
    values = _values(actor, action, level, content, reason)
    session().execute(insert(RotationStep).values(rotation_id=rotation_id, **values))


def _values(actor: Actor, action: str, level: str, content: Mapping[str, Any], reason: str) -> dict[str, Any]:
    return {
        "id": new_id(), "action": action, "level": level, "by": actor.person_id, "by_name": actor.name,
        "reason": reason, "content": dict(content), "at": clock.now(),
    }  # fmt: skip


def steps_of_entry(entry_id: UUID) -> list[Step]:
    """The history of an entry, oldest first."""
    return _read(PracticeStep, PracticeStep.entry_id == entry_id)


def steps_of_rotation(rotation_id: UUID) -> list[Step]:
    """The history of a rotation, oldest first."""
    return _read(RotationStep, RotationStep.rotation_id == rotation_id)


def _read(model: type[PracticeStep] | type[RotationStep], which: Any) -> list[Step]:
    rows = session().execute(
        select(model.action, model.level, model.by_name, model.reason, model.at)
        .where(which)
        .order_by(model.at, model.id)
    )
    return [Step(*row) for row in rows]
