"""The vocabulary of refusal, used inside commands and queries so that no door can forget it."""

from typing import TypeVar

from lms.kernel.actor import Actor
from lms.kernel.errors import NotAllowed, NotFound, NotSignedIn
from lms.kernel.text import Message

T = TypeVar("T")


def require(allowed: bool, message: Message | None = None) -> None:
    """Refuse with NotAllowed unless `allowed`: it is yours to see but not to do."""
    if not allowed:
        raise NotAllowed(message)


def require_found(thing: T | None) -> T:
    """The thing, or NotFound: for what is missing and for what belongs to somebody else alike."""
    if thing is None:
        raise NotFound
    return thing


def require_in_place(visible: bool) -> None:
    """NotFound unless the thing lies in the actor's places."""
    if not visible:
        raise NotFound


def require_signed_in(actor: Actor) -> None:
    """NotSignedIn unless a person acts."""
    if not actor.signed_in:
        raise NotSignedIn
