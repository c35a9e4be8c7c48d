"""Removing what nobody needs any more, after the commit that said so."""

from uuid import UUID

from sqlalchemy import select

from lms.kernel import files, outbox
from lms.kernel.db import session
from lms.uploads.commands import TIDY
from lms.uploads.models import Upload


@outbox.task(TIDY)
def tidy(upload_id: str) -> None:
    """Remove the pieces of an upload that is over; one begun anew under the same id keeps its own."""
    state = session().scalar(select(Upload.state).where(Upload.id == UUID(upload_id)))
    if state in (None, "taken"):
        files.drop_parts(UUID(upload_id))
