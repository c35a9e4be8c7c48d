"""Tables of assessments. Answers are only ever added; a graded attempt is never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model


class BankItem(Model):
    """One question of an edition's bank, frozen with it. `body` is the table of the package."""

    __tablename__ = "bank_item"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"))
    code: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(40))
    difficulty: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    __table_args__ = (UniqueConstraint("edition_id", "code"),)


class Paper(Model):
    """How an edition's paper is drawn, timed, passed and shown; one an edition, frozen with it."""

    __tablename__ = "paper"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"), unique=True)
    course_slug: Mapped[str] = mapped_column(String(80))
    rules: Mapped[dict[str, Any]] = mapped_column(Json)


class Attempt(Model):
    """One try of a person at a paper: what she was asked, until when, and what came of it."""

    __tablename__ = "attempt"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    enrolment_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("enrolment.id"))
    paper_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("paper.id"))
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    number: Mapped[int] = mapped_column(SmallInteger)
    seed: Mapped[int] = mapped_column(BigInteger)
    form: Mapped[list[list[Any]]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))  # open | submitted
    started_at: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    submitted_why: Mapped[str | None] = mapped_column(String(10))  # learner | time
    score_milli: Mapped[int | None]
    percent: Mapped[int | None] = mapped_column(SmallInteger)
    passed: Mapped[bool | None]
    grades: Mapped[list[list[Any]] | None] = mapped_column(Json)
    __table_args__ = (
        UniqueConstraint("enrolment_id", "paper_id", "number"),
        CheckConstraint("state IN ('open', 'submitted')", name="state"),
        Index(
            "ix_attempt_open_deadline",
            "deadline",
            sqlite_where=state == "open",
            postgresql_where=state == "open",
        ),
    )


class Answer(Model):
    """One answer as it was given. The highest `seq` of a position counts; none is ever changed."""

    __tablename__ = "answer"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("attempt.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    seq: Mapped[int]
    response: Mapped[Any] = mapped_column(Json)
    flagged: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("attempt_id", "position", "seq"),)
