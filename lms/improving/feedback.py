"""What learners say of lessons and courses, and what the centre answers. Once a person and lesson, changeable."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.courses import counting as courses
from lms.courses import editions, learning
from lms.courses.access import require_writer
from lms.courses.editions import EditionData, LessonData
from lms.courses.queries import CourseCard, EnrolmentCard
from lms.improving.models import Feedback
from lms.improving.numbers import Answers, Text
from lms.kernel import clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, TooMany
from lms.kernel.i18n import LANGUAGES, translate
from lms.kernel.ids import new_id
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import msg, nfc
from lms.people import throttle

LONGEST = 1000
"""Characters of what is said, and of an answer."""
MOST, SPAN = 60, timedelta(hours=1)
COURSE = ""
"""The lesson's name of what is said of the whole course."""
WHOLE = msg("整门课")


@dataclass(frozen=True, slots=True)
class Said:
    """What she said of a lesson or of the course, and the centre's answer."""

    rating: int
    text: str
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Heard:
    """The same as the centre reads it: the words, not whose they are and not how she rated."""

    id: UUID
    title: Text
    text: str
    on: date
    answer: str
    waiting: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A page of what was said of a course; `only_waiting`: of what waits for an answer."""

    course: CourseCard
    page: Page[Heard]
    only_waiting: bool = False


def say(actor: Actor, enrolment_id: UUID, slug: str, rating: int, text: str) -> None:
    """Keep what she says of a lesson that she has finished; the same again changes nothing.

    Raises NotFound, Conflict (not read yet), Invalid (rating not 1-5, text too long), TooMany.
    """
    page = learning.lesson_page(actor, enrolment_id, slug)
    if page.lesson.id not in page.done:
        raise Conflict(msg("先学完这一课，再说它怎么样。"))
    _keep(actor, page.edition, slug, rating, text)


def rate_finished(actor: Actor, edition: EditionData, lesson: LessonData, rating: int) -> None:
    """Her rating of a lesson of hers that she finishes in this unit of work; words of before stay. Raises Invalid,
    TooMany."""
    before = said(actor, edition.course_id, lesson.slug)
    _keep(actor, edition, lesson.slug, rating, before.text if before else "")


def say_of_course(actor: Actor, card: EnrolmentCard, rating: int, text: str) -> None:
    """Keep what she says of a course that she has finished. Raises Conflict, Invalid, TooMany."""
    if card.finished_at is None:
        raise Conflict(msg("学完这门课，再说它怎么样。"))
    _keep(actor, editions.edition(card.edition_id), COURSE, rating, text)


def _keep(actor: Actor, edition: EditionData, slug: str, rating: int, text: str) -> None:
    require_signed_in(actor)
    text = nfc(text)
    if not 1 <= rating <= 5:
        raise Invalid(fields={"rating": msg("请从 1 到 5 里选一个。")})
    if len(text) > LONGEST:
        raise Invalid(fields={"text": msg("最多 {most} 个字。", most=LONGEST)})
    if not throttle.take("feedback", str(actor.person_id), MOST, SPAN):
        raise TooMany
    build = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = build(Feedback).values(
        id=new_id(), person_id=actor.person_id, course_id=edition.course_id, edition_id=edition.id, lesson_slug=slug,
        rating=rating, text=text, at=clock.now(), answer="",
    )  # fmt: skip
    new = {name: statement.excluded[name] for name in ("edition_id", "rating", "text", "at")}
    changed = or_(Feedback.rating != new["rating"], Feedback.text != new["text"])
    session().execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "course_id", "lesson_slug"], set_=new, where=changed
        )
    )


def said(actor: Actor, course_id: UUID, slug: str) -> Said | None:
    """What she has said of a lesson, or (COURSE) of a course. One statement."""
    row = session().execute(
        select(Feedback.rating, Feedback.text, Feedback.answer, Feedback.answered_at).where(
            Feedback.person_id == actor.person_id, Feedback.course_id == course_id, Feedback.lesson_slug == slug
        )
    ).one_or_none()  # fmt: skip
    return Said(*row) if row else None


UNANSWERED = or_(Feedback.answered_at.is_(None), Feedback.at > Feedback.answered_at)
"""Said, or said anew, since the centre answered."""


def waiting(course_id: UUID) -> int:
    """How much that was said of a course in words waits for the centre's answer."""
    spoken = (Feedback.course_id == course_id, Feedback.text != "", UNANSWERED)
    return session().scalar(select(func.count()).select_from(Feedback).where(*spoken)) or 0


def words(actor: Actor, slug: str, number: int, *, only_waiting: bool = False) -> Words:
    """What was said of a course in words, the newest first; all of it or what waits for an answer. NotFound outside her
    centres. Three statements."""
    course = courses.course_of(actor, slug)
    spoken = [Feedback.course_id == course.id, Feedback.text != "", *([UNANSWERED] if only_waiting else [])]
    total = session().scalar(select(func.count()).select_from(Feedback).where(*spoken)) or 0
    # Who answers the last words of the last page goes on with the page before it.
    number = min(number, Page((), number, total).last)
    rows = session().execute(
        select(Feedback.id, Feedback.lesson_slug, Feedback.text, Feedback.at, Feedback.answer, Feedback.answered_at)
        .where(*spoken)
        .order_by(Feedback.at.desc(), Feedback.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    titles = {lesson.slug: lesson.titles for lesson in editions.edition(course.edition_id).lessons}
    heard = [
        Heard(
            id=row.id,
            title=whole() if row.lesson_slug == COURSE else titles.get(row.lesson_slug, {"zh": row.lesson_slug}),
            text=row.text,
            on=clock.local(row.at).date(),
            answer=row.answer,
            waiting=row.answered_at is None or row.at > row.answered_at,
        )
        for row in rows
    ]
    return Words(course, Page(heard, number, total), only_waiting)


def whole() -> Text:
    """The whole course, in both languages."""
    return {language: translate(WHOLE, language) for language in LANGUAGES}


def course_of(actor: Actor, feedback_id: UUID) -> str:
    """The name in the address of the course that something was said of, for those who may answer it.

    Raises NotFound outside her centres, NotAllowed for who does not write there.
    """
    course_id = session().scalar(select(Feedback.course_id).where(Feedback.id == feedback_id))
    slug, path = courses.place_of(require_found(course_id))
    require_writer(actor, path)
    return slug


def answer(actor: Actor, feedback_id: UUID, text: str) -> None:
    """The centre's answer, which she reads where she spoke; a later one takes its place.

    Raises NotFound, NotAllowed, Invalid.
    """
    course_of(actor, feedback_id)
    text = nfc(text)
    if not text:
        raise Invalid(fields={"text": msg("请填写这一项。")})
    if len(text) > LONGEST:
        raise Invalid(fields={"text": msg("最多 {most} 个字。", most=LONGEST)})
    session().execute(
        update(Feedback)
        .where(Feedback.id == feedback_id)
        .values(answer=text, answered_by=actor.person_id, answered_at=clock.now())
    )


def ratings(edition: EditionData) -> tuple[Answers, ...]:
    """How an edition's lessons, and the whole, were rated, from 1 to 5. One statement."""
    rows = session().execute(
        select(Feedback.lesson_slug, Feedback.rating, func.count())
        .where(Feedback.edition_id == edition.id)
        .group_by(Feedback.lesson_slug, Feedback.rating)
    )
    found: dict[str, list[int]] = {}
    for slug, rating, number in rows:
        found.setdefault(slug, [0] * 5)[rating - 1] = number
    titles: dict[str, Text] = {COURSE: whole()} | {lesson.slug: lesson.titles for lesson in edition.lessons}
    return tuple(
        Answers(slug, title, sum(found[slug]), tuple(found[slug])) for slug, title in titles.items() if slug in found
    )
