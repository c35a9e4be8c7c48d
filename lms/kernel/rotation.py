"""Sealing everything anew under the current field key, in small batches, while the house serves (ADR 0021).

A run that was killed is simply begun again, and two at once do each other no harm (`kernel.resealing`). It ends with a
pass that has found nothing under another key. Where each pass finds something, somebody still seals with that key.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import sleep
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, delete, func, select, tuple_, update
from sqlalchemy.engine import Connection

from lms.kernel import lookups
from lms.kernel.crypto import NAMED, UNNAMED, opening_key, ring
from lms.kernel.db import run, session
from lms.kernel.errors import Conflict
from lms.kernel.lookups import LookupKey
from lms.kernel.resealing import BATCH, Cause, Find, Walk
from lms.kernel.sealing import SealedColumn, sealed_tables
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work

MOST_PASSES = 20
MOST_TOLD = 3
UNKNOWN_VERSION = "unnamed"
log = structlog.get_logger("rotation")

Progress = Callable[[str, int], None]


@dataclass
class Rotated:
    """What a run did: rows changed by table, and how often it went through everything."""

    rows: dict[str, int] = field(default_factory=dict)
    passes: int = 0


@dataclass
class _Pass:
    """What one way through all tables has found: how many rows by table and cause, and the first of each."""

    found: dict[tuple[str, Cause], int] = field(default_factory=dict)
    first: dict[tuple[str, Cause], list[Find]] = field(default_factory=dict)

    def note(self, find: Find) -> None:
        kind = (find.table, find.cause)
        self.found[kind] = self.found.get(kind, 0) + 1
        if len(examples := self.first.setdefault(kind, [])) < MOST_TOLD:
            examples.append(find)

    def under_another_key(self) -> list[Find]:
        """The first rows with a value that another key had sealed; none if there was none."""
        return [find for (_table, cause), some in self.first.items() if cause is Cause.KEY for find in some]


def rotate(progress: Progress = lambda _table, _rows: None, *, pause: float = 0.0) -> Rotated:
    """Seal every value anew that another key sealed, and write its hashes under every key that is known.

    `progress` hears the table and the rows changed in it so far; `pause` is waited after each batch, in seconds.
    Opens its own units of work. Raises Conflict when the current key can have no hashes because two others do, or
    when each pass has found values under another key; UnknownKeyError for a value whose key the settings do not name.
    """
    with unit_of_work():
        if ring().current.id not in lookups.slots():
            raise Conflict(msg("上一次换密钥还没有收尾。请先运行 flask --app wsgi keys forget，去掉不用的旧密钥。"))
    done, old = Rotated(), list[Find]()
    while done.passes < MOST_PASSES:
        done.passes += 1
        one = _pass_through(done, progress, pause)
        found = {f"{table}: {cause.value}": rows for (table, cause), rows in one.found.items()}
        log.info("a pass over all sealed values", number=done.passes, found=found)
        # A hash that was wrong or missing has been mended; it says nothing about who seals with what.
        if not (old := one.under_another_key()):
            return done
    last = [str(find) for find in old]
    log.warning("values under another key in each pass", passes=done.passes, last=last)
    told = "; ".join(last[:MOST_TOLD])
    raise Conflict(msg("还有进程在用旧密钥加密（{found}）。请先让所有进程都换到新密钥，再运行一次。", found=told))


def _pass_through(done: Rotated, progress: Progress, pause: float) -> _Pass:
    """From the first sealed table to the last."""
    one = _Pass()
    for table in sealed_tables():
        name = table.table.name
        walk = Walk(table)
        while (batch := walk.step()) is not None:
            done.rows[name] = done.rows.get(name, 0) + batch.changed
            for find in batch.finds:
                one.note(find)
            progress(name, done.rows[name])
            sleep(pause)
    return one


def standing() -> dict[str, Any]:
    """How many values each key has sealed and how many hashes each slot's key has, by column; which keys are known,
    and which of them nothing needs any more."""
    current, known = ring().current, [key.id for key in ring().keys]
    connection = session().connection()
    values = {str(one.column): _by_key(connection, one) for table in sealed_tables() for one in table.sealed}
    totals: dict[str, int] = {}
    for counts in values.values():
        for key_id, count in counts.items():
            totals[key_id] = totals.get(key_id, 0) + count
    assigned = lookups.taken()
    missing = _missing(assigned.get(current.id))
    used = {current.id, *totals}
    found = not missing and UNKNOWN_VERSION not in totals
    return {
        "current": current.id,
        "known": known,
        "sealed": totals,
        "columns": {name: counts for name, counts in values.items() if counts},
        "hashed": {key_id: _hashes(slot) for key_id, slot in sorted(assigned.items())},
        "without_a_hash_of_the_current_key": missing,
        "unknown": sorted(set(totals) - {*known, UNKNOWN_VERSION}),
        "not_needed": [one for one in dict.fromkeys([*known, *assigned]) if found and one not in used],
        "done": found and {*used, *assigned} == {current.id},
    }


def _by_key(connection: Connection, one: SealedColumn) -> dict[str, int]:
    read = select(one.prefix.label("prefix")).where(one.value.is_not(None)).subquery()
    rows = connection.execute(select(read.c.prefix, func.count()).group_by(read.c.prefix))
    counts: dict[str, int] = {}
    for prefix, count in rows:
        named = one.read(prefix)
        key_id = named[1:].hex() if named[:1] == NAMED else UNKNOWN_VERSION
        counts[key_id] = counts.get(key_id, 0) + count
    return counts


def _lookups(slot: int | None) -> Iterable[tuple[Any, ColumnElement[Any]]]:
    """The columns of hashes of a slot (of none: the first ones), and the sealed column of each."""
    for table in sealed_tables():
        for one in table.lookups:
            if one.slot == (slot or 0):
                yield one.column, table.table.c[one.of]


def _hashes(slot: int) -> int:
    return sum(session().scalar(select(func.count(column))) or 0 for column, _sealed in _lookups(slot))


def _missing(slot: int | None) -> int:
    """Sealed values that a key's hash does not find yet; all of them for a key without a slot."""
    conditions = [
        sealed.is_not(None) if slot is None else and_(sealed.is_not(None), column.is_(None))
        for column, sealed in _lookups(slot)
    ]
    return sum(session().scalar(select(func.count()).where(one)) or 0 for one in conditions)


def forget(key_id: str) -> int:
    """Take the hashes of a key away that the settings no longer name; how many there were.

    Raises Conflict while the settings name it, while it has sealed something, or while a value has no hash under
    the current key.
    """
    with unit_of_work(write=False):
        now = standing()
        slot = lookups.taken().get(key_id)
    if key_id in now["known"]:
        raise Conflict(msg("设置里还有密钥 {key}。先从设置里去掉它，重启所有进程。", key=key_id))
    require_not_needed(key_id, now)
    if slot is None:
        return 0
    gone = 0
    for column, _sealed in _lookups(slot):
        while batch := _clear(column):
            gone += batch
    with unit_of_work():
        session().execute(delete(LookupKey).where(LookupKey.slot == slot, LookupKey.key_id == key_id))
    return gone


def require_not_needed(key_id: str, now: dict[str, Any] | None = None) -> None:
    """Raise Conflict while something is sealed with this key, or is not hashed under the current one."""
    now = now or standing()
    if key_id not in now["not_needed"]:
        raise Conflict(msg("密钥 {key} 还有用，没有改动。请看 flask --app wsgi keys status。", key=key_id))


def _clear(column: Any) -> int:
    keys: Sequence[Any] = list(column.table.primary_key.columns)
    with unit_of_work():
        some = select(*keys).where(column.is_not(None)).limit(4 * BATCH)
        return run(update(column.table).where(tuple_(*keys).in_(some)).values({column.name: None}), {}).rowcount


def keys_in_use(connection: Connection) -> set[str]:
    """The keys without which something could not be opened. A value of version 1 is tried, one a column: all of
    them were sealed with one key."""
    found: set[str] = set()
    for one in (one for table in sealed_tables() for one in table.sealed):
        counts = _by_key(connection, one)
        found |= set(counts) - {UNKNOWN_VERSION}
        if UNKNOWN_VERSION in counts:
            sample = connection.scalar(select(one.value).where(one.begins(UNNAMED)).limit(1))
            found.add(opening_key(one.read(sample), one.purpose)[0].id)
    return found
