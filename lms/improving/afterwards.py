"""What a learner finds on the page of a course that she has finished, or learns again, in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Integer, Uuid, cast, literal, null, select, union_all

from lms.courses import counting as courses
from lms.courses.moving import notices
from lms.courses.moving.notices import Notice
from lms.courses.queries import EnrolmentCard
from lms.credits.approvals.queries import ValidApproval, approval_to_begin
from lms.improving import surveys
from lms.improving.feedback import COURSE, Said
from lms.improving.models import Feedback, KnowledgeTaken, Survey
from lms.improving.news import FollowUp
from lms.kernel import clock
from lms.kernel.db import Instant, Json, session

WHAT = ("notice", "survey", "said", "test", "round", "again")

@dataclass(frozen=True, slots=True)
class Mark:
    """A knowledge test that she has dealt with: of how many questions how many were right; none asked: declined."""

    occasion: str
    right: int
    asked: int


@dataclass(frozen=True, slots=True)
class Afterwards:
    """Clinical notices that she has not read, surveys that she may answer, what she said of the course, her knowledge
    tests by occasion, how many questions another one would ask (0: none is open to this round any more), whether she
    has touched anything in it, and the approval under which she would begin it again."""

    notices: tuple[Notice, ...]
    surveys: tuple[FollowUp, ...]
    said: Said | None
    marks: Mapping[str, Mark]
    questions: int
    touched: bool
    again: ValidApproval | None


def afterwards(card: EnrolmentCard) -> Afterwards:
    """Of a course that somebody has finished, or learns not for the first time."""
    nothing, no_words, no_number = cast(null(), Json), literal(""), literal(0, Integer)
    told = notices.unread_rows(card.person_id).subquery("told").c
    unread = select(*told, no_number.label("asked"), no_words.label("said"), no_words.label("answer")).where(
        told.slug == card.course_slug
    )
    one = surveys.open_to(card.person_id).where(Survey.course_id == card.course_id).subquery("open").c
    open_ = select(
        literal("survey"), one.id, one.slug, one.titles, no_number, one.questions, one.published_at, no_number,
        no_words, no_words,
    )  # fmt: skip
    spoken = select(
        literal("said"), Feedback.id, no_words, nothing, Feedback.rating, nothing, Feedback.answered_at, no_number,
        Feedback.text, Feedback.answer,
    ).where(
        Feedback.person_id == card.person_id, Feedback.course_id == card.course_id, Feedback.lesson_slug == COURSE
    )  # fmt: skip
    taken = select(
        literal("test"), KnowledgeTaken.edition_id, KnowledgeTaken.occasion, nothing, KnowledgeTaken.right, nothing,
        KnowledgeTaken.at, KnowledgeTaken.asked, no_words, no_words,
    ).where(KnowledgeTaken.enrolment_id == card.id)  # fmt: skip
    own = courses.rounds_of(card.person_id).subquery("own").c
    round_ = select(
        literal("round"), own.edition_id, own.slug, nothing, own.knowledge_items, nothing, own.finished_at,
        cast(own.touched, Integer), no_words, no_words,
    ).where(own.enrolment_id == card.id, own.last)  # fmt: skip
    approved = approval_to_begin(card.course_code, clock.today()).subquery("approved").c
    again = select(
        literal("again"), cast(null(), Uuid), approved.course_code, nothing, approved.hours_milli, nothing,
        cast(null(), Instant), no_number, approved.kind, approved.project_number,
    )  # fmt: skip
    parts = [unread, open_, spoken, taken, round_, *([again] if may_begin_again(card) else [])]
    every = union_all(*parts).subquery("every")
    rows = session().execute(select(every).order_by(every.c.at, every.c.number)).all()
    of = {what: [row for row in rows if row.what == what] for what in WHAT}
    return Afterwards(
        tuple(Notice(row.id, row.slug, row.titles, row.number, row.texts) for row in of["notice"]),
        tuple(FollowUp(row.id, row.titles, len(row.texts)) for row in of["survey"]),
        next((Said(row.number, row.said, row.answer, row.at) for row in of["said"]), None),
        {row.slug: Mark(row.slug, row.number, row.asked) for row in of["test"]},
        sum(row.number for row in of["round"]),
        any(row.asked for row in of["round"]),
        next((ValidApproval(row.slug, row.said, row.answer, row.number) for row in of["again"]), None),
    )


def may_begin_again(card: EnrolmentCard) -> bool:
    """Whether she finished it in an earlier year than this."""
    return card.finished_at is not None and clock.local(card.finished_at).year < clock.today().year
