"""What the rules look at, and what they find. Instants are aware, codes and responses are plain text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Kind(StrEnum):
    """What may be noticed."""

    PACE = "pace"
    COPY = "copy"
    DEVICE = "device"
    PLACES = "places"
    BURST = "burst"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer that counted at one question; `response` is its canonical text."""

    item: str
    response: str
    right: bool


@dataclass(frozen=True, slots=True)
class Sitting:
    """One submitted attempt. `characters`: of the questions (stem and options) that she had not met before.
    `seconds`: from the start to the last answer or the submission, whichever came first."""

    id: UUID
    person_id: UUID
    course: str
    number: int
    started_at: datetime
    ended_at: datetime
    seconds: int
    characters: int
    unseen: int
    passed: bool
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """A sign-in: one person on one device from an instant to the last she was seen. `shared`: she said so."""

    device: str
    person_id: UUID
    since: datetime
    until: datetime
    shared: bool


@dataclass(frozen=True, slots=True)
class Presence:
    """An activity that takes a person to a place, all its days counted; `hours` over all of them."""

    id: UUID
    person_id: UUID
    kind: str
    holder: str
    first: date
    last: date
    hours: float
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finished:
    """A course that was finished, with the study hours it stands for."""

    id: UUID
    person_id: UUID
    at: datetime
    hours: float
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at. `subject` names it within its kind, so that it is noted once; `strength` only grows
    with more evidence; `evidence` is JSON."""

    kind: Kind
    subject: str
    people: tuple[UUID, ...]
    strength: float
    evidence: dict[str, Any]
