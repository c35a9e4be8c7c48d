"""The sequencer: the one place that gives lines their place in the log.

What waits is a row of `log_pending`, written with its line. Nothing is followed by id or by time: ids commit out
of order, and clocks step back. A learner's line can only be entered after the one before it was committed, so
taking what waits by learner and number keeps everybody's order.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Uuid,
    any_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    tuple_,
)

from lms.credits.log.merkle import leaf_hash
from lms.credits.log.models import LogCheckpoint, LogLeaf, LogNode, LogOrigin, LogPending
from lms.credits.log.tiles import HEIGHT, WIDTH
from lms.credits.log.tree import Tree, current
from lms.credits.models import LedgerEntry
from lms.kernel import clock
from lms.kernel.bulk import put, trust_references
from lms.kernel.db import insert_once, session
from lms.kernel.uow import unit_of_work

BATCH = 2000
MANY = 10_000  # at once, where nobody waits for the transaction to end
ONE_AT_A_TIME = 7_316_202  # PostgreSQL advisory lock, for the length of the transaction


def waiting() -> bool:
    """Whether a line waits."""
    return bool(session().scalar(select(exists(select(LogPending.entry_id)))))


def sequence(limit: int = BATCH) -> int:
    """Put up to `limit` waiting lines into the log, with the root they make, in one transaction; how many.

    0 also when another sequencer is at work. If two should ever work at once, the primary keys of the places
    and of the sizes let only one of them commit.
    """
    with unit_of_work():
        log = current() if _alone() else None
        if log is None:
            return 0
        rows = session().execute(
            select(LogPending.entry_id, LedgerEntry.leaf)
            .join(LedgerEntry, LedgerEntry.id == LogPending.entry_id)
            .order_by(LogPending.person_id, LogPending.person_sequence)
            .limit(limit)
        ).all()
        if rows:
            append(log.number, [(row.entry_id, row.leaf) for row in rows])
            session().execute(delete(LogPending).where(_among([row.entry_id for row in rows])))
        return len(rows)


def place_everything(log: int, tell: Callable[[int], None]) -> None:
    """Put all lines of the ledger into a log that is still empty, a transaction at a time; `tell` hears how many each
    has placed. Only where nobody else writes lines or the log (a seed): so each learner's order is the ledger's own,
    and what waits is taken out at the end. Raises ValueError for a log that holds something."""
    last: tuple[Any, int] | None = None
    while True:
        with unit_of_work():
            if last is None and session().scalar(select(LogLeaf.idx).where(LogLeaf.log == log).limit(1)) is not None:
                raise ValueError(f"log {log} is not empty")
            rows = session().execute(_next_lines(last)).all()
            if not rows:
                placed = select(LogLeaf.entry_id).where(LogLeaf.log == log, LogLeaf.entry_id == LogPending.entry_id)
                session().execute(delete(LogPending).where(exists(placed)))
                return
            trust_references()
            append(log, [(row.id, row.leaf) for row in rows])
            last = rows[-1].person_id, rows[-1].person_sequence
        tell(len(rows))


def _next_lines(after: tuple[Any, int] | None) -> Select[UUID, bytes, UUID, int]:
    place = LedgerEntry.person_id, LedgerEntry.person_sequence
    found = select(LedgerEntry.id, LedgerEntry.leaf, *place).order_by(*place).limit(MANY)
    return found if after is None else found.where(tuple_(*place) > after)


def _alone() -> bool:
    """Whether no other sequencer is within its transaction; SQLite has one writer anyway."""
    if session().get_bind().dialect.name != "postgresql":
        return True
    return bool(session().scalar(text(f"SELECT pg_try_advisory_xact_lock({ONE_AT_A_TIME})")))


def _among(ids: list[UUID]) -> ColumnElement[bool]:
    """SQL: waits under one of these ids. One array where there are arrays: two thousand values each by itself take
    longer to send than to remove."""
    if session().get_bind().dialect.name == "postgresql":
        return LogPending.entry_id == any_(literal(ids, ARRAY(Uuid)))
    return LogPending.entry_id.in_(ids)


def append(log: int, entries: list[tuple[Any, bytes]]) -> None:
    """Add leaves behind the last one, in this order, and commit to the root."""
    last = session().scalar(select(func.max(LogLeaf.idx)).where(LogLeaf.log == log))
    grown = Tree(log).frontier(0 if last is None else last + 1)
    placed, nodes = [], []
    for entry_id, leaf in entries:
        hashed = leaf_hash(leaf)
        placed.append({"log": log, "idx": grown.size, "entry_id": entry_id, "leaf_hash": hashed})
        for height, done in grown.append(hashed):
            if height % HEIGHT == 0:
                level = height // HEIGHT
                nodes.append({"log": log, "level": level, "number": grown.size // WIDTH**level - 1, "hash": done})
    put(LogLeaf, placed)
    put(LogNode, nodes)
    values = {"log": log, "size": grown.size, "root": grown.root(), "made_at": clock.now()}
    session().execute(insert(LogCheckpoint).values(values))


def open_log(number: int, origin: str, vkey: str, first_leaf: bytes | None = None) -> bool:
    """Make a log known; False if somebody was first. A following log begins with its first leaf."""
    values = {"number": number, "origin": origin, "vkey": vkey, "first_leaf": first_leaf, "opened_at": clock.now()}
    made = insert_once(LogOrigin, values, on=["number"])
    if made and first_leaf is not None:
        append(number, [(None, first_leaf)])
    return made
