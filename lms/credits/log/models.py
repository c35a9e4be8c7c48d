"""Tables of the transparency log. Only what still waits is ever removed; all else is append-only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.audit import attach_append_only
from lms.kernel.db import Instant, Model


class LogPending(Model):
    """A line that is not yet in the log, by its learner and her number: written with the line itself."""

    __tablename__ = "log_pending"
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_sequence: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("ledger_entry.id"), unique=True)


class LogOrigin(Model):
    """A log by its name and public key. The one with the highest number is written; the others stay as they are.

    `first_leaf` is set where a log goes on after another one: it names that one's last checkpoint.
    """

    __tablename__ = "log_origin"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(200), unique=True)
    vkey: Mapped[str] = mapped_column(String(300))
    first_leaf: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(Instant)


class LogLeaf(Model):
    """A leaf in its place. `entry_id` is NULL for the first leaf of a log that follows another."""

    __tablename__ = "log_leaf"
    log: Mapped[int] = mapped_column(ForeignKey("log_origin.number"), primary_key=True, autoincrement=False)
    idx: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("ledger_entry.id"))
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        UniqueConstraint("entry_id", "log"),
        CheckConstraint("idx >= 0 AND (entry_id IS NOT NULL OR idx = 0)", name="place"),
    )


class LogNode(Model):
    """The hash of a full tile: of 256 leaves at level 1, of 256 such at level 2, …"""

    __tablename__ = "log_node"
    log: Mapped[int] = mapped_column(ForeignKey("log_origin.number"), primary_key=True, autoincrement=False)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class LogCheckpoint(Model):
    """The root of a log at a size, committed together with the leaves that made it."""

    __tablename__ = "log_checkpoint"
    log: Mapped[int] = mapped_column(ForeignKey("log_origin.number"), primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Instant)


class LogSignature(Model):
    """A signature line of a checkpoint: the log's own, or a witness's."""

    __tablename__ = "log_signature"
    log: Mapped[int] = mapped_column(ForeignKey("log_origin.number"), primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    vkey: Mapped[str] = mapped_column(String(300), primary_key=True)
    line: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index("ix_log_signature_key", "log", "vkey", "size"),)


APPEND_ONLY = (LogOrigin, LogLeaf, LogNode, LogCheckpoint, LogSignature)
for _model in APPEND_ONLY:
    attach_append_only(_model)
