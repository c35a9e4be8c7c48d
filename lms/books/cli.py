"""`flask books …`: a course as a book, from the shell."""

from pathlib import Path

import click
from flask.cli import AppGroup

from lms.books import making
from lms.books.imprint import FORMS, READERS
from lms.courses import queries as courses
from lms.kernel.access import require_found
from lms.kernel.cli import fail, json_answer
from lms.kernel.errors import DomainError
from lms.kernel.uow import unit_of_work

books = AppGroup("books", help="Courses as books.")
GROUPS = [books]


@books.command("make")
@click.argument("slug")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--form", type=click.Choice(FORMS), required=True)
@click.option("--language", type=click.Choice(list(READERS)), default="zh", show_default=True)
def make_command(slug: str, path: Path, form: str, language: str) -> None:
    """Write the current edition of the course SLUG to PATH as a book."""
    try:
        with unit_of_work(write=False):
            card = require_found(courses.by_slug(slug))
            data = making.bound("edition", card.edition_id, form, language)
    except DomainError as refusal:
        fail(refusal)
    path.write_bytes(data)
    json_answer({"file": path.name, "bytes": len(data), "edition": card.edition_number})
