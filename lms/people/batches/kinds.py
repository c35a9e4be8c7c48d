"""What a kind of batch is: its columns, and what its rows come to. A feature registers its kinds at start.

A new kind is a module with columns (`lms.sheets.columns`) and the four functions below; file, rehearsal, pages, the
copy with faults marked, audit and the way back are the same for all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from lms.kernel.actor import Actor, Role
from lms.kernel.text import Message
from lms.sheets.columns import Column, Line
from lms.sheets.incoming.tables import Fault

Tick = Callable[[int], None]
"""Hears how many lines have been looked at so far."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one line comes to. `did`: one of the kind's deeds. `label`: whom it is about, as the page shows it; `what`:
    the columns it changes. `mark`: all of it as a text, the same only if the deed is the same. `plan`: the kind's."""

    line: int
    did: str
    label: str
    what: tuple[str, ...]
    mark: str
    plan: Any


@dataclass(slots=True)
class Plan:
    """What a table comes to: steps by line, how many lines change nothing, and everything that is wrong."""

    steps: list[Step] = field(default_factory=list)
    same: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Done:
    """A line that was done: to whom, and what must be known to take it back (JSON values; it is sealed)."""

    line: int
    did: str
    person_id: UUID
    kept: Mapping[str, Any]


class Kind(Protocol):
    """A kind of batch."""

    @property
    def name(self) -> str:
        """As addresses call it."""

    @property
    def title(self) -> str:
        """As pages call it (to be translated)."""

    @property
    def purpose(self) -> str:
        """What it is for (to be translated)."""

    @property
    def way_back(self) -> str:
        """What taking a batch back does (to be translated)."""

    @property
    def roles(self) -> Sequence[Role]:
        """Who may hand in such a table: whoever holds one of these somewhere. Where, `plan` judges."""

    @property
    def by_house(self) -> bool:
        """Whether the house itself may (by a command), whom nobody can ask why."""

    @property
    def columns(self) -> Sequence[Column]:
        """Its columns, in the order of the template."""

    @property
    def deeds(self) -> Mapping[str, str]:
        """What its lines may do, in words (to be translated)."""

    def plan(self, actor: Actor, lines: Sequence[Line], tick: Tick, *, hold: bool) -> Plan:
        """What the lines come to for this actor; reads only, in units of its own or the one that is open. `hold`:
        nobody else changes what was read before the open unit ends."""

    def apply(self, actor: Actor, batch_id: UUID, steps: Sequence[Step]) -> list[Done]:
        """Do it all, in the open unit of work."""

    def held(self, actor: Actor, batch_id: UUID, done: Sequence[Done]) -> Mapping[int, Message]:
        """Which of these lines can not be taken back now, and why."""

    def take_back(self, actor: Actor, batch_id: UUID, done: Sequence[Done]) -> None:
        """Put things back as they were before these lines; none of them is held."""


KINDS: dict[str, Kind] = {}


def offered(actor: Actor) -> dict[str, Kind]:
    """The kinds of table that she may hand in, by name."""
    return {
        name: kind
        for name, kind in KINDS.items()
        if (kind.by_house if actor.system else actor.has(*kind.roles))
    }


def register(*kinds: Kind) -> None:
    """Make kinds known to the pages, tasks and commands of batches."""
    KINDS.update({kind.name: kind for kind in kinds})
