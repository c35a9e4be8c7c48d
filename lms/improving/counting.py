"""Counting editions and keeping what came out, so that no page counts 50,000 learners while somebody waits."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite

from lms.assessments import counting as assessments
from lms.courses import counting as courses
from lms.courses import editions
from lms.courses.editions import EditionData
from lms.improving import feedback
from lms.improving.models import Tally, TallyAsked
from lms.improving.numbers import Answers, LessonNumbers, Numbers, as_json
from lms.improving.rules import STOPPED_DAYS
from lms.kernel import clock, outbox
from lms.kernel.actor import Actor
from lms.kernel.db import Model, session

TASK = "improving.count"


def count(edition_id: UUID, now: datetime | None = None) -> Numbers:
    """Count an edition and keep it; statements do not grow with its learners. Raises NotFound."""
    now = now or clock.now()
    edition = editions.edition(edition_id)
    numbers = numbers_of(edition, now)
    values = {
        "edition_id": edition_id,
        "course_id": edition.course_id,
        "numbers": as_json(numbers),
        "counted_at": now,
    }
    _put(Tally, "edition_id", values)
    return numbers


def numbers_of(edition: EditionData, now: datetime) -> Numbers:
    """The numbers of an edition as they are now; writes nothing."""
    more = [assessments.touches(edition)] if edition.has_assessment else []
    found = courses.count(edition, now - timedelta(days=STOPPED_DAYS), *more)
    met = assessments.first_attempts(edition) if edition.has_assessment else {}
    return Numbers(
        started=found.started,
        finished=found.finished,
        stopped=found.stopped,
        idle=found.lessons[0].stopped,
        at_test=found.lessons[-1].stopped,
        times=found.times,
        lessons=tuple(
            LessonNumbers(lesson.slug, lesson.titles, one.touched, one.finished, one.stopped, one.times)
            for lesson, one in zip(edition.lessons, found.lessons[1:-1], strict=True)
        ),
        checks=_questions(edition, [code for one in edition.lessons for code in one.checks], found.checks),
        items=_questions(edition, [one.code for one in edition.package.items if one.use == "assessment"], met),
        ratings=feedback.ratings(edition),
    )


def _questions(edition: EditionData, codes: list[str], found: Mapping[str, tuple[int, int]]) -> tuple[Answers, ...]:
    """Questions in the order of the course; those that nobody met are left out of a paper's, not of a lesson's."""
    answers = []
    for code in dict.fromkeys(codes):
        item = edition.package.item(code)
        number, right = found.get(code, (0, 0))
        if item is not None:
            answers.append(Answers(code, dict(item.stem), number, (right, number - right)))
    return tuple(answers)


def ask(actor: Actor, slug: str) -> None:
    """Have all editions of a course counted anew, each in a task of its own. Raises NotFound."""
    course = courses.course_of(actor, slug)
    now = clock.now()
    _put(TallyAsked, "course_id", {"course_id": course.id, "asked_at": now})
    send(course.id, now.isoformat())


def send(course_id: UUID, word: str) -> None:
    """One task an edition; the same word again sends nothing."""
    for edition_id in courses.editions_of(course_id).values():
        outbox.send(TASK, key=f"{TASK}:{word}:{edition_id}", edition_id=str(edition_id))


def _put(model: type[Model], key: str, values: dict[str, object]) -> None:
    """INSERT, or UPDATE of the row that is there."""
    build = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = build(model).values(values)
    rest = {name: statement.excluded[name] for name in values if name != key}
    session().execute(statement.on_conflict_do_update(index_elements=[key], set_=rest))
