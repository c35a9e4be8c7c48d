"""Tables of editions in use: moves with the people they concern, editions taken back, notices and who has read them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Json, Model


class Move(Model):
    """People inside one edition (`source`) go on in another (`target`): moving → done → returning → taken_back.

    `equal` names lessons by slug whose text changed and of which the author says that whoever read the old one need
    not read the new one. `people` is how many it concerns.
    """

    __tablename__ = "edition_move"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    source_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"))
    target_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"))
    equal: Mapped[list[str]] = mapped_column(Json)
    people: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index("ix_edition_move_course_made", "course_id", "made_at"),
        Index(
            "ix_edition_move_open",
            "state",
            sqlite_where=state.in_(("moving", "returning")),
            postgresql_where=state.in_(("moving", "returning")),
        ),
    )


class Moved(Model):
    """One enrolment in a move: waiting → moved or stayed; moved → returning → returned or stayed.

    `carried` are the lessons of the new edition that count as finished because their former ones were (ids, as text);
    `why` says what kept somebody where she is.
    """

    __tablename__ = "edition_moved"
    move_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition_move.id"), primary_key=True)
    enrolment_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("enrolment.id"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(10))
    carried: Mapped[list[str]] = mapped_column(Json)
    at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_edition_moved_state", "move_id", "state", "enrolment_id"),)


class RolledBack(Model):
    """An edition that new starts get no more because the one before it came back. Once an edition."""

    __tablename__ = "edition_rolled_back"
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"), primary_key=True)
    to_edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"))
    made_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)


class ClinicalNotice(Model):
    """What is clinically new in an edition, for those who were certified on an earlier one; {language: text}."""

    __tablename__ = "clinical_notice"
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("edition.id"), primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"), index=True)
    texts: Mapped[dict[str, str]] = mapped_column(Json)
    made_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)


class NoticeRead(Model):
    """Somebody said that she has read a notice."""

    __tablename__ = "clinical_notice_read"
    edition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("clinical_notice.edition_id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(Instant)
