"""What people lets the outbox do."""

from datetime import timedelta
from uuid import UUID

from lms.kernel import outbox
from lms.kernel.actor import SYSTEM
from lms.people.notices import licences, sending
from lms.people.privacy import apart, closing, copying


@outbox.task(copying.STEP, lease=timedelta(minutes=5))
def copy_step(copy_id: str, number: int) -> None:
    """One step of a person's copy of her own data."""
    copying.step(copy_id, number)


@outbox.task(closing.ERASE, lease=timedelta(minutes=5))
def erase(person_id: str) -> None:
    """Erase a person who is due."""
    closing.erase(SYSTEM, UUID(person_id))


@outbox.task(closing.LIST)
def list_erasure(person_id: str, state: str) -> None:
    """Write a closed account into the list that lies apart from the database."""
    apart.add(UUID(person_id), state)


@outbox.task(sending.TELL)
def tell(person_id: str) -> None:
    """Tell a person by mail or text message that something waits in her list."""
    sending.tell(UUID(person_id))


@outbox.task(licences.REMIND)
def remind_of_licences(start: str, end: str) -> None:
    """Remind those whose licence is to be renewed, of a range of people."""
    licences.remind_all(UUID(start), UUID(end) if end else None)
