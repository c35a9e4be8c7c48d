"""Whom the lines of a table are about, where all of them are about people who are registered.

Somebody outside of the actor's places and somebody who is nowhere are refused by the same words: nobody learns here
who is registered elsewhere.
"""

from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from lms.kernel.actor import Actor
from lms.kernel.text import folded, msg
from lms.kernel.uow import unit_of_work
from lms.people import identity, queries
from lms.people.queries import PersonCard
from lms.people.rosters.entries import Entry
from lms.people.rosters.looking import CHUNK, Known, People, look
from lms.people.rosters.planning import OTHER_ID, OTHER_NAME, entry_of
from lms.sheets.columns import Line

NUMBERS = ("id_number", "phone")
NOBODY = msg("您管的范围里没有登记过这个号码。")
NO_NUMBER = msg("身份证号和手机号至少写一样。")
Found = list[tuple[Entry, PersonCard | None]]


def find(actor: Actor, lines: Sequence[Line], within: Callable[[PersonCard], bool], *, hold: bool) -> Found:
    """Each line with the card of whom it is about; with a fault and no card where that is not clear.

    `within`: whether somebody belongs to the actor's places. `hold`: nobody else judges these people by all there is
    of them (`access.hold_alone`) before the open unit of work ends.
    """
    entries = [entry_of(line) for line in lines]
    numbers = {name: sorted({one.values[name] for one in entries if one.values.get(name)}) for name in NUMBERS}
    registered = look(actor, numbers, hold=hold)
    known = {entry.line: _known(registered, entry) for entry in entries if not entry.faults}
    cards = cards_of({one.id for one in known.values() if one is not None})
    return [(entry, _judged(entry, known.get(entry.line), cards, within)) for entry in entries]


def cards_of(person_ids: Collection[UUID]) -> dict[UUID, PersonCard]:
    """People as they are today, a thousand to a statement."""
    wanted, found = list(person_ids), dict[UUID, PersonCard]()
    for start in range(0, len(wanted), CHUNK):
        with unit_of_work(write=False):
            found |= queries.cards(wanted[start : start + CHUNK])
    return found


def _known(registered: People, entry: Entry) -> Known | None:
    """By identity number, else by phone."""
    values = entry.values
    return registered.by("id_number", values.get("id_number")) or registered.by("phone", values.get("phone"))


def _judged(
    entry: Entry, known: Known | None, cards: dict[UUID, PersonCard], within: Callable[[PersonCard], bool]
) -> PersonCard | None:
    if entry.faults:
        return None
    field = next((name for name in NUMBERS if entry.values.get(name)), None)
    card = cards.get(known.id) if known is not None else None
    if field is None:
        entry.wrong("id_number", NO_NUMBER)
    elif known is None or card is None or card.closed or not within(card):
        entry.wrong(field, NOBODY)
    elif field == "id_number" and known.has("id_number") and not _found_by_id(known, entry):
        entry.wrong("phone", OTHER_ID)
    elif folded(card.name) != folded(entry.values["name"]):
        entry.wrong("name", OTHER_NAME)
    else:
        entry.person_id = card.id
        return card
    return None


def _found_by_id(known: Known, entry: Entry) -> bool:
    number: str = entry.values["id_number"]
    return identity.opened("id_number", known.row.id_number_sealed) == number
