"""Tables of the writing room: a draft's files, every text that somebody saved of one, and what waits to be saved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Model


class DraftFile(Model):
    """A file of a draft as it stands. A text lies here; a picture (`sha`) among the stored files."""

    __tablename__ = "draft_file"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    draft_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("draft.id"))
    path: Mapped[str] = mapped_column(String(120))
    text: Mapped[str | None] = mapped_column(Text)
    sha: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    # The save that made it as it stands; NULL as long as nobody has saved it here.
    save_id: Mapped[UUID | None] = mapped_column(Uuid)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    __table_args__ = (UniqueConstraint("draft_id", "path"),)


class DraftSave(Model):
    """One text that somebody saved; its id is made by her browser, so that it is saved once.

    `base`: what she began from (`saving.Base`). `merged`: it is part of the file; else it waits for her to choose.
    `whole`: the file after it, where others' changes made that another text than hers.
    """

    __tablename__ = "draft_save"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    file_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("draft_file.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    base: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text)
    whole: Mapped[str | None] = mapped_column(Text)
    merged: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index("ix_draft_save_file_id", "file_id", "at"),)


class DraftHealth(Model):
    """What is still to be done in a draft, as it was counted last; `mark` names its files as they were then.

    `failed`: its files could not be judged; they are not judged again before they change.
    """

    __tablename__ = "draft_health"
    draft_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("draft.id"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    errors: Mapped[int] = mapped_column(Integer)
    warnings: Mapped[int] = mapped_column(Integer)
    untranslated: Mapped[int] = mapped_column(Integer)
    unsourced: Mapped[int] = mapped_column(Integer)
    unexplained: Mapped[int] = mapped_column(Integer)
    failed: Mapped[bool] = mapped_column(Boolean)
    counted_at: Mapped[datetime] = mapped_column(Instant)


class DraftPresence(Model):
    """That somebody is at a lesson (or another file) of a draft, and since when nothing more was heard of her."""

    __tablename__ = "draft_presence"
    draft_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("draft.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(String(120), primary_key=True)  # the lesson's name, or the file's path
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


class TypedForm(Model):
    """What somebody has typed into a form and not saved yet; its id is that of the page in which it was typed.

    `place`: what the form belongs to ("drafts/<id>"); `form`: which one it is there ("settings/goals"). `number` grows
    with each writing of the page. Without `fields` it has been saved or thrown away: what comes late from that page
    changes nothing.
    """

    __tablename__ = "typed_form"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    place: Mapped[str] = mapped_column(String(60))
    form: Mapped[str] = mapped_column(String(120))
    number: Mapped[int] = mapped_column(BigInteger)
    fields: Mapped[str | None] = mapped_column(Text)  # JSON: a list of names and values, as the form would send them
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        Index("ix_typed_form_person_id", "person_id", "place", "form"),
        Index("ix_typed_form_place", "place"),
    )
