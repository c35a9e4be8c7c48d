"""What imports of history let the outbox do."""

from lms.credits.history_import import importing
from lms.kernel import outbox


@outbox.task(importing.IMPORT)
def import_step(import_id: str, step: int) -> None:
    """The next rows."""
    importing.import_step(import_id, step)


@outbox.task(importing.UNDO)
def undo_step(import_id: str, by: str, by_name: str, step: int) -> None:
    """The next rows, taken back."""
    importing.undo_step(import_id, by, by_name, step)
