"""Tables of what is known about a course's working. Answers to surveys are kept as counts, never by person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model


class Tally(Model):
    """The numbers of one edition as they were counted last (counting.Numbers as JSON)."""

    __tablename__ = "tally"
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"), primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"), index=True)
    numbers: Mapped[dict[str, Any]] = mapped_column(Json)
    counted_at: Mapped[datetime] = mapped_column(Instant)


class TallyAsked(Model):
    """When somebody last asked for a course to be counted; an edition counted before is not done yet."""

    __tablename__ = "tally_asked"
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
