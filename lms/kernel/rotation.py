"""Sealing everything anew under the current field key, in small batches, while the house serves (ADR 0021).

A row is changed only if its sealed values are still those that were read, so whoever writes meanwhile wins, two runs
at once do each other no harm, and a run that was killed is simply begun again. The walk ends when a whole pass has
found nothing to do, or nothing is left under another key.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Row,
    Update,
    and_,
    bindparam,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from lms.kernel import lookups
from lms.kernel.crypto import NAMED, UNNAMED, Key, opening_key, ring, seal, unseal
from lms.kernel.db import session
from lms.kernel.errors import Conflict
from lms.kernel.lookups import LookupKey
from lms.kernel.sealing import IN_JSON, SealedColumn, SealedTable, sealed_tables
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work

BATCH = 250
MOST_PASSES = 20
MOST_TRIES = 6
UNKNOWN_VERSION = "unnamed"

Progress = Callable[[str, int], None]


@dataclass
class Rotated:
    """What a run did: rows changed by table, and how often it went through everything."""

    rows: dict[str, int] = field(default_factory=dict)
    passes: int = 0


def rotate(progress: Progress = lambda _table, _rows: None, *, pause: float = 0.0) -> Rotated:
    """Seal every value anew that another key sealed, and write its hashes under every key that is known.

    `progress` hears the table and the rows changed in it so far; `pause` is waited after each batch, in seconds.
    Opens its own units of work. Raises Conflict when the current key can have no hashes because two others do,
    UnknownKeyError for a value whose key the settings do not name.
    """
    with unit_of_work():
        if ring().current.id not in lookups.slots():
            raise Conflict(msg("上一次换密钥还没有收尾。请先运行 flask --app wsgi keys forget，去掉不用的旧密钥。"))
    done = Rotated()
    while done.passes < MOST_PASSES:
        done.passes += 1
        changed = 0
        for table in sealed_tables():
            walk = _Walk(table)
            while (batch := walk.step()) is not None:
                changed += batch
                done.rows[table.table.name] = done.rows.get(table.table.name, 0) + batch
                progress(table.table.name, done.rows[table.table.name])
                time.sleep(pause)
        if not changed or _is_through():
            return done
    raise Conflict(msg("还有进程在用旧密钥加密。请先让所有进程都换到新密钥，再运行一次。"))


def _is_through() -> bool:
    """Whether nothing is left under another key, although people go on writing: then no quiet pass is waited for."""
    with unit_of_work(write=False):
        now = standing()
    return set(now["sealed"]) <= {now["current"]} and not now["without_a_hash_of_the_current_key"]


class _Walk:
    """One table from its first key to its last."""

    def __init__(self, table: SealedTable) -> None:
        self.table, self.keys = table, list(table.table.primary_key.columns)
        self.after: tuple[Any, ...] | None = None
        self.by_slot: dict[int, Key] = {}

    def step(self) -> int | None:
        """Change the next batch; how many rows had to be, None at the end. Repeated where the database asks for it."""
        for attempt in range(MOST_TRIES):
            try:
                with unit_of_work():
                    return self._step()
            except OperationalError:
                # A deadlock with somebody who serves, or SQLite's lock: nothing of the batch was written.
                if attempt == MOST_TRIES - 1:
                    raise
                time.sleep(0.2 * 2**attempt)
        raise AssertionError

    def _step(self) -> int | None:
        assigned = lookups.slots()
        self.by_slot = {assigned[key.id]: key for key in ring().keys if key.id in assigned}
        rows = session().execute(self._query()).all()
        if not rows:
            return None
        changes = [change for row in rows if (change := self._change(row))]
        if changes:
            session().connection().execute(self._update(), changes)
        self.after = tuple(rows[-1][: len(self.keys)])
        return len(changes)

    def _query(self) -> Any:
        """The next rows. Those with hashes are all looked at, for what they hash may have changed since."""
        stored = [one.value.label(f"s{number}") for number, one in enumerate(self.table.sealed)]
        whole = [one.column for one in self.table.sealed if isinstance(one.column.type, JSON)]
        query = select(*self.keys, *stored, *whole, *(one.column for one in self.table.lookups))
        if not self.table.lookups:
            query = query.where(or_(*(not_(one.begins(ring().current.prefix)) for one in self.table.sealed)))
        if self.after is not None:
            last = [literal(value, key.type) for value, key in zip(self.after, self.keys, strict=True)]
            query = query.where(tuple_(*self.keys) > tuple_(*last))
        return query.order_by(*self.keys).limit(BATCH)

    def _change(self, row: Row[Any]) -> dict[str, Any] | None:
        """The values with which a row is written anew, None when it is right as it is."""
        current, found = ring().current, row._mapping
        values: dict[str, Any] = {f"k_{key.name}": found[key] for key in self.keys}
        plain: dict[str, str | None] = {}
        differs = False
        for number, one in enumerate(self.table.sealed):
            stored = found[f"s{number}"]
            name = one.column.name
            values[f"o_{name}"] = values[f"n_{name}"] = stored
            if stored is not None:
                sealed = one.read(stored)
                plain[name] = unseal(sealed, one.purpose)
                if not sealed.startswith(current.prefix):
                    values[f"n_{name}"], differs = one.written(seal(plain[name] or "", one.purpose)), True
            if isinstance(one.column.type, JSON):
                values[f"n_{name}"] = {**found[one.column], IN_JSON: values[f"n_{name}"]}
        for lookup in self.table.lookups:
            text, name = plain.get(lookup.of), lookup.column.name
            values[f"n_{name}"] = found[lookup.column]
            wanted = None
            if text is not None:
                key = self.by_slot.get(lookup.slot)
                # The hash of a key that is not known here stays until it is forgotten.
                wanted = key.hash(text, lookup.purpose) if key else found[lookup.column]
            if wanted != found[lookup.column]:
                values[f"n_{name}"], differs = wanted, True
        return values if differs else None

    def _update(self) -> Update:
        table = self.table.table
        same = [key == bindparam(f"k_{key.name}", type_=key.type) for key in self.keys]
        kept = [
            one.value.is_not_distinct_from(bindparam(f"o_{one.column.name}", type_=one.value.type))
            for one in self.table.sealed
        ]
        written = [*(one.column for one in self.table.sealed), *(one.column for one in self.table.lookups)]
        new = {column.name: bindparam(f"n_{column.name}", type_=column.type) for column in written}
        return update(table).where(and_(*same, *kept)).values(new)


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
        result = session().execute(update(column.table).where(tuple_(*keys).in_(some)).values({column.name: None}))
        return int(result.rowcount)  # type: ignore[attr-defined]


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

