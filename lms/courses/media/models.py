"""Tables of media: every file that was made or judged here, smaller pictures, and recordings being made smaller."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model


class KnownFile(Model):
    """A stored file that a package may name by its SHA: its type and size are what was found, not what is claimed."""

    __tablename__ = "media_file"
    sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    mime: Mapped[str] = mapped_column(String(30))
    size: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(Instant, index=True)


class PictureSize(Model):
    """A smaller WebP file of a picture."""

    __tablename__ = "picture_size"
    picture_sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    width: Mapped[int] = mapped_column(Integer, primary_key=True)
    height: Mapped[int] = mapped_column(Integer)
    sha: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)


class Transcode(Model):
    """A recording on its way into a draft: waiting, working (under a lease), or failed. Done, it is a file of the
    draft and no row here any more. `done`: thousandths. `attempts`: how often it was begun."""

    __tablename__ = "transcode"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    draft_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("draft.id"))
    name: Mapped[str] = mapped_column(String(80))
    source_sha: Mapped[str] = mapped_column(String(64), index=True)
    source_mime: Mapped[str] = mapped_column(String(30))
    source_size: Mapped[int] = mapped_column(Integer)
    source_name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10))
    done: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    fault: Mapped[dict[str, Any] | None] = mapped_column(Json)
    made_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("draft_id", "name"),
        CheckConstraint("state IN ('waiting', 'working', 'failed')", name="state"),
        CheckConstraint("(state = 'working') = (lease_until IS NOT NULL)", name="lease"),
    )
