"""Hashes by which sealed values are found, under two keys at a time (ADR 0021).

A unique column can promise uniqueness only among hashes of one key. So every lookup has two columns, each with a
constraint of its own, and `lookup_key` says which key a column belongs to, for every process alike. Whoever writes,
writes under all keys it knows: any two processes that share a key cannot both register the same number.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, String, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from lms.kernel import clock
from lms.kernel.crypto import lookup_hashes, ring
from lms.kernel.db import Instant, Model, insert_once, session
from lms.kernel.uow import current_unit, unit_of_work

SLOTS = (0, 1)
_NOTE = "lookups.slots"


class LookupKey(Model):
    """Which key the hashes of a slot are made with."""

    __tablename__ = "lookup_key"
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_id: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (CheckConstraint("slot IN (0, 1)", name="slot"),)


def taken() -> dict[str, int]:
    """Slots by the id of their key, as the database has them now."""
    return {row.key_id: row.slot for row in session().execute(select(LookupKey.key_id, LookupKey.slot))}


def slots() -> dict[str, int]:
    """Slots by the id of their key; a key that is known and has none takes a free one. Read once a unit of work.

    A third key finds none: nothing is hashed under it until another one is forgotten.
    """
    with unit_of_work():
        notes = current_unit().notes
        if _NOTE not in notes:
            notes[_NOTE] = _with_claims()
        found: dict[str, int] = notes[_NOTE]
        return found


def _with_claims() -> dict[str, int]:
    found = taken()
    for key in ring().keys:
        for slot in SLOTS:
            if key.id in found or slot in found.values():
                continue
            insert_once(LookupKey, {"slot": slot, "key_id": key.id, "since": clock.now()}, on=["slot"])
            found = taken()  # somebody else may have been faster
    return found


def by_slot(text: str, purpose: str) -> tuple[str | None, str | None]:
    """What the two columns of a lookup are to hold; None for a slot whose key is not known here."""
    assigned = slots()
    made: list[str | None] = [None, None]
    for key in ring().keys:
        if key.id in assigned:
            made[assigned[key.id]] = key.hash(text, purpose)
    return made[0], made[1]


def holds(
    columns: tuple[InstrumentedAttribute[str | None], InstrumentedAttribute[str | None]], text: str, purpose: str
) -> ColumnElement[bool]:
    """SQL: one of the two columns has the hash of the text under one of the keys that are known."""
    hashes = lookup_hashes(text, purpose)
    return or_(*(column.in_(hashes) for column in columns))
