"""Counting editions and keeping what came out, so that no page counts 50,000 learners while somebody waits."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from lms.assessments import counting as assessments
from lms.courses import counting as courses
from lms.courses import editions
from lms.courses.editions import EditionData
from lms.improving import feedback, gains
from lms.improving.models import KnowledgeTaken, Tally, TallyAsked
from lms.improving.numbers import Answers, LessonNumbers, Numbers, Text, as_json
from lms.improving.rules import STOPPED_DAYS
from lms.kernel import clock, outbox
from lms.kernel.actor import Actor
from lms.kernel.db import Model, session
from lms.kernel.i18n import LANGUAGES, translate
from lms.kernel.text import msg

TASK = "improving.count"
ALL_GOALS = msg("全部目标")
AT_ONCE = 2000
"""Rows of knowledge tests that are in memory at a time."""


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
    package = edition.package
    learned = gains.gather(_knowledge(edition), {item.code: item.objective for item in package.knowledge})
    goals: dict[str, Text] = {gains.WHOLE: {language: translate(ALL_GOALS, language) for language in LANGUAGES}}
    goals |= {one.id: one.text for one in package.objectives}
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
        twice=learned.answers(2, goals),
        thrice=learned.answers(3, goals),
    )


def _knowledge(edition: EditionData) -> Iterator[dict[str, Mapping[str, bool]]]:
    """The knowledge tests of the people of an edition, by occasion: of each the last round in which she took both, in
    whatever edition, so that nobody is counted twice. One statement, read a piece at a time."""
    if not edition.package.knowledge:
        return
    row, other = KnowledgeTaken, aliased(KnowledgeTaken)
    both = (
        select(other.enrolment_id)
        .where(other.occasion.in_(("before", "after")), other.declined.is_(False))
        .group_by(other.enrolment_id)
        .having(func.count() == 2)
    )
    statement = (
        select(row.enrolment_id, row.occasion, row.answers)
        .where(row.enrolment_id.in_(courses.last_rounds(edition, both)), row.declined.is_(False))
        .order_by(row.enrolment_id)
        .execution_options(yield_per=AT_ONCE)
    )
    for _, tests in groupby(session().execute(statement), key=lambda one: one.enrolment_id):
        yield {one.occasion: one.answers for one in tests}


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
