"""The table of certificates."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model

LIVE_AWARD = text("revoked_at IS NULL")
LIVE_COMPLETION = text("kind = 'completion' AND revoked_at IS NULL")
_WAITING = text("state = 'waiting'")


class Certificate(Model):
    """A certificate, whole from the transaction that issued it; its file follows.

    `facts` are frozen when it is issued; only the name of one that still waits (because
    no font could draw it) is taken anew. `file_sha` is set once and never changed.
    """

    __tablename__ = "certificate"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    award_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("award.id"))
    enrolment_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("enrolment.id"))
    kind: Mapped[str] = mapped_column(String(10))  # credit | completion
    titles: Mapped[dict[str, str]] = mapped_column(Json)
    masked_name: Mapped[str] = mapped_column(String(80))
    # Whose auditors and whose administrators may see it, as it was when it was issued.
    authority_path: Mapped[str] = mapped_column(String(160))
    place_path: Mapped[str] = mapped_column(String(160))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))  # waiting | queued | issued
    file_sha: Mapped[str | None] = mapped_column(String(64))
    issued_on: Mapped[date] = mapped_column(Date)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    drawn_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint(
            "(kind = 'credit' AND award_id IS NOT NULL) OR (kind = 'completion' AND enrolment_id IS NOT NULL)",
            name="reason",
        ),
        CheckConstraint("(state = 'issued') = (file_sha IS NOT NULL)", name="file"),
        Index("ix_certificate_award_id", "award_id"),
        Index(
            "uq_certificate_live_award",
            "award_id",
            unique=True,
            sqlite_where=LIVE_AWARD,
            postgresql_where=LIVE_AWARD,
        ),
        Index(
            "uq_certificate_live_completion",
            "enrolment_id",
            unique=True,
            sqlite_where=LIVE_COMPLETION,
            postgresql_where=LIVE_COMPLETION,
        ),
        Index("ix_certificate_enrolment_id", "enrolment_id"),
        Index("ix_certificate_person_id_issued_at", "person_id", "issued_at"),
        Index(
            "ix_certificate_waiting",
            "issued_at",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )
