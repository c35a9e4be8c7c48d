"""What batches let the outbox do. Long: each opens its own units of work."""

from datetime import timedelta
from uuid import UUID

from lms.kernel import outbox
from lms.people.batches import commands, working

LEASE = timedelta(minutes=10)


@outbox.task(commands.REHEARSE, lease=LEASE, long=True)
def rehearse(batch_id: str) -> None:
    """Say what a table would come to."""
    working.rehearse(UUID(batch_id))


@outbox.task(commands.COMMIT, lease=LEASE, long=True)
def commit(batch_id: str, by: str | None) -> None:
    """Do what was rehearsed."""
    working.commit(UUID(batch_id), UUID(by) if by else None)


@outbox.task(commands.REHEARSE_UNDO, lease=LEASE, long=True)
def rehearse_undo(batch_id: str, by: str | None) -> None:
    """Say what taking a batch back would leave."""
    working.rehearse_undo(UUID(batch_id), UUID(by) if by else None)


@outbox.task(commands.UNDO, lease=LEASE, long=True)
def undo(batch_id: str, by: str | None) -> None:
    """Take a batch back."""
    working.undo(UUID(batch_id), UUID(by) if by else None)
