"""Tables of what is known about a course's working. Answers to surveys are kept as counts, never by person."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model


class Tally(Model):
    """The numbers of one edition as they were counted last (counting.Numbers as JSON)."""

    __tablename__ = "tally"
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"), primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"), index=True)
    numbers: Mapped[dict[str, Any]] = mapped_column(Json)
    counted_at: Mapped[datetime] = mapped_column(Instant)


class TallyAsked(Model):
    """When somebody last asked for a course to be counted; an edition counted before is not done yet."""

    __tablename__ = "tally_asked"
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)


class Feedback(Model):
    """What a learner says of a lesson (or, without a slug, of the course), once, and the centre's answer."""

    __tablename__ = "feedback"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"), index=True)
    lesson_slug: Mapped[str] = mapped_column(String(60), default="")
    rating: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("person_id", "course_id", "lesson_slug"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_feedback_words", "course_id", "at", sqlite_where=text != "", postgresql_where=text != ""),
    )


class KnowledgeTaken(Model):
    """The knowledge test of a round on one occasion: which questions she had right, by code; not what she chose.
    Declined: nothing was asked, and it is not offered again."""

    __tablename__ = "knowledge_taken"
    enrolment_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("enrolment.id"), primary_key=True)
    occasion: Mapped[str] = mapped_column(String(6), primary_key=True)  # before | after | kept
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"))
    declined: Mapped[bool] = mapped_column(Boolean)
    asked: Mapped[int] = mapped_column(SmallInteger)
    right: Mapped[int] = mapped_column(SmallInteger)
    answers: Mapped[dict[str, bool]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("occasion IN ('before', 'after', 'kept')", name="occasion"),
        CheckConstraint('"right" BETWEEN 0 AND asked', name="right"),
        CheckConstraint("declined = (asked = 0)", name="declined"),
    )


class Survey(Model):
    """Questions of a centre to those who finished a course. Frozen when it is published."""

    __tablename__ = "survey"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))  # evaluation | practice
    titles: Mapped[dict[str, str]] = mapped_column(Json)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))  # draft | published | closed
    version: Mapped[int] = mapped_column(Integer, default=1)
    made_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("kind IN ('evaluation', 'practice')", name="kind"),
        CheckConstraint("state IN ('draft', 'published', 'closed')", name="state"),
    )


class SurveyTaken(Model):
    """That somebody answered or declined, once; not what, and only the day."""

    __tablename__ = "survey_taken"
    survey_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("survey.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True, index=True)
    declined: Mapped[bool] = mapped_column(Boolean)
    on: Mapped[date] = mapped_column(Date)


class SurveyCount(Model):
    """How often a value was answered to a question; two answers of one person are nowhere side by side."""

    __tablename__ = "survey_count"
    survey_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("survey.id"), primary_key=True)
    question: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    value: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)


class SurveyText(Model):
    """Words answered to a question. The id is drawn at random: it tells neither when nor after whom."""

    __tablename__ = "survey_text"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    survey_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("survey.id"))
    question: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_survey_text_question", "survey_id", "question", "id"),)
