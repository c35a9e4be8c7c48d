"""Tables of claims."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.audit import GONE, attach_append_only
from lms.kernel.db import Instant, Json, Model


class Claim(Model):
    """What a doctor tells of herself. Once approved it is one activity, which bears the claim's id: the key of
    `activity` keeps a claim from becoming two.

    Where she works and who audits her are those of the day on which it was first handed in. `fingerprint` names
    what was done; it is set while the claim stands, so that the same is not claimed twice.
    """

    __tablename__ = "claim"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # made by the form
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(24))
    role: Mapped[str] = mapped_column(String(12))
    choice: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(80))
    started_on: Mapped[date | None] = mapped_column(Date)
    on_date: Mapped[date | None] = mapped_column(Date)
    quantity_milli: Mapped[int | None] = mapped_column(BigInteger)
    hours_milli: Mapped[int | None] = mapped_column(BigInteger)
    project_number: Mapped[str | None] = mapped_column(String(30))
    assessed: Mapped[bool] = mapped_column()
    note: Mapped[str] = mapped_column(Text)
    credit_year: Mapped[int | None] = mapped_column()
    unit_path: Mapped[str] = mapped_column(String(160), default="")
    authority_path: Mapped[str] = mapped_column(String(160), default="")
    levels: Mapped[list[int]] = mapped_column(Json)
    two: Mapped[bool] = mapped_column(default=False)
    waiting: Mapped[int] = mapped_column(default=0)
    decided: Mapped[int] = mapped_column(default=0)
    answered: Mapped[bool] = mapped_column(default=False)
    may_answer: Mapped[bool] = mapped_column(default=True)
    handed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    search_text: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        UniqueConstraint("person_id", "fingerprint"),
        CheckConstraint(
            "state IN ('draft', 'waiting', 'returned', 'refused', 'approved', 'not_counted', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("state <> 'waiting' OR waiting > 0", name="turn"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR handed_in_at IS NOT NULL", name="handed_in"),
        Index("ix_claim_person", "person_id", "changed_at"),
        Index("ix_claim_unit", "unit_path", "state", "handed_in_at", postgresql_ops={"unit_path": "text_pattern_ops"}),
        Index(
            "ix_claim_area",
            "authority_path",
            "state",
            "handed_in_at",
            postgresql_ops={"authority_path": "text_pattern_ops"},
        ),
    )


class ClaimFile(Model):
    """A paper of a claim, once an upload. What was removed while she still wrote stays named, but unseen."""

    __tablename__ = "claim_file"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # the upload's
    claim_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("claim.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    mime: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column()
    sha: Mapped[str] = mapped_column(String(64), index=True)
    thumbnail_sha: Mapped[str | None] = mapped_column(String(64))
    chosen_sha: Mapped[str] = mapped_column(String(64), index=True)
    added_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class ClaimStep(Model):
    """Something that happened to a claim; `content` is what was handed in, as it was then."""

    __tablename__ = "claim_step"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    claim_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("claim.id"), index=True)
    action: Mapped[str] = mapped_column(String(12))
    level: Mapped[int] = mapped_column()
    by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(60))
    reason_code: Mapped[str] = mapped_column(String(24))
    reason_text: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Instant)


attach_append_only(ClaimStep, {"by_name": GONE, "reason_text": "", "content": "{}"})
