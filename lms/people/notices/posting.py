"""Posting a notice and settling it: for whoever is above, in the transaction of what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Insert, Select, and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.kernel import clock
from lms.kernel.db import run, session
from lms.kernel.ids import new_id
from lms.kernel.text import Message
from lms.people.models import Person
from lms.people.notices.models import Notice, NoticePreference, NoticeTimes
from lms.people.notices.rules import Kind, is_local
from lms.people.sentences import to_json

KEPT = timedelta(days=400)
"""How long a notice stays (house practice): a year, and what is left of the one before."""


@dataclass(frozen=True, slots=True)
class Post:
    """A notice as it is posted. `key`: what it is about, its parts joined by colons, the occasion last
    (`claim:ID:3`, `credit-year:2026:14`). `link`: a path of this house. `until`: the last day on which it matters."""

    person_id: UUID
    kind: Kind
    key: str
    message: Message
    link: str
    until: date | None = None


def post(
    person_id: UUID, kind: Kind | str, key: str, message: Message, link: str, until: date | None = None
) -> bool:
    """Tell a person something, once: False if it was told before (settled or not), or if her account is disabled or
    closed. One statement. Raises ValueError for a link that leaves the house, a kind that is none, a key too long."""
    return run(_insert(), _row(Post(person_id, Kind(kind), key, message, link, until)), count=True).rowcount == 1


def post_all(posts: Sequence[Post]) -> int:
    """The same of many; how many are new (as far as the database tells)."""
    if not posts:
        return 0
    done = session().connection().execute(
        _insert(), [_row(one) for one in posts], execution_options={"preserve_rowcount": True}
    )
    return max(0, done.rowcount)


def settle(person_id: UUID, key: str) -> None:
    """What `key` names is done: none of its notices is shown or told any more, whatever the occasion (`claim:ID`
    settles `claim:ID:3`). One statement."""
    _settle(Notice.person_id == person_id, key)


def settle_all(people: Sequence[UUID], key: str) -> None:
    """The same for many: their ids, a thousand at most."""
    _settle(Notice.person_id.in_(people), key)


def settle_where(people: Select[Any], kind: Kind, key: str) -> None:
    """The same for everybody whom a statement finds by her id, of one kind. Only what is not settled yet is looked
    at, however many people there are."""
    found = people.where(people.selected_columns[0] == Notice.person_id).exists()
    _settle(and_(Notice.kind == str(kind), found), key)


def _settle(whose: ColumnElement[bool], key: str) -> None:
    occasions = Notice.key.startswith(f"{key}:", autoescape=True)
    session().execute(
        update(Notice)
        .where(whose, or_(Notice.key == key, occasions), Notice.settled_at.is_(None))
        .values(settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def forget(person_id: UUID) -> None:
    """Remove everything about a person, with what she chose: her account is closed or erased."""
    for table in (Notice, NoticePreference, NoticeTimes):
        session().execute(delete(table).where(table.person_id == person_id))


def forget_all(person_ids: Sequence[UUID]) -> None:
    """Remove what the house told people whose accounts nobody has used."""
    session().execute(delete(Notice).where(Notice.person_id.in_(person_ids)))


def prune() -> None:
    """Forget notices that are older than KEPT."""
    session().execute(delete(Notice).where(Notice.made_at < clock.now() - KEPT))


def _row(one: Post) -> dict[str, Any]:
    if not is_local(one.link) or len(one.link) > 200:
        raise ValueError(f"no path of this house: {one.link}")
    if not one.key or len(one.key) > 120:
        raise ValueError(f"a key has 1 to 120 characters: {one.key}")
    return {
        "new_id": new_id(),
        "hers": one.person_id,
        "new_key": one.key,
        "new_kind": str(one.kind),
        "new_msgid": one.message.msgid,
        "new_params": to_json(one.message),
        "new_link": one.link,
        "until": one.until,
        "now": clock.now(),
    }


def _insert() -> Insert:
    return _insert_for(session().get_bind().dialect.name)


@lru_cache(maxsize=2)
def _insert_for(dialect: str) -> Insert:
    """One row, unless it is there; none for somebody who may not sign in."""
    given = {
        Notice.id: "new_id", Notice.person_id: "hers", Notice.key: "new_key", Notice.kind: "new_kind",
        Notice.msgid: "new_msgid", Notice.params: "new_params", Notice.link: "new_link",
        Notice.about_until: "until", Notice.made_at: "now",
    }  # fmt: skip
    hers = (
        select(*(bindparam(name, type_=column.type).label(column.key) for column, name in given.items()))
        .select_from(Person)
        .where(Person.id == bindparam("hers", type_=Person.id.type), Person.disabled_at.is_(None))
    )
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    made: Insert = (
        insert(Notice.__table__)
        .from_select([column.key for column in given], hers)
        .on_conflict_do_nothing(index_elements=["person_id", "key"])
    )
    return made
