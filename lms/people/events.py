"""What people announces."""

from dataclasses import dataclass
from uuid import UUID

from lms.kernel.events import Event


@dataclass(frozen=True, slots=True)
class PersonPosted(Event):
    """A person has been registered with her first posting, or moved to another one."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class PopulationChanged(Event):
    """A person falls under other rules of continuing education than before."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class LicencesChanged(Event):
    """The days of these people's licences on file are others than before."""

    person_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ManyPosted(Event):
    """These people have been registered, moved or put under other rules, all in one transaction. `new`: all of them
    were registered in it, so that nobody else can know them yet."""

    person_ids: tuple[UUID, ...]
    new: bool = False
