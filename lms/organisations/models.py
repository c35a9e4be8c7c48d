"""Tables of the tree of organisations."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Model


class Organisation(Model):
    """A region or an institution. `path` is made of short random segments, one a level, and never changes:
    rights are prefixes of it."""

    __tablename__ = "organisation"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    code: Mapped[str] = mapped_column(String(32), unique=True)
    parent_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    path: Mapped[str] = mapped_column(String(160), unique=True)
    region_code: Mapped[str | None] = mapped_column(String(8))
    community_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    phone: Mapped[str] = mapped_column(String(20), default="")
    contact_name: Mapped[str] = mapped_column(String(60), default="")
    closed_on: Mapped[date | None] = mapped_column(Date)
    # LIKE 'prefix%' uses an index on PostgreSQL only with this operator class.
    __table_args__ = (Index("ix_organisation_path_prefix", "path", postgresql_ops={"path": "text_pattern_ops"}),)
