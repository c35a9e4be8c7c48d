"""Tables of filings. A row is what was filed, for ever; only what became of it moves."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
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

from lms.credits.models import BY_BYTES
from lms.kernel.db import Instant, Json, Model
from lms.kernel.sealing import sealed_info


class Filing(Model):
    """One file to the regulator: of a place, for the credit of activities in a period (both days counted).

    Numbered without gaps by place. `as_of` and `log_size` say how far the ledger had come; `files_sealed` holds
    each file's hash and key: the hash of a file with identity numbers would help to guess one.
    """

    __tablename__ = "filing"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    place_path: Mapped[str] = mapped_column(BY_BYTES, index=True)
    place_code: Mapped[str] = mapped_column(String(40))
    place_name: Mapped[str] = mapped_column(String(120))
    number: Mapped[int] = mapped_column()
    period_from: Mapped[date] = mapped_column(Date)
    period_until: Mapped[date] = mapped_column(Date)
    full_numbers: Mapped[bool] = mapped_column()
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10))  # waiting | gathering | writing | filed
    awards_read: Mapped[int] = mapped_column(default=0)
    as_of: Mapped[datetime] = mapped_column(Instant)
    log_size: Mapped[int] = mapped_column(BigInteger)
    totals: Mapped[dict[str, Any]] = mapped_column(Json)
    files_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info("filing.files"))
    made_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_by_name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime] = mapped_column(Instant)
    filed_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("place_id", "number"),
        CheckConstraint("period_until >= period_from AND number > 0", name="period"),
        CheckConstraint("state IN ('waiting', 'gathering', 'writing', 'filed')", name="state"),
        CheckConstraint("(state = 'filed') = (files_sealed IS NOT NULL)", name="files"),
    )


class FilingRow(Model):
    """A line as a filing carried it. A filing keeps only what differs from what its place had filed before;
    the whole of a filing is, for each award, the last row up to its number."""

    __tablename__ = "filing_row"
    filing_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("filing.id"), primary_key=True)
    award_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("award.id"), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(Uuid)
    number: Mapped[int] = mapped_column()
    change: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    authority_path: Mapped[str] = mapped_column(BY_BYTES)
    institution_path: Mapped[str] = mapped_column(BY_BYTES)
    # What the files say.
    name: Mapped[str] = mapped_column(String(60))
    id_number_mask: Mapped[str] = mapped_column(String(18))
    id_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info("filing_row.id_number"))
    institution_code: Mapped[str] = mapped_column(String(40))
    institution: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(Text)
    project_number: Mapped[str] = mapped_column(String(30))
    credit_class: Mapped[str] = mapped_column(String(16))
    credit_year: Mapped[int] = mapped_column()
    on_date: Mapped[date] = mapped_column(Date)
    credits_milli: Mapped[int] = mapped_column(BigInteger)
    hours_milli: Mapped[int] = mapped_column(BigInteger)
    policy_version_id: Mapped[str] = mapped_column(String(40))
    entry_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("ledger_entry.id"))
    source: Mapped[str] = mapped_column(String(30), default="")
    # What became of it.
    state: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    answer_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("filing_answer.id"))
    ready_at: Mapped[datetime | None] = mapped_column(Instant)
    ready_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    ready_note: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        UniqueConstraint("place_id", "award_id", "number"),
        CheckConstraint("change IN ('new', 'changed', 'refiled', 'reversed')", name="change"),
        CheckConstraint("state IN ('filed', 'accepted', 'rejected', 'refiled', 'void')", name="state"),
        Index("ix_filing_row_state", "state", "institution_path", "award_id"),
        Index("ix_filing_row_filing_state", "filing_id", "state", "award_id"),
    )


class FilingAnswer(Model):
    """A file with which the regulator answered: rehearsed first, then applied once. `report` counts its lines."""

    __tablename__ = "filing_answer"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    filing_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("filing.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    # Under a key of the filing's own: the file may hold identity numbers.
    file_hash: Mapped[str] = mapped_column(String(64))
    file_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=sealed_info("filing_answer.file"))
    state: Mapped[str] = mapped_column(String(10))  # rehearsed | applied
    report: Mapped[dict[str, Any]] = mapped_column(Json)
    made_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_by_name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("filing_id", "file_hash"),
        CheckConstraint("state IN ('rehearsed', 'applied')", name="state"),
    )
