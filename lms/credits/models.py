"""Tables of credits: approvals, facts, awards, the ledger, and what auditors decided."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
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

STATES = ("granted", "returned", "approved", "reversed")


class PolicyVersion(Model):
    """The exact text of a policy under which something was decided."""

    __tablename__ = "policy_version"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    jurisdiction: Mapped[str] = mapped_column(String(8))
    first_year: Mapped[int] = mapped_column()
    hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(Instant)


class Approval(Model):
    """That an authority approved a course for credit, from a day until a day (both counted)."""

    __tablename__ = "approval"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    # The edition that was proposed, and no other; NULL where it holds for all.
    edition_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("edition.id"))
    course_code: Mapped[str] = mapped_column(String(30))
    holder_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    authority_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    authority_path: Mapped[str] = mapped_column(String(160))
    project_number: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(24))
    credit_class: Mapped[str] = mapped_column(String(16))
    hours_milli: Mapped[int] = mapped_column(BigInteger)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    entered_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    ended_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("valid_until >= valid_from", name="order"),
        CheckConstraint("hours_milli > 0", name="hours"),
        UniqueConstraint("course_id", "authority_id", "project_number", "valid_from"),
        Index("ix_approval_course_code", "course_code", "valid_from"),
    )


class Activity(Model):
    """A fact: somebody did something creditable. Only ever added."""

    __tablename__ = "activity"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    activity_code: Mapped[str | None] = mapped_column(String(40))
    project_number: Mapped[str | None] = mapped_column(String(30))
    title: Mapped[dict[str, str]] = mapped_column(Json)
    subject: Mapped[str | None] = mapped_column(String(40))
    started_on: Mapped[date] = mapped_column(Date)
    on_date: Mapped[date] = mapped_column(Date)
    quantity_milli: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(12))
    hours_milli: Mapped[int] = mapped_column(BigInteger)
    role: Mapped[str] = mapped_column(String(12))
    # What was chosen where the policy has several rates for the kind.
    choice: Mapped[str | None] = mapped_column(Text)
    assessed: Mapped[bool] = mapped_column()
    # Of a claim: its papers, each {"kind", "sha"}.
    evidence: Mapped[list[dict[str, str]] | None] = mapped_column(Json)
    enrolment_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("enrolment.id"), unique=True)
    approval_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("approval.id"), index=True)
    holder: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class Award(Model):
    """Credit given for a fact, with the decision as it was made; only its state changes."""

    __tablename__ = "award"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    activity_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("activity.id"), unique=True)
    activity_code: Mapped[str | None] = mapped_column(String(40))
    project_number: Mapped[str | None] = mapped_column(String(30))
    credit_year: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(String(24))
    credit_class: Mapped[str] = mapped_column(String(16))
    on_date: Mapped[date] = mapped_column(Date)
    computed_milli: Mapped[int] = mapped_column(BigInteger)
    awarded_milli: Mapped[int] = mapped_column(BigInteger)
    hours_milli: Mapped[int] = mapped_column(BigInteger)
    policy_version_id: Mapped[str] = mapped_column(String(40), ForeignKey("policy_version.id"))
    decision: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))
    decided_level: Mapped[int] = mapped_column(default=0)
    answered: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    authority_path: Mapped[str] = mapped_column(String(160))
    # What a search in the queue looks through: name and workplace at the time, title, number.
    search_text: Mapped[str] = mapped_column(Text)
    # A number spread evenly over all awards, from which seeded samples are drawn.
    lot: Mapped[int] = mapped_column(BigInteger)
    awarded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("person_id", "activity_code", "credit_year"),
        CheckConstraint("awarded_milli > 0 AND awarded_milli <= computed_milli", name="amount"),
        CheckConstraint("state IN ('granted', 'returned', 'approved', 'reversed')", name="state"),
        Index("ix_award_person_year", "person_id", "credit_year"),
        Index(
            "ix_award_area",
            "authority_path",
            "state",
            "id",
            postgresql_ops={"authority_path": "text_pattern_ops"},
        ),
        Index("ix_award_state", "state", "id"),
    )


class RefusedActivity(Model):
    """A fact that earned nothing, and why (already awarded this year, not assessed, …)."""

    __tablename__ = "refused_activity"
    activity_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    credit_year: Mapped[int] = mapped_column()
    computed_milli: Mapped[int] = mapped_column(BigInteger)
    policy_version_id: Mapped[str] = mapped_column(String(40), ForeignKey("policy_version.id"))
    decision: Mapped[dict[str, Any]] = mapped_column(Json)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index("ix_refused_activity_person_year", "person_id", "credit_year"),)


# A reversal takes back the line before it, so that (award, number) being unique lets no line be taken back twice.
TURNS = (
    "CASE WHEN amount_milli > 0 THEN sequence % 2 = 1 AND reverses IS NULL "
    "ELSE amount_milli < 0 AND sequence % 2 = 0 AND reverses IS NOT NULL AND reverses = sequence - 1 END"
)


class LedgerEntry(Model):
    """One line of the account: an award, or the reversal of exactly one earlier line, once.

    The lines of an award take turns: odd ones give, and each even one takes back the line before it, whose number
    is in `reverses`. A line moves |amount_milli| from the account `debit` to the account `credit`; the sign says
    what that does to the learner. `person_sequence` is gap-free per learner. `leaf` is what the transparency log
    keeps: written once, never made anew. `id` follows from award and number (`leaves.entry_id`).
    """

    __tablename__ = "ledger_entry"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    award_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("award.id"))
    sequence: Mapped[int] = mapped_column()
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    person_sequence: Mapped[int] = mapped_column()
    credit_year: Mapped[int] = mapped_column()
    credit_class: Mapped[str] = mapped_column(String(16))
    debit: Mapped[str] = mapped_column(String(120))
    credit: Mapped[str] = mapped_column(String(120))
    amount_milli: Mapped[int] = mapped_column(BigInteger)
    reverses: Mapped[int | None] = mapped_column()
    policy_version_id: Mapped[str] = mapped_column(String(40), ForeignKey("policy_version.id"))
    effective_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        UniqueConstraint("award_id", "sequence"),
        UniqueConstraint("person_id", "person_sequence"),
        ForeignKeyConstraint(["award_id", "reverses"], ["ledger_entry.award_id", "ledger_entry.sequence"]),
        CheckConstraint(TURNS, name="turns"),
        CheckConstraint("debit <> credit", name="accounts"),
        CheckConstraint(
            "CASE WHEN amount_milli > 0 THEN debit LIKE 'issuer:%' AND credit LIKE 'learner:%' "
            "ELSE debit LIKE 'learner:%' AND credit LIKE 'issuer:%' END",
            name="direction",
        ),
    )


class LearnerKey(Model):
    """The key behind a learner's pseudonym. Erasing it (NULL) leaves her leaves to nobody."""

    __tablename__ = "learner_key"
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    learner: Mapped[str] = mapped_column(String(22), unique=True)
    key_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info("learner_key.key_sealed"))
    made_at: Mapped[datetime] = mapped_column(Instant)


class LedgerState(Model):
    """What is so of the whole ledger now: that awarding is stopped, that the signer refuses, how the last
    verification ended."""

    __tablename__ = "ledger_state"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


class AuditDecision(Model):
    """What an auditor decided on an award, with the words the doctor reads. Where two persons had to agree, `by` is
    the second, and `proposed_by` the first."""

    __tablename__ = "audit_decision"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    award_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("award.id"), index=True)
    action: Mapped[str] = mapped_column(String(10))
    level: Mapped[int] = mapped_column()
    by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(60))
    reason_code: Mapped[str] = mapped_column(String(24))
    reason_text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    proposed_by: Mapped[UUID | None] = mapped_column(Uuid)
    proposed_by_name: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (
        CheckConstraint('proposed_by IS NULL OR ("by" IS NOT NULL AND "by" <> proposed_by)', name="two_persons"),
    )


class AwardReply(Model):
    """What the doctor answered to a returned award."""

    __tablename__ = "award_reply"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    award_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("award.id"), index=True)
    by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


# The database itself refuses to change or remove these; migrations create the same triggers with
# `kernel.audit.append_only(name)`.
APPEND_ONLY = (PolicyVersion, Activity, RefusedActivity, LedgerEntry, AuditDecision, AwardReply)
# What somebody said, and her name beside it, may be cleared when she is erased; never what was decided.
CLEARED = {
    AuditDecision: {"by_name": GONE, "reason_text": "", "proposed_by_name": GONE}, AwardReply: {"text": ""},
}  # fmt: skip
for _model in APPEND_ONLY:
    attach_append_only(_model, CLEARED.get(_model))


# Sorted by bytes on every database, so that all below a path is one range of an index, and the index
# alone answers (PostgreSQL reads the table again where the operator class is one of patterns).
BY_BYTES = String(160).with_variant(String(160, collation="C"), "postgresql")


class YearResult(Model):
    """What a year has come to for one person: derived, may be thrown away and made again at any time.

    Filed where she worked on the last day of the year (today, while it runs): `place_path` is her
    workplace's, or her authority's where she works outside its area. `version` grows with every writing,
    so that whoever has read an older one cannot put her count over a newer one. `lacking` names what a
    failed year lacks: credits, hours, and categories as `#id`. No foreign key to the policy: a version is
    kept once something was decided under it, and a year may end without.
    """

    __tablename__ = "year_result"
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    policy: Mapped[str | None] = mapped_column(String(40))
    compliance: Mapped[str] = mapped_column(String(12))
    lacking: Mapped[str] = mapped_column(Text)
    counted_milli: Mapped[int] = mapped_column(BigInteger)
    hours_milli: Mapped[int] = mapped_column(BigInteger)
    need_credits_milli: Mapped[int | None] = mapped_column(BigInteger)
    need_hours_milli: Mapped[int | None] = mapped_column(BigInteger)
    gap_credits_milli: Mapped[int] = mapped_column(BigInteger)
    gap_hours_milli: Mapped[int] = mapped_column(BigInteger)
    categories: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    place_path: Mapped[str] = mapped_column(BY_BYTES)
    authority_path: Mapped[str] = mapped_column(String(160))
    computed_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("compliance IN ('pass', 'fail', 'unknown', 'not_required')", name="compliance"),
        # All that an overview reads: it never opens the table.
        Index(
            "ix_year_result_place",
            "year",
            "place_path",
            "compliance",
            "lacking",
            "authority_path",
        ),
    )
