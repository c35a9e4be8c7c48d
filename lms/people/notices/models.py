"""Tables of notices: what a person is told in her list, and how she wants to hear of it elsewhere."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model


class Notice(Model):
    """Something told once. `key` is what it is about, such as `claim:…:3`; a second post of it changes nothing.

    It is a sentence with gaps, so that it is read in the reader's language. After the day `about_until` it is moot;
    from `settled_at` on it is done. `mailed_at`, `texted_at`: since when the message that tells of it lies in the
    outbox, in the same transaction.
    """

    __tablename__ = "notice"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))
    msgid: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any]] = mapped_column(Json)
    link: Mapped[str] = mapped_column(String(200))
    about_until: Mapped[date | None] = mapped_column(Date)
    made_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    mailed_at: Mapped[datetime | None] = mapped_column(Instant)
    texted_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        CheckConstraint(
            "kind IN ('deadline', 'returned', 'licence', 'certificate', 'record', 'practice')", name="kind"
        ),
        # What may still be told outside lies among the latest.
        Index("ix_notice_made_at", "made_at"),
        # What may be settled for many at once.
        Index(
            "ix_notice_unsettled",
            "kind",
            "person_id",
            sqlite_where=settled_at.is_(None),
            postgresql_where=settled_at.is_(None),
        ),
    )


class NoticePreference(Model):
    """Since when a person hears of one kind by mail, by text message; NULL: not at all. Without a row neither."""

    __tablename__ = "notice_preference"
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    mail_since: Mapped[datetime | None] = mapped_column(Instant)
    sms_since: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint(
            "kind IN ('deadline', 'returned', 'licence', 'certificate', 'record', 'practice')", name="kind"
        ),
    )


class NoticeTimes(Model):
    """When a person may be told outside (rules.Times), and the day of the last text message: one a day at most."""

    __tablename__ = "notice_times"
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    quiet_from: Mapped[int] = mapped_column(SmallInteger)
    quiet_until: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[str] = mapped_column(String(8))
    texted_on: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        CheckConstraint(
            "quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439 AND quiet_from <> quiet_until",
            name="quiet",
        ),
        CheckConstraint("digest IN ('off', 'daily', 'weekly')", name="digest"),
    )
