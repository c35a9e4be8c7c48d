"""Tables of records: what is known of a person that a requirement may rest on, and who follows which pathway."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.audit import GONE, attach_append_only
from lms.kernel.db import Instant, Json, Model
from lms.kernel.sealing import sealed_info

NUMBER = "record.number"


class PersonRecord(Model):
    """One dated thing about a person, kept once and used by every pathway (rules.schema says what each kind holds).

    Where she works and who audits her are those of the day on which it was first handed in. `waiting`: the rank of
    the level whose turn it is (0: nobody's); `decided`: the highest that has acted. `fingerprint` names what it is;
    it is set while the record stands, so that the same is not handed in twice.
    """

    __tablename__ = "person_record"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # made by the form
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(24))
    on_date: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))  # waiting | verified | rejected | withdrawn
    fields: Mapped[dict[str, str]] = mapped_column(Json)
    number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info(NUMBER))
    number_mask: Mapped[str] = mapped_column(String(40), default="")
    version: Mapped[int] = mapped_column(default=1)
    waiting: Mapped[int] = mapped_column(default=0)
    decided: Mapped[int] = mapped_column(default=0)
    unit_path: Mapped[str] = mapped_column(String(160), default="")
    authority_path: Mapped[str] = mapped_column(String(160), default="")
    told_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    handed_in_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    search_text: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        UniqueConstraint("person_id", "fingerprint"),
        CheckConstraint("state IN ('waiting', 'verified', 'rejected', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'waiting') = (waiting > 0)", name="turn"),
        CheckConstraint("until IS NULL OR until >= on_date", name="order"),
        CheckConstraint("(state = 'verified') = (verified_at IS NOT NULL)", name="verified"),
        Index("ix_person_record_person", "person_id", "kind", "on_date"),
        Index(
            "ix_person_record_unit", "unit_path", "state", "handed_in_at",
            postgresql_ops={"unit_path": "text_pattern_ops"},
        ),
        Index(
            "ix_person_record_area", "authority_path", "state", "handed_in_at",
            postgresql_ops={"authority_path": "text_pattern_ops"},
        ),
    )  # fmt: skip


class RecordFile(Model):
    """A paper of a record, once an upload."""

    __tablename__ = "record_file"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # the upload's
    record_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person_record.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    mime: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column()
    sha: Mapped[str] = mapped_column(String(64), index=True)
    thumbnail_sha: Mapped[str | None] = mapped_column(String(64))
    chosen_sha: Mapped[str] = mapped_column(String(64), index=True)
    added_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class RecordStep(Model):
    """Something that happened to a record; `content` is what was handed in, as it was then."""

    __tablename__ = "record_step"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    record_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person_record.id"), index=True)
    # handed_in | entered | verified | rejected | withdrawn | reopened | taken_back
    action: Mapped[str] = mapped_column(String(12))
    level: Mapped[int] = mapped_column()
    by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Instant)


attach_append_only(RecordStep, {"by_name": GONE, "reason": "", "content": "{}"})


class Following(Model):
    """That somebody goes a way: chosen by herself."""

    __tablename__ = "following"
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    pathway: Mapped[str] = mapped_column(String(40), primary_key=True)
    since: Mapped[date] = mapped_column(Date)
    __table_args__ = (Index("ix_following_pathway", "pathway", "person_id"),)
