"""Tables of the practice log and of rotations."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.audit import GONE, attach_append_only
from lms.kernel.db import Instant, Json, Model


class Rotation(Model):
    """A stretch of days in which a person learns a module at a site under a supervisor. The titles are frozen as they
    were when it was planned; programme and module are codes that this floor does not read."""

    __tablename__ = "rotation"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # made by the form
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    programme: Mapped[str] = mapped_column(String(60))
    module: Mapped[str] = mapped_column(String(60))
    titles: Mapped[dict[str, str]] = mapped_column(Json)
    site_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    supervisor_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))
    exam: Mapped[str | None] = mapped_column(String(4))
    version: Mapped[int] = mapped_column(Integer, default=1)
    made_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'finished', 'returned', 'cancelled')", name="state"),
        CheckConstraint("ends_on >= starts_on", name="order"),
        CheckConstraint("supervisor_id <> person_id", name="not_herself"),
        CheckConstraint("made_by <> person_id", name="not_her_own"),
        CheckConstraint("exam IN ('pass', 'fail')", name="exam"),
        CheckConstraint(
            "(state = 'finished') = (exam IS NOT NULL) AND (state = 'finished') = (signed_at IS NOT NULL)",
            name="finished",
        ),
        Index("ix_rotation_person", "person_id", "starts_on"),
        Index("ix_rotation_supervisor", "supervisor_id", "state"),
    )


class PracticeEntry(Model):
    """One piece of practice on one day: hours, or counted cases, or both."""

    __tablename__ = "practice_entry"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # made by the form
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    on_date: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(16))
    place_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    supervisor_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    rotation_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("rotation.id"), index=True)
    hours_milli: Mapped[int | None] = mapped_column(Integer)
    cases: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer, default=1)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'signed', 'returned', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name="signed"),
        CheckConstraint("supervisor_id <> person_id", name="not_herself"),
        CheckConstraint("hours_milli IS NOT NULL OR cases IS NOT NULL", name="amount"),
        CheckConstraint("hours_milli BETWEEN 1 AND 24000", name="hours"),
        CheckConstraint("cases BETWEEN 1 AND 300", name="cases"),
        Index("ix_practice_entry_person", "person_id", "on_date"),
        Index("ix_practice_entry_supervisor", "supervisor_id", "state"),
    )


class PracticeStep(Model):
    """Something that happened to an entry: who did it, as whom (`level`), why; `content` is what it said then."""

    __tablename__ = "practice_step"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("practice_entry.id"), index=True)
    action: Mapped[str] = mapped_column(String(10))
    level: Mapped[str] = mapped_column(String(10))
    by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Instant)


class RotationStep(Model):
    """Something that happened to a rotation, told like a PracticeStep; `by` is nobody where the house did it."""

    __tablename__ = "rotation_step"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    rotation_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("rotation.id"), index=True)
    action: Mapped[str] = mapped_column(String(10))
    level: Mapped[str] = mapped_column(String(10))
    by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Instant)


CLEARED = {"by_name": GONE, "reason": "", "content": "{}"}
for _table in (PracticeStep, RotationStep):
    attach_append_only(_table, CLEARED)
