"""Which browsers people signed in with, as far as the house may know: each is a hash of a random number."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from lms.kernel.db import session
from lms.organisations import queries as organisations
from lms.people.models import Posting, UserSession


@dataclass(frozen=True, slots=True)
class BrowserUse:
    """One sign-in: from when until when somebody was seen, and whether she said that others use the device too."""

    browser: str
    person_id: UUID
    since: datetime
    until: datetime
    shared: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom an authority audits on a day, and where she works."""

    person_id: UUID
    workplace_id: UUID


def browser_uses(person_ids: Collection[UUID], since: datetime, until: datetime) -> list[BrowserUse]:
    """The sign-ins of these people that touch a span of time, where the browser is known; one statement."""
    rows = session().execute(
        select(
            func.coalesce(UserSession.browser_hash, ""),
            UserSession.person_id,
            UserSession.created_at,
            UserSession.last_seen_at,
            UserSession.shared,
        ).where(
            UserSession.person_id.in_(person_ids),
            UserSession.browser_hash.is_not(None),
            UserSession.created_at < until,
            UserSession.last_seen_at >= since,
        )
    )
    return [BrowserUse(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def authorities(on: date) -> list[tuple[UUID, str]]:
    """Every organisation by which somebody is audited on a day: id and path, in order of paths; one statement."""
    place = organisations.table("authority")
    rows = session().execute(
        select(place.c.id, place.c.path)
        .join(Posting, Posting.authority_id == place.c.id)
        .where(*_runs(on))
        .distinct()
        .order_by(place.c.path)
    )
    return [(row.id, row.path) for row in rows]


def audited_by(authority_id: UUID, on: date) -> list[Colleague]:
    """The people whom an authority audits on a day, in order of their ids; one statement."""
    rows = session().execute(
        select(Posting.person_id, Posting.workplace_id)
        .where(Posting.authority_id == authority_id, *_runs(on))
        .order_by(Posting.person_id)
    )
    return [Colleague(*row) for row in rows]


def _runs(on: date) -> tuple[ColumnElement[bool], ...]:
    return Posting.starts_on <= on, or_(Posting.ends_on.is_(None), Posting.ends_on >= on)
