"""How it goes, for the people of the course's centre."""

from flask import request
from flask.typing import ResponseReturnValue

from lms.courses.access import STUDIO
from lms.credits.exports import file_of
from lms.credits.views.answers import as_download
from lms.improving import counting
from lms.improving.documents import document
from lms.improving.pictures import gain_bars, lesson_bars, rating_bars, right_bars, time_bars
from lms.improving.results import Results, results
from lms.improving.rules import LEAST, STOPPED_DAYS
from lms.improving.views.blueprint import bp
from lms.kernel.errors import NotFound
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell


def _found(slug: str) -> Results:
    """The numbers asked for; an edition that is no number is not found."""
    wanted = request.args.get("edition", "")
    if wanted and not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 6):
        raise NotFound
    return results(current_actor(), slug, int(wanted) if wanted else None)


@bp.get("/studio/courses/<slug>/results", who=roles(*STUDIO))
def course_results(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    made, numbers = document(found), found.numbers
    return render(
        "improving/results.html",
        found=found,
        tables=made.tables,
        bars=lesson_bars(numbers) if numbers else (),
        times=time_bars(numbers) if numbers else (),
        checks=right_bars(numbers.checks) if numbers else (),
        items=right_bars(numbers.items) if numbers else (),
        rated=rating_bars(numbers.ratings) if numbers else (),
        gains=gain_bars(numbers) if numbers else (),
        least=LEAST,
        days=STOPPED_DAYS,
    )


@bp.get("/studio/courses/<slug>/results.xlsx", who=roles(*STUDIO))
def course_results_file(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    if found.numbers is None:
        raise NotFound
    return as_download(file_of(document(found), "xlsx"))


@bp.post("/studio/courses/<slug>/results/count", who=roles(*STUDIO))
def count_course(slug: str) -> ResponseReturnValue:
    counting.ask(current_actor(), slug)
    tell(msg("正在数。数好一版，这一页就新一版。"), "wait")
    return see_other("improving.course_results", slug=slug)
