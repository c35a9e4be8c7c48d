"""The table of rehearsals: what a file would become, until somebody takes it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model


class ImportRehearsal(Model):
    """A file that was read and not taken yet. The draft that is made of it has its id: there can be only one."""

    __tablename__ = "import_rehearsal"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    centre_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2))
    report: Mapped[dict[str, Any]] = mapped_column(Json)
    package: Mapped[bytes] = mapped_column(LargeBinary)  # a course package as a ZIP
    made_at: Mapped[datetime] = mapped_column(Instant)
