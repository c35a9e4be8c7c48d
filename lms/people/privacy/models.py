"""Tables of personal data: looks at whole numbers, closed accounts, copies of one's own data."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.audit import GONE, attach_append_only
from lms.kernel.db import Instant, Model
from lms.kernel.sealing import sealed_info

ALIVE = text("state IN ('waiting', 'ready')")


class Look(Model):
    """One showing of one whole number (or other sealed field) of a person to somebody: who, what post she held then,
    what, why, on which page. Written in the transaction after which it is shown, never changed."""

    __tablename__ = "look"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))  # NULL: the house's own shell
    by_name: Mapped[str] = mapped_column(String(60))
    by_role: Mapped[str] = mapped_column(String(24))
    by_place: Mapped[str] = mapped_column(String(120))
    field: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    page: Mapped[str] = mapped_column(String(20))
    __table_args__ = (Index("ix_look_person", "person_id", "at"), Index("ix_look_by", "by", "at"))


attach_append_only(Look, {"by_name": GONE, "note": ""})


class Closing(Model):
    """An account that is closed for good. Restricted: who she was lies sealed in one place, for what the law still
    needs. Erased: that is gone too, and `person` says nothing of her any more."""

    __tablename__ = "closing"
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    how: Mapped[str] = mapped_column(String(10))
    closed_at: Mapped[datetime] = mapped_column(Instant)
    due_on: Mapped[date] = mapped_column(Date, index=True)
    kept_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info("closing.kept"))
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("state IN ('restricted', 'erased')", name="state"),
        CheckConstraint("how IN ('asked', 'office', 'replayed')", name="how"),
        CheckConstraint("(state = 'erased') = (erased_at IS NOT NULL)", name="erased"),
        CheckConstraint("(state = 'erased') = (kept_sealed IS NULL)", name="kept"),
    )


class ErasureLine(Model):
    """The list that is kept apart from backups, so that whoever was erased stays erased after one is restored."""

    __tablename__ = "erasure_line"
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    state: Mapped[str] = mapped_column(String(10), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    due_on: Mapped[date] = mapped_column(Date)


attach_append_only(ErasureLine)


class OwnCopy(Model):
    """A copy of everything held of a person, asked for by herself; the file is sealed, its key lies sealed here. So do
    the keys of its parts (`steps_sealed`) while it is being made."""

    __tablename__ = "own_copy"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    done: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    file_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info("own_copy.file"))
    steps_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info("own_copy.steps"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    ready_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'ready', 'over')", name="state"),
        CheckConstraint("(state = 'ready') = (file_sealed IS NOT NULL)", name="file"),
        # One at a time.
        Index("uq_own_copy_alive", "person_id", unique=True, sqlite_where=ALIVE, postgresql_where=ALIVE),
    )
