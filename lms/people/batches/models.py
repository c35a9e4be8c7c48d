"""Tables of batches: one that came in, and each line of it that did something."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model
from lms.kernel.sealing import sealed_info

FILE, TOLD, KEPT = "batch.files", "batch.told", "batch_line.kept"
STATES = ("reading", "refused", "rehearsed", "running", "done", "undoing", "undone")


class Batch(Model):
    """A table that was handed in. `report` counts its rows; `told_sealed` holds what the page shows of them, and
    `files_sealed` what opens its file and the copy with faults marked: both are forgotten (NULL) when it is over.
    `digest` is of what the rehearsal found: what is done later must be the same."""

    __tablename__ = "batch"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    files_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info(FILE))
    told_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info(TOLD))
    report: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    digest: Mapped[str] = mapped_column(String(64), default="")
    made_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_by_name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)


class BatchLine(Model):
    """What one line did to whom; `kept_sealed` is what was there before, for the way back. No foreign key to the
    person: a line outlives somebody who was taken back with it."""

    __tablename__ = "batch_line"
    batch_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("batch.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    did: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))  # done | undone | kept
    kept_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=sealed_info(KEPT))
    __table_args__ = (
        CheckConstraint("state IN ('done', 'undone', 'kept')", name="state"),
        Index("ix_batch_line_person_id", "person_id"),
        # What is to be forgotten after a while (commands.expire).
        Index(
            "ix_batch_line_kept",
            "batch_id",
            sqlite_where=kept_sealed.is_not(None),
            postgresql_where=kept_sealed.is_not(None),
        ),
    )
