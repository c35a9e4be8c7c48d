"""The table of proposals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Model

WAITING = text("state = 'waiting'")


class CreditProposal(Model):
    """What a centre proposes for one edition: waiting → approved, refused or withdrawn. Nothing else changes."""

    __tablename__ = "credit_proposal"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"))
    course_code: Mapped[str] = mapped_column(String(30))
    centre_path: Mapped[str] = mapped_column(String(160))
    authority_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    authority_path: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(24))
    hours_milli: Mapped[int] = mapped_column(BigInteger)
    credits_milli: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    proposed_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(Text)
    approval_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("approval.id"))
    __table_args__ = (
        CheckConstraint("hours_milli > 0", name="hours"),
        CheckConstraint("state IN ('waiting', 'approved', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'approved') = (approval_id IS NOT NULL)", name="approved"),
        # One edition waits at one authority once.
        Index(
            "uq_credit_proposal_waiting", "edition_id", "authority_id",
            unique=True, postgresql_where=WAITING, sqlite_where=WAITING,
        ),
        Index("ix_credit_proposal_course_id", "course_id", "proposed_at"),
    )  # fmt: skip
