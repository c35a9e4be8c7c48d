"""Putting back what a roster did: who may be put back, and how.

Somebody new goes only if nobody has used her account or written anything of her since; somebody who was changed gets
her old values back only if nobody has changed her since. Everybody else stays, and is named with the reason.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, func, select

from lms.kernel import audit
from lms.kernel.actor import Actor
from lms.kernel.audit import AuditRow
from lms.kernel.db import Model, session
from lms.kernel.text import Message, msg
from lms.people import access, parts
from lms.people.batches.kinds import Done
from lms.people.batches.models import Batch, BatchLine
from lms.people.models import LOOKUP, OneTimeCode, Person, Posting
from lms.people.rosters.applying import end_postings, let_go, tell_of, write
from lms.people.rosters.looking import CHUNK, COLUMNS, Known, owners

SIGNED_IN = msg("已经设过密码或者登录过。")
CHANGED = msg("后来又有人改过。")
USED = msg("名下已经有别的记录。")
ELSEWHERE = msg("已经不在您管的范围里。")
NUMBER_GONE = msg("原来的号码现在是别人的。")
_SIGNS = ("person.password_set", "person.signed_in", "person.consented")
_CHANGES = ("person.edited", "person.moved", "person.closed", "person.erased", "person.disabled", "person.enabled")
_GRANTS = ("role.granted", "role.withdrawn")


def held(actor: Actor, batch_id: UUID, done: Sequence[Done]) -> dict[int, Message]:
    """Which lines stay as they are, and why."""
    new = {one.person_id: one.line for one in done if one.did == "added"}
    old = {one.person_id: one.line for one in done if one.did != "added"}
    found: dict[int, Message] = {}
    for ids in _chunks([*new, *old]):
        for person_id in set(ids) - access.seen(actor, ids):
            found[{**new, **old}[person_id]] = ELSEWHERE
    for person_id, deeds in _deeds(batch_id, [*new, *old]).items():
        if person_id in new:
            why = SIGNED_IN if deeds & set(_SIGNS) else CHANGED if deeds & {*_CHANGES, *_GRANTS} else None
        else:
            why = CHANGED if deeds & set(_CHANGES) else None
        if why is not None:
            found.setdefault((new | old)[person_id], why)
    for person_id in _used(batch_id, set(new)):
        found.setdefault(new[person_id], USED)
    for line in _taken([one for one in done if one.did != "added"]):
        found.setdefault(line, NUMBER_GONE)
    return found


def _chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _deeds(batch_id: UUID, ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    """What was done to these people since the batch was done, by the audit trail; not what the batch did itself."""
    found: dict[UUID, set[str]] = defaultdict(set)
    began = session().scalar(select(Batch.done_at).where(Batch.id == batch_id))
    wanted = (*_SIGNS, *_CHANGES, *_GRANTS)
    for some in _chunks(ids):
        rows = session().execute(
            select(AuditRow.thing_id, AuditRow.action, AuditRow.details).where(
                AuditRow.thing == "person", AuditRow.thing_id.in_([str(one) for one in some]),
                AuditRow.action.in_(wanted), AuditRow.at >= began,
            )
        )  # fmt: skip
        for row in rows:
            if row.details.get("batch") != str(batch_id):
                found[UUID(row.thing_id)].add(row.action)
    return found


def _used(batch_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Those of these new people of whom any table, of whatever feature, holds something."""
    if not ids:
        return set()
    mine = select(BatchLine.person_id).where(
        BatchLine.batch_id == batch_id, BatchLine.did == "added", BatchLine.state == "done"
    )
    found = {
        row.id
        for row in session().execute(
            select(Person.id).where(
                Person.id.in_(mine),
                Person.password_hash.is_not(None) | Person.closed_at.is_not(None) | Person.disabled_at.is_not(None),
            )
        )
    }
    twice = select(Posting.person_id).where(Posting.person_id.in_(mine)).group_by(Posting.person_id)
    found |= set(session().scalars(twice.having((func.count() > 1) | func.max(Posting.ends_on).is_not(None))))
    for table, column in _columns_about_people():
        found |= set(session().scalars(select(table.c[column]).where(table.c[column].in_(mine)).distinct()))
    return found & set(ids)


def _columns_about_people() -> Iterator[tuple[Table, str]]:
    """Every column, of whatever feature, that holds somebody's id, but for what comes with an account by itself."""
    own = {Posting.__tablename__, OneTimeCode.__tablename__, BatchLine.__tablename__, *parts.derived}
    for table in Model.metadata.tables.values():
        if table.name in own:
            continue
        for column in table.columns:
            refers = any(key.column.table.name == Person.__tablename__ for key in column.foreign_keys)
            if refers or column.name == "person_id":
                yield table, column.name


def _taken(done: Sequence[Done]) -> Iterator[int]:
    """Lines whose old number is somebody else's by now."""
    for field in LOOKUP:
        numbers = {one.kept["before"][field]: one for one in done if one.kept.get("before", {}).get(field)}
        for number, owner in owners(field, list(numbers)).items():
            if owner != numbers[number].person_id:
                yield numbers[number].line


def take_back(actor: Actor, batch_id: UUID, done: Sequence[Done]) -> None:
    """Remove who was new, and put back the values and postings of the others."""
    _remove([one.person_id for one in done if one.did == "added"])
    _restore(actor, batch_id, [one for one in done if one.did != "added"])


def _remove(ids: Sequence[UUID]) -> None:
    for some in _chunks(ids):
        for forget in parts.derived.values():
            forget(some)
        for model in (OneTimeCode, Posting):
            session().execute(
                delete(model).where(model.person_id.in_(some)).execution_options(synchronize_session=False)
            )
        session().execute(delete(Person).where(Person.id.in_(some)).execution_options(synchronize_session=False))


def _restore(actor: Actor, batch_id: UUID, done: Sequence[Done]) -> None:
    values = {one.person_id: _plain(one.kept["before"]) for one in done if "before" in one.kept}
    for some in _chunks([one for one, plain in values.items() if {"phone", "email"} & set(plain)]):
        rows = session().execute(select(*COLUMNS).where(Person.id.in_(some)))
        let_go((Known(row), values[row.id]) for row in rows)
    write(values.items())
    postings = [one.kept for one in done if "posting" in one.kept]
    for some in _chunks([UUID(kept["posting"]) for kept in postings]):
        session().execute(delete(Posting).where(Posting.id.in_(some)).execution_options(synchronize_session=False))
    end_postings([(UUID(kept["reopens"]), None) for kept in postings if "reopens" in kept])
    deeds: dict[object, Mapping[str, Any]] = {one.person_id: {"batch": str(batch_id)} for one in done}
    if deeds:
        audit.record_all(actor, "person.edited", "person", deeds)
    tell_of(done)


def _plain(before: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name.startswith("licence_") and name != "licence_number" and value else value
        for name, value in before.items()
    }
