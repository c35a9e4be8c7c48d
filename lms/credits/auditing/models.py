"""Tables of auditing: samples that were drawn, and decisions that wait for a second person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.audit import GONE, attach_append_only
from lms.kernel.db import Instant, Model


class AuditSample(Model):
    """A sample as it was drawn. Seed, place, year, kind and instant say for good what it was drawn from: every award
    audited at the place or below that existed at that instant. `size` was asked for; `drawn` came out of `frame`."""

    __tablename__ = "audit_sample"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # made by the form
    seed: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column()
    drawn: Mapped[int] = mapped_column()
    frame: Mapped[int] = mapped_column(BigInteger)
    place_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    place_path: Mapped[str] = mapped_column(String(160))
    place_name: Mapped[str] = mapped_column(String(120))
    year: Mapped[int | None] = mapped_column()
    kind: Mapped[str] = mapped_column(String(24))
    level: Mapped[int] = mapped_column()
    drawn_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    drawn_by_name: Mapped[str] = mapped_column(String(60))
    drawn_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (CheckConstraint("drawn BETWEEN 1 AND size AND drawn <= frame", name="drawn"),)


class SampledAward(Model):
    """An award of a sample, in the order in which it was drawn (from 1)."""

    __tablename__ = "audit_sample_award"
    sample_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("audit_sample.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    award_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("award.id"))
    __table_args__ = (UniqueConstraint("sample_id", "award_id"),)


class AwardProposal(Model):
    """What a first person would decide on an award as it was at a version. It waits while the award stays there."""

    __tablename__ = "award_proposal"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    award_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("award.id"))
    award_version: Mapped[int] = mapped_column()
    action: Mapped[str] = mapped_column(String(10))
    level: Mapped[int] = mapped_column()
    reason_code: Mapped[str] = mapped_column(String(24))
    reason_text: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("award_id", "award_version"),
        UniqueConstraint("id", "by"),
        CheckConstraint("action IN ('approve', 'reverse')", name="action"),
    )


class ProposalAnswer(Model):
    """What the second person said to a proposal, once; the database knows that it was not the first."""

    __tablename__ = "award_proposal_answer"
    proposal_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    proposed_by: Mapped[UUID] = mapped_column(Uuid)
    answer: Mapped[str] = mapped_column(String(10))
    by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        ForeignKeyConstraint(["proposal_id", "proposed_by"], ["award_proposal.id", "award_proposal.by"]),
        CheckConstraint("answer IN ('confirm', 'decline')", name="answer"),
        CheckConstraint('"by" <> proposed_by', name="two_persons"),
    )


# Names and words may be cleared when somebody is erased; never what was drawn or decided.
attach_append_only(AuditSample, {"drawn_by_name": GONE})
attach_append_only(SampledAward)
attach_append_only(AwardProposal, {"by_name": GONE, "reason_text": ""})
attach_append_only(ProposalAnswer, {"by_name": GONE, "text": ""})
