"""The table of uploads."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Model


class Upload(Model):
    """A file on its way. Its pieces and, once cleaned, what became of it lie in the storage under its id.

    `sha` is of what arrives, `chosen_sha` of what the person chose, as her phone says (it may send a
    smaller picture), `stored_sha` of what is kept. A slot is one of the few a person has.
    """

    __tablename__ = "upload"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # made by the phone
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    slot: Mapped[int | None]
    purpose: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(120))  # as she knows it; shown, never believed
    size: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    sha: Mapped[str] = mapped_column(String(64))
    chosen_sha: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))  # open | ready | taken
    mime: Mapped[str | None] = mapped_column(String(40))
    stored_sha: Mapped[str | None] = mapped_column(String(64))
    stored_size: Mapped[int | None]
    thumbnail_sha: Mapped[str | None] = mapped_column(String(64))
    taken_for: Mapped[str | None] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    __table_args__ = (
        UniqueConstraint("person_id", "slot"),
        CheckConstraint("state IN ('open', 'ready', 'taken')", name="state"),
        CheckConstraint("size > 0 AND received >= 0 AND received <= size", name="received"),
        CheckConstraint("state = 'open' OR received = size", name="whole"),
        CheckConstraint(
            "(state = 'open') = (stored_sha IS NULL) AND (stored_sha IS NULL) = (mime IS NULL) "
            "AND (stored_sha IS NULL) = (stored_size IS NULL)",
            name="stored",
        ),
        CheckConstraint("(state = 'taken') = (taken_for IS NOT NULL)", name="taken"),
        CheckConstraint("(state = 'taken') = (slot IS NULL)", name="slot"),
        CheckConstraint("length(sha) = 64 AND length(chosen_sha) = 64", name="sha"),
    )
