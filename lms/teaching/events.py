"""What teaching announces."""

from dataclasses import dataclass
from uuid import UUID

from lms.kernel.events import Event


@dataclass(frozen=True, slots=True)
class PracticeDecided(Event):
    """A supervisor has signed entries of these people, or returned one, by one press."""

    person_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class RotationMoved(Event):
    """A rotation of this person was planned, changed, finished, returned or cancelled (`state` it has now)."""

    person_id: UUID
    rotation_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class ManyRotationsMoved(Event):
    """Rotations of these people were planned, or cancelled, by one table."""

    person_ids: tuple[UUID, ...]
