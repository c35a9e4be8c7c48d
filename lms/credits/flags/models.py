"""Tables of flags. A flag points at awards of nobody: what is done about one is done where awards are audited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.audit import GONE, attach_append_only
from lms.kernel.db import Instant, Json, Model


class Flag(Model):
    """Something that was noticed; once for each subject of a kind, however often somebody looks."""

    __tablename__ = "flag"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(120))
    authority_path: Mapped[str] = mapped_column(String(160))
    state: Mapped[str] = mapped_column(String(10), default="open")
    strength: Mapped[float] = mapped_column(Float)
    evidence: Mapped[dict[str, Any]] = mapped_column(Json)
    noticed_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        CheckConstraint("kind IN ('pace', 'copy', 'device', 'places', 'burst')", name="kind"),
        CheckConstraint("state IN ('open', 'asked', 'answered', 'closed')", name="state"),
        Index(
            "ix_flag_area", "authority_path", "state", "id", postgresql_ops={"authority_path": "text_pattern_ops"}
        ),
    )


class FlagPerson(Model):
    """Whom a flag is about."""

    __tablename__ = "flag_person"
    flag_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("flag.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True, index=True)


class FlagStep(Model):
    """What was said or decided about a flag: by a reviewer (ask, close, reopen), by a doctor (reply), by nobody
    (renewed: much more of the same was seen after it had been closed)."""

    __tablename__ = "flag_step"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    flag_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("flag.id"), index=True)
    action: Mapped[str] = mapped_column(String(10))
    by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    by_name: Mapped[str] = mapped_column(String(60))
    reason_code: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("action IN ('ask', 'close', 'reopen', 'reply', 'renewed')", name="action"),
        CheckConstraint("action <> 'close' OR reason_code <> ''", name="reason"),
    )


class FlagScan(Model):
    """Until when an authority's people have been looked at."""

    __tablename__ = "flag_scan"
    authority_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)


attach_append_only(FlagStep, {"by_name": GONE, "text": ""})
