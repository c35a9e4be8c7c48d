"""Making books, after the commit. May run any number of times: the same book has the same bytes."""

from datetime import timedelta
from typing import cast
from uuid import UUID

from lms.books import making
from lms.books.making import Kind
from lms.kernel import outbox


@outbox.task(making.MAKE, lease=timedelta(minutes=5))
def make_book(kind: str, of: str, form: str, reader: str) -> None:
    """Make one book and keep it."""
    making.make(cast(Kind, kind), UUID(of), form, reader)
