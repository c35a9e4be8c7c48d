"""Tables of courses: what is taught (course, edition, lesson), what is in the making (draft), who learns."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model


class Course(Model):
    """A course, whatever its editions. `centre_path` copies the centre's place, which never changes."""

    __tablename__ = "course"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    centre_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    centre_path: Mapped[str] = mapped_column(String(160))
    # No foreign key: edition already points here, and a circle of keys helps nobody.
    current_edition_id: Mapped[UUID | None] = mapped_column(Uuid)
    published_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    # No new starts for a while; the course stays in sight.
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    # Retired: only those who learn or have learned it see it.
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index("ix_course_centre_path", "centre_path", postgresql_ops={"centre_path": "text_pattern_ops"}),
    )


class Edition(Model):
    """Frozen content. Never updated; `package_hash` names the stored ZIP."""

    __tablename__ = "edition"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    number: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[str] = mapped_column(String(64))
    package_hash: Mapped[str] = mapped_column(String(64))
    titles: Mapped[dict[str, str]] = mapped_column(Json)
    summaries: Mapped[dict[str, str]] = mapped_column(Json)
    subject: Mapped[str] = mapped_column(String(30))
    hours_milli: Mapped[int] = mapped_column(Integer)
    lesson_count: Mapped[int] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(Integer)
    has_assessment: Mapped[bool] = mapped_column(Boolean)
    reviewer: Mapped[str] = mapped_column(String(120))
    review_by: Mapped[date] = mapped_column(Date)
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[UUID | None] = mapped_column(Uuid)
    reviewed_by: Mapped[UUID | None] = mapped_column(Uuid)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    # Questions of its knowledge test; 0: it has none.
    knowledge_items: Mapped[int] = mapped_column(Integer, default=0)
    # Codes of the courses that must be finished first; None for editions older than this column.
    requires: Mapped[list[str] | None] = mapped_column(Json)
    __table_args__ = (UniqueConstraint("course_id", "number"),)


class CourseTerm(Model):
    """What a course is found by: terms of its current edition (see rules.terms)."""

    __tablename__ = "course_term"
    term: Mapped[str] = mapped_column(String(24), primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"), primary_key=True, index=True)


class Lesson(Model):
    """A lesson of an edition; `html` is {language: parts}, see packages.lesson_html."""

    __tablename__ = "lesson"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"))
    position: Mapped[int] = mapped_column(Integer)
    slug: Mapped[str] = mapped_column(String(60))
    titles: Mapped[dict[str, str]] = mapped_column(Json)
    minutes: Mapped[int] = mapped_column(Integer)
    html: Mapped[dict[str, list[str]]] = mapped_column(Json)
    __table_args__ = (UniqueConstraint("edition_id", "position"), UniqueConstraint("edition_id", "slug"))


class EditionMedium(Model):
    """A picture of an edition; its bytes are a stored file of that name."""

    __tablename__ = "edition_media"
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    sha: Mapped[str] = mapped_column(String(64), index=True)
    mime: Mapped[str] = mapped_column(String(30))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)


class Draft(Model):
    """An uploaded package on its way: draft → in_review → approved → published, or back by changes_asked."""

    __tablename__ = "draft"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    course_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("course.id"))
    edition_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("edition.id"))
    code: Mapped[str] = mapped_column(String(30))
    slug: Mapped[str] = mapped_column(String(60))
    titles: Mapped[dict[str, str]] = mapped_column(Json)
    centre_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    centre_path: Mapped[str] = mapped_column(String(160))
    package_hash: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    report: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(16))
    uploaded_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    # The content that was approved, and no other: it is published only while it is the draft's own.
    approved_hash: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        Index(
            "ix_draft_centre_path",
            "centre_path",
            "uploaded_at",
            postgresql_ops={"centre_path": "text_pattern_ops"},
        ),
    )


class DraftMedium(Model):
    """A picture of a draft, for the preview."""

    __tablename__ = "draft_media"
    draft_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("draft.id"), primary_key=True)
    sha: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    mime: Mapped[str] = mapped_column(String(30))


class Enrolment(Model):
    """One person in one course, once a round; bound to the edition that was current when it began, until she is
    moved (ADR 30)."""

    __tablename__ = "enrolment"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"))
    round: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("person_id", "course_id", "round"),
        Index("ix_enrolment_course_started", "course_id", "started_at", "id"),
    )


class LessonProgress(Model):
    """A lesson that a learner said she has finished. Only those of the enrolment's edition count; what she did in
    another edition stays for the case that she comes back to it."""

    __tablename__ = "lesson_progress"
    enrolment_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("enrolment.id"), primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("lesson.id"), primary_key=True)
    finished_at: Mapped[datetime] = mapped_column(Instant)


class CheckAnswer(Model):
    """One try at a self-check; the newest counts. The id is made with the form, so a repeat adds nothing."""

    __tablename__ = "check_answer"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    enrolment_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("enrolment.id"))
    # The edition she was in: its question may since have changed. None: in the only one the enrolment had.
    edition_id: Mapped[UUID | None] = mapped_column(Uuid)
    item_code: Mapped[str] = mapped_column(String(40))
    response: Mapped[Any] = mapped_column(Json)
    correct: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index("ix_check_answer_enrolment_item", "enrolment_id", "item_code", "at"),)


class Gate(Model):
    """Something that a higher feature opens for an enrolment, e.g. "assessment" when it was passed."""

    __tablename__ = "gate"
    enrolment_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("enrolment.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(Instant)
