"""Going through one table of sealed values in small batches, and mending what is not under the current key.

A row is changed only if its sealed values are still those that were read: whoever writes meanwhile wins.
"""

import time
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import JSON, Row, Update, and_, bindparam, literal, not_, or_, select, tuple_, update
from sqlalchemy.exc import OperationalError

from lms.kernel import lookups
from lms.kernel.crypto import Key, ring, seal, unseal
from lms.kernel.db import session
from lms.kernel.sealing import IN_JSON, SealedTable
from lms.kernel.uow import unit_of_work

BATCH = 250
MOST_TRIES = 6


class Cause(Enum):
    """Why a row is written anew; the first that is true of it."""

    KEY = "another key"
    MISSING = "a hash missing"
    WRONG = "a wrong hash"


@dataclass(frozen=True)
class Find:
    """A row that was not as it should be: its table, its primary key, and why."""

    table: str
    key: str
    cause: Cause

    def __str__(self) -> str:
        return f"{self.table} {self.key} ({self.cause.value})"


@dataclass(frozen=True)
class Batch:
    """A step that was committed: the last row that was looked at, whether it was the table's last, how many rows were
    changed, and what was found. What somebody else has written in between was found and not changed."""

    last: tuple[Any, ...]
    ends: bool
    changed: int
    finds: list[Find]


class Walk:
    """One table from its first key to its last."""

    def __init__(self, table: SealedTable) -> None:
        self.table, self.keys = table, list(table.table.primary_key.columns)
        self.after: tuple[Any, ...] | None = None
        self.ended = False
        self.by_slot: dict[int, Key] = {}

    def step(self) -> Batch | None:
        """Change the next batch; None at the end. Repeated where the database asks for it."""
        if self.ended:
            return None
        for attempt in range(MOST_TRIES):
            try:
                with unit_of_work():
                    batch = self._step()
            except OperationalError:
                # A deadlock with somebody who serves, or SQLite's lock: nothing of the batch was written.
                if attempt == MOST_TRIES - 1:
                    raise
                time.sleep(0.2 * 2**attempt)
            else:
                # Only what has been committed is behind us.
                if batch is not None:
                    self.after, self.ended = batch.last, batch.ends
                return batch
        raise AssertionError

    def _step(self) -> Batch | None:
        assigned = lookups.slots()
        self.by_slot = {assigned[key.id]: key for key in ring().keys if key.id in assigned}
        rows = session().execute(self._query()).all()
        if not rows:
            return None
        changes, finds = list[dict[str, Any]](), list[Find]()
        for row in rows:
            values, causes = self._change(row)
            if causes:
                changes.append(values)
                key = "/".join(str(part) for part in row[: len(self.keys)])
                finds.append(Find(self.table.table.name, key, min(causes, key=list(Cause).index)))
        changed = 0
        if changes:
            changed = session().connection().execute(self._update(), changes).rowcount
        # Where people are registered all the time there is always one row more: a batch that is not full is the last.
        return Batch(tuple(rows[-1][: len(self.keys)]), len(rows) < BATCH, changed, finds)

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

    def _change(self, row: Row[Any]) -> tuple[dict[str, Any], set[Cause]]:
        """The values with which a row is written anew, and why; no cause when it is right as it is."""
        current, found = ring().current, row._mapping
        values: dict[str, Any] = {f"k_{key.name}": found[key] for key in self.keys}
        plain: dict[str, str | None] = {}
        causes: set[Cause] = set()
        for number, one in enumerate(self.table.sealed):
            stored = found[f"s{number}"]
            name = one.column.name
            values[f"o_{name}"] = values[f"n_{name}"] = stored
            if stored is not None:
                sealed = one.read(stored)
                plain[name] = unseal(sealed, one.purpose)
                if not sealed.startswith(current.prefix):
                    values[f"n_{name}"] = one.written(seal(plain[name] or "", one.purpose))
                    causes.add(Cause.KEY)
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
                values[f"n_{name}"] = wanted
                causes.add(Cause.MISSING if found[lookup.column] is None else Cause.WRONG)
        return values, causes

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
