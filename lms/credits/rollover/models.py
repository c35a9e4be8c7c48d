"""Tables of the roll-over: one that was done, and each approval it entered with the one that it follows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Model


class Rollover(Model):
    """Approvals entered together for a year. `entered`: how many; those that are still there are its lines."""

    __tablename__ = "rollover"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    year: Mapped[int] = mapped_column()
    entered: Mapped[int] = mapped_column()
    made_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (CheckConstraint("entered > 0", name="entered"),)


class RolloverLine(Model):
    """An approval that was entered, after which one. Of two who roll over at once the second meets `follows_id`."""

    __tablename__ = "rollover_line"
    approval_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("approval.id"), primary_key=True)
    follows_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("approval.id"), unique=True)
    rollover_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("rollover.id"), index=True)
