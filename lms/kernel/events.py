"""What happened, told upward inside the same transaction.

A command announces; the unit of work hands each event, right before it commits, to the reactions
that `app.py` has registered. A reaction that fails fails everything: credit must not be lost.
"""

from collections import defaultdict
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar


class Event:
    """Base of all events: frozen dataclasses named in the past tense, ids and numbers only."""


E = TypeVar("E", bound=Event)
pending: ContextVar[list[Event] | None] = ContextVar("pending", default=None)


class Bus:
    """Which reactions wait for which event."""

    def __init__(self) -> None:
        self.reactions: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)

    def on(self, kind: type[E], reaction: Callable[[E], None]) -> None:
        """Let `reaction` run, in order of registration, for every event of the kind."""
        self.reactions[kind].append(reaction)

    def tell(self, happened: Event) -> None:
        """Run the reactions to one event."""
        for reaction in self.reactions[type(happened)]:
            reaction(happened)


def announce(happened: Event) -> None:
    """Say that something happened; raises RuntimeError outside a unit of work."""
    queue = pending.get()
    if queue is None:
        raise RuntimeError("events are announced inside a unit of work")
    queue.append(happened)
