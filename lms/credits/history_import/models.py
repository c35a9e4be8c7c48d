"""Tables of history: an import, and each row of it with where it came from."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model
from lms.kernel.sealing import sealed_info


class HistoryImport(Model):
    """One file from another system: rehearsed, then imported, perhaps taken back. `report` counts its rows."""

    __tablename__ = "history_import"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    system: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(120))
    headings: Mapped[dict[str, str]] = mapped_column(Json)
    file_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=sealed_info("history_import.file"))
    state: Mapped[str] = mapped_column(String(10))  # rehearsed | running | done | undoing | undone
    report: Mapped[dict[str, Any]] = mapped_column(Json)
    made_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_by_name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("state IN ('rehearsed', 'running', 'done', 'undoing', 'undone')", name="state"),
    )


LIVE = text("live")
"""The condition of the unique index; whoever inserts names the same."""


class HistoryRow(Model):
    """A row of an import. While it is `live`, no other row may have its source id: the same file again changes
    nothing. Taking an import back ends that."""

    __tablename__ = "history_row"
    import_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("history_import.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    system: Mapped[str] = mapped_column(String(30))
    source_id: Mapped[str] = mapped_column(String(60))
    live: Mapped[bool] = mapped_column(default=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))  # waiting | awarded | refused | undone | audited
    activity_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("activity.id"))
    award_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("award.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'awarded', 'refused', 'undone', 'audited')", name="state"),
        Index(
            "uq_history_row_source",
            "system",
            "source_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        Index("ix_history_row_state", "import_id", "state", "line"),
    )
