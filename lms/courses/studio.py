"""What the studio shows: drafts and courses of one's own centres, editions, who learns and who passed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, select

from lms.courses import editions
from lms.courses.access import STUDIO, may_review, may_see_studio, may_write
from lms.courses.models import Course, Draft, Edition, Enrolment, Gate
from lms.courses.packages.package import Package, Text
from lms.courses.packages.problem import Problem, Severity
from lms.courses.queries import ASSESSMENT, LESSONS_DONE, AnyRow, CourseCard, card_of, cards_statement
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import Message
from lms.organisations import queries as organisations
from lms.people import queries as people

OPEN_STATES = ("draft", "in_review", "changes_asked", "approved")
_PAUSED = and_(Course.closed_at.is_(None), Course.paused_at.is_not(None)).label("paused")
"""SQL: whether a course is open but has no new starts."""


@dataclass(frozen=True)
class DraftCard:
    """A draft, and what the person who looks may do with it now."""

    id: UUID
    code: str
    slug: str
    titles: Text
    state: str
    centre_name: str
    uploaded_by: str
    uploaded_at: datetime
    reviewed_by: str
    reviewed_at: datetime | None
    note: str
    course_slug: str
    problems: tuple[Problem, ...]
    package_hash: str
    may_submit: bool
    may_judge: bool
    may_publish: bool
    may_withdraw: bool
    may_take_back: bool
    own_work: bool
    content_hash: str

    @property
    def package(self) -> Package:
        return editions.package(self.package_hash)


@dataclass(frozen=True, slots=True)
class StudioCourse:
    """A course of one's centre with how many learn and have finished."""

    course: CourseCard
    enrolled: int
    finished: int
    paused: bool  # open, but with no new starts


@dataclass(frozen=True, slots=True)
class EditionCard:
    """One line of the list of editions."""

    number: int
    published_at: datetime
    published_by: str
    reviewed_by: str
    reviewed_at: datetime | None
    content_hash: str
    current: bool


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """One enrolment as the centre sees it."""

    name: str
    workplace: str
    edition_number: int
    started_at: datetime
    finished_at: datetime | None
    lessons_done: int
    lessons_total: int
    passed: bool


@dataclass(frozen=True)
class CoursePage:
    """A course in the studio."""

    course: CourseCard
    editions: Sequence[EditionCard]
    learners: Page[LearnerRow]
    paused: bool


def centres(actor: Actor) -> list[organisations.OrganisationCard]:
    """The places at which she writes or reviews."""
    paths = set(actor.paths(*STUDIO))
    return [card for card in organisations.in_scope(sorted(paths)) if card.path in paths]


def draft(actor: Actor, draft_id: UUID) -> DraftCard:
    """A draft of her centres; NotFound otherwise."""
    found = require_found(session().scalar(select(Draft).where(Draft.id == draft_id)))
    require_in_place(may_see_studio(actor, found.centre_path))
    return _draft_cards(actor, [found])[0]


def _draft_cards(actor: Actor, found: Sequence[Draft]) -> list[DraftCard]:
    if not found:
        return []
    ids = {one.uploaded_by for one in found} | {one.reviewed_by for one in found if one.reviewed_by}
    names = {person_id: card.name for person_id, card in people.cards(ids).items()}
    places = organisations.cards({one.centre_id for one in found})
    return [
        DraftCard(
            id=one.id,
            code=one.code,
            slug=one.slug,
            titles=one.titles,
            state=one.state,
            centre_name=places[one.centre_id].name,
            uploaded_by=names.get(one.uploaded_by, ""),
            uploaded_at=one.uploaded_at,
            reviewed_by=names.get(one.reviewed_by, "") if one.reviewed_by else "",
            reviewed_at=one.reviewed_at,
            note=one.note,
            course_slug=one.slug if one.course_id else "",
            problems=tuple(problem_of(row) for row in one.report),
            package_hash=one.package_hash,
            may_submit=one.state in ("draft", "changes_asked") and may_write(actor, one.centre_path),
            may_judge=one.state == "in_review" and may_review(actor, one.centre_path, one.uploaded_by),
            may_publish=one.state == "approved" and may_write(actor, one.centre_path),
            may_withdraw=one.state in OPEN_STATES and may_write(actor, one.centre_path),
            may_take_back=one.state in ("in_review", "approved") and may_write(actor, one.centre_path),
            own_work=one.uploaded_by == actor.person_id,
            content_hash=one.content_hash,
        )
        for one in found
    ]


def problem_of(row: Mapping[str, Any]) -> Problem:
    """A finding as the draft kept it."""
    message = Message(row["msgid"], row["params"])
    return Problem(row["file"], row["line"], message, Severity(row["severity"]))


def courses(actor: Actor, number: int) -> Page[StudioCourse]:
    """Published courses of her centres by title's code, with counts of this page's courses only."""
    mine = organisations.under(Course.centre_path, actor.paths(*STUDIO))
    total = session().scalar(select(func.count(Course.id)).where(mine, Course.current_edition_id.is_not(None)))
    rows = session().execute(
        cards_statement().add_columns(_PAUSED).where(mine).order_by(Course.code).limit(SIZE).offset((number - 1) * SIZE)
    ).all()
    cards = [card_of(row) for row in rows]
    paused = {row.id for row in rows if row.paused}
    counts = {
        row.course_id: row
        for row in session().execute(
            select(
                Enrolment.course_id,
                func.count(Enrolment.id).label("enrolled"),
                func.count(Enrolment.finished_at).label("finished"),
            )
            .where(Enrolment.course_id.in_([card.id for card in cards]))
            .group_by(Enrolment.course_id)
        )
    }
    found = [
        StudioCourse(
            card,
            counts[card.id].enrolled if card.id in counts else 0,
            counts[card.id].finished if card.id in counts else 0,
            card.id in paused,
        )
        for card in cards
    ]
    return Page(found, number, total or 0)


def course_page(actor: Actor, slug: str, number: int) -> CoursePage:
    """A course of her centres with its editions and one page of its learners; NotFound otherwise."""
    statement = cards_statement().add_columns(Course.centre_path, _PAUSED).where(Course.slug == slug)
    row = require_found(session().execute(statement).one_or_none())
    require_in_place(may_see_studio(actor, row.centre_path))
    card = card_of(row)
    return CoursePage(card, _editions(card), _learners(card, number), row.paused)


def _editions(card: CourseCard) -> list[EditionCard]:
    rows = (
        session()
        .execute(
            select(
                Edition.id,
                Edition.number,
                Edition.published_at,
                Edition.published_by,
                Edition.reviewed_by,
                Edition.reviewed_at,
                Edition.content_hash,
            )
            .where(Edition.course_id == card.id)
            .order_by(Edition.number.desc())
        )
        .all()
    )
    ids = {one for row in rows for one in (row.published_by, row.reviewed_by) if one}
    names = {person_id: found.name for person_id, found in people.cards(ids).items()} if ids else {}
    return [
        EditionCard(
            number=row.number,
            published_at=row.published_at,
            published_by=names.get(row.published_by, ""),
            reviewed_by=names.get(row.reviewed_by, ""),
            reviewed_at=row.reviewed_at,
            content_hash=row.content_hash,
            current=row.id == card.edition_id,
        )
        for row in rows
    ]


def _learners(card: CourseCard, number: int) -> Page[LearnerRow]:
    total = session().scalar(select(func.count(Enrolment.id)).where(Enrolment.course_id == card.id))
    gate = (
        select(func.count())
        .where(Gate.enrolment_id == Enrolment.id, Gate.code == ASSESSMENT)
        .correlate(Enrolment)
        .scalar_subquery()
    )
    rows = (
        session()
        .execute(
            select(
                Enrolment.person_id,
                Enrolment.started_at,
                Enrolment.finished_at,
                Edition.number,
                Edition.lesson_count,
                LESSONS_DONE.label("done"),
                case((Edition.has_assessment, gate), else_=1).label("passed"),
            )
            .join(Edition, Edition.id == Enrolment.edition_id)
            .where(Enrolment.course_id == card.id)
            .order_by(Enrolment.started_at.desc(), Enrolment.id.desc())
            .limit(SIZE)
            .offset((number - 1) * SIZE)
        )
        .all()
    )
    names = people.cards({row.person_id for row in rows}) if rows else {}
    return Page([_learner(row, names) for row in rows], number, total or 0)


def _learner(row: AnyRow, names: Mapping[UUID, people.PersonCard]) -> LearnerRow:
    person = names.get(row.person_id)
    return LearnerRow(
        name=person.name if person else "",
        workplace=person.workplace_name if person else "",
        edition_number=row.number,
        started_at=row.started_at,
        finished_at=row.finished_at,
        lessons_done=row.done,
        lessons_total=row.lesson_count,
        passed=bool(row.passed) and row.finished_at is not None,
    )
