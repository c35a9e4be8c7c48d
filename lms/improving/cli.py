"""`flask content results COURSE`: count a course and print its numbers."""

import click

from lms.courses import counting as courses
from lms.courses.cli import content
from lms.improving import counting
from lms.improving.documents import document
from lms.improving.results import results
from lms.kernel.actor import SYSTEM
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.errors import DomainError, NotFound
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.sheets.cells import Cell, Figure

GROUPS: list[click.Group] = []  # its group is that of courses


@content.command("results")
@click.argument("course")
@click.option("--edition", type=click.IntRange(1, 100_000), default=None, help="Only this edition.")
def results_command(course: str, edition: int | None) -> None:
    """Count the editions of COURSE (the name in its address) and print how it goes, as one JSON object."""
    try:
        with unit_of_work(write=False):
            editions = courses.editions_of(courses.course_of(SYSTEM, course).id)
        for number, edition_id in editions.items():
            with unit_of_work():
                counting.count(edition_id)
            say(translate(msg("第 {number} 版数好了", number=number)))
        with unit_of_work(write=False):
            made = document(results(SYSTEM, course, edition))
    except NotFound:
        fail(translate(msg("没有这门课，或者没有这一版。")))
    except DomainError as refusal:
        fail(refusal)
    json_answer(
        {
            "title": made.title,
            "facts": dict(made.facts),
            "tables": {
                one.title: [
                    dict(zip((column.title for column in one.columns), map(_plain, row.cells), strict=True))
                    for row in one.rows
                ]
                for one in made.tables
            },
        }
    )


def _plain(cell: Cell) -> int | str:
    if isinstance(cell, Figure):
        return cell.text
    return cell if isinstance(cell, (int, str)) else cell.isoformat()
