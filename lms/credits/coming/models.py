"""The table of activities that are to come."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.credits.models import BY_BYTES
from lms.kernel.db import Instant, Json, Model


class ComingActivity(Model):
    """An activity that people of a place may join, from a day until a day (both counted).

    The columns it shares with `Activity` mean the same: it is judged by the same rules, and an attendance list begins
    from it. `version` grows with every change; `listed_at`: when the first attendance list of it was entered."""

    __tablename__ = "coming_activity"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    place_path: Mapped[str] = mapped_column(BY_BYTES)
    kind: Mapped[str] = mapped_column(String(24))
    project_number: Mapped[str | None] = mapped_column(String(30))
    title: Mapped[dict[str, str]] = mapped_column(Json)
    holder: Mapped[str] = mapped_column(String(80))
    venue: Mapped[str] = mapped_column(String(120))
    started_on: Mapped[date] = mapped_column(Date)
    on_date: Mapped[date] = mapped_column(Date)
    quantity_milli: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(12))
    hours_milli: Mapped[int] = mapped_column(BigInteger)
    choice: Mapped[str | None] = mapped_column(Text)
    assessed: Mapped[bool] = mapped_column()
    version: Mapped[int] = mapped_column(default=1)
    entered_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    cancelled_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)
    listed_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("on_date >= started_on", name="order"),
        CheckConstraint("hours_milli > 0 AND quantity_milli > 0", name="amounts"),
        CheckConstraint("(cancelled_by IS NULL) = (cancelled_at IS NULL)", name="cancelled"),
        Index("ix_coming_activity_place", "place_path", "started_on"),
    )
