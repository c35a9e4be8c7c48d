"""The list of one's own notices, and what she has read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, update

from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import Message
from lms.people.notices.models import Notice
from lms.people.notices.rules import Kind
from lms.people.sentences import from_json


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """A notice as its reader sees it."""

    id: UUID
    kind: Kind
    message: Message
    made_at: datetime
    read: bool


def _hers(person_id: UUID | None) -> list[ColumnElement[bool]]:
    """What is neither done nor moot."""
    return [
        Notice.person_id == person_id,
        Notice.settled_at.is_(None),
        or_(Notice.about_until.is_(None), Notice.about_until >= clock.today()),
    ]


def unread_count(person_id: UUID) -> Select[Any]:
    """SQL: one row with the number (`unread`) of notices that somebody has not read, to be asked with other news."""
    return select(func.count().label("unread")).select_from(Notice).where(*_hers(person_id), Notice.read_at.is_(None))


def notices_of(person_id: UUID, number: int = 1) -> Page[NoticeCard]:
    """A page of somebody's list: what she has not read first, then the latest; two statements."""
    total = session().scalar(select(func.count()).select_from(Notice).where(*_hers(person_id))) or 0
    rows: Sequence[Notice] = (
        session()
        .scalars(
            select(Notice)
            .where(*_hers(person_id))
            .order_by(Notice.read_at.is_not(None), Notice.made_at.desc(), Notice.id)
            .limit(SIZE)
            .offset((number - 1) * SIZE)
        )
        .all()
    )
    cards = [
        NoticeCard(row.id, Kind(row.kind), from_json(row.msgid, row.params), row.made_at, row.read_at is not None)
        for row in rows
    ]
    return Page(cards, number, total)


def open_notice(actor: Actor, notice_id: UUID) -> str:
    """Mark one of one's own notices read; where it leads. A second press changes nothing. Raises NotFound."""
    link = session().scalar(select(Notice.link).where(Notice.id == notice_id, Notice.person_id == actor.person_id))
    _mark(actor, Notice.id == notice_id)
    return require_found(link)


def read_all(actor: Actor) -> None:
    """Mark all of one's own notices read."""
    _mark(actor)


def _mark(actor: Actor, *which: ColumnElement[bool]) -> None:
    session().execute(
        update(Notice)
        .where(Notice.person_id == actor.person_id, Notice.read_at.is_(None), *which)
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )
