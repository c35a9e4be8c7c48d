"""What the doctor does with her practice log: enter, change, withdraw."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.quantities import from_milli, to_milli
from lms.kernel.text import Message, msg, nfc
from lms.people import access as people_access
from lms.people import notices
from lms.people import queries as people
from lms.people.queries import PersonCard
from lms.teaching import notes, rules
from lms.teaching.access import own_entry, places_of, rotation_at, supervisors_of
from lms.teaching.models import PracticeEntry, Rotation
from lms.teaching.steps import OWN, add_entry_step


@dataclass(frozen=True, slots=True)
class Written:
    """What the form of an entry holds: hours, or cases (whole), or both; anything may still be missing."""

    on_date: date | None
    kind: str
    place_id: UUID | None
    supervisor_id: UUID | None
    hours: Decimal | None = None
    cases: int | None = None
    note: str = ""
    rotation_id: UUID | None = None


class EnteredOtherwise(Invalid):
    """Another day stands under the id that the form made: the form is to have another, if it is sent as it is."""


def enter(actor: Actor, entry_id: UUID, written: Written) -> bool:
    """Put a day into one's own log under an id that the form made; False if it is there already (a form sent twice).

    Raises Invalid by field, EnteredOtherwise, NotFound for an id of somebody else's, Conflict for a closed account.
    """
    require_signed_in(actor)
    person_id = require_found(actor.person_id)
    people_access.hold_alone(person_id)
    people_access.require_open(person_id)
    there = session().get(PracticeEntry, entry_id)
    if there is not None:
        require_in_place(there.person_id == person_id)
        if there.state == rules.WITHDRAWN or not _says(there, written):
            raise EnteredOtherwise(
                msg("这张表原来记的那一天已经存过，或者已经撤回。现在写的还没有存：要另记一天，再按一次。")
            )
        return False
    values, now = _judged(person_id, written), clock.now()
    made = {
        **values, "id": entry_id, "person_id": person_id, "state": rules.WAITING, "version": 1,
        "entered_at": now, "changed_at": now,
    }  # fmt: skip
    if not insert_once(PracticeEntry, made, on=["id"]):
        own_entry(actor, entry_id)  # NotFound: hers would have been seen under her lock
        return False
    add_entry_step(actor, entry_id, "entered", OWN, _content(values))
    return True


def _says(entry: PracticeEntry, written: Written) -> bool:
    """Whether an entry says what was written."""
    hours = None if entry.hours_milli is None else from_milli(entry.hours_milli)
    return (
        entry.on_date, entry.kind, entry.place_id, entry.supervisor_id, entry.rotation_id, hours, entry.cases,
        entry.note,
    ) == (
        written.on_date, written.kind, written.place_id, written.supervisor_id, written.rotation_id, written.hours,
        written.cases, nfc(written.note),
    )  # fmt: skip


def change(actor: Actor, entry_id: UUID, written: Written, *, version: int) -> bool:
    """Correct an entry that is not signed; it waits for its supervisor (anew). False if that was done just now (a form
    sent twice).

    Raises NotFound, Invalid by field, Conflict when it is no longer at `version`, is signed or withdrawn.
    """
    entry = own_entry(actor, entry_id)
    people_access.hold_alone(entry.person_id)
    session().refresh(entry)
    if entry.version == version + 1 and entry.state == rules.WAITING and _says(entry, written):
        return False
    _require_editable(entry)
    if entry.version != version:
        raise Conflict(msg("这一条在别的页面改过了。您刚写的还在下面，没有存上；请核对后再存。"))
    values = _judged(entry.person_id, written, entry)
    _move(entry_id, entry.person_id, version, {**values, "state": rules.WAITING})
    add_entry_step(actor, entry_id, "changed", OWN, _content(values))
    return True


def withdraw(actor: Actor, entry_id: UUID, *, version: int) -> None:
    """Take an entry back for good. Raises NotFound, Conflict as `change` does; withdrawn already is no fault."""
    entry = own_entry(actor, entry_id)
    if entry.state == rules.WITHDRAWN:
        return
    _require_editable(entry)
    _move(entry_id, entry.person_id, version, {"state": rules.WITHDRAWN})
    add_entry_step(actor, entry_id, "withdrawn", OWN, {})


def _require_editable(entry: PracticeEntry) -> None:
    if entry.state == rules.SIGNED:
        raise Conflict(msg("带教老师已经签了字，这一条不能再改，也不能撤回。"))
    if entry.state == rules.WITHDRAWN:
        raise Conflict(msg("这一条已经撤回，不能再改。"))


def _move(entry_id: UUID, person_id: UUID, version: int, values: dict[str, Any]) -> None:
    done = session().execute(
        update(PracticeEntry)
        .where(
            PracticeEntry.id == entry_id,
            PracticeEntry.version == version,
            PracticeEntry.state.in_(rules.EDITABLE),
        )
        .values(version=version + 1, changed_at=clock.now(), **values)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(msg("这一条刚刚变了，比如带教老师刚签了字。请看过再说。"))
    notices.settle(person_id, f"practice:{entry_id}")


def _judged(person_id: UUID, written: Written, entry: PracticeEntry | None = None) -> dict[str, Any]:
    """The columns of what was written, judged by field; under the person's lock. `entry`: the one it replaces."""
    card = require_found(people.person(person_id))
    note = nfc(written.note)
    faults = {
        **_day_fault(written, entry),
        **rules.amount_faults(written.hours, written.cases),
        **_choice_faults(card, written, entry),
        **_note_fault(note),
        **_rotation_fault(person_id, written, entry),
    }
    hours = to_milli(written.hours) if written.hours is not None and "hours" not in faults else None
    if hours is not None and written.on_date is not None and not faults:
        over = rules.over_the_day(_hours_of_day(person_id, written.on_date, entry), hours)
        faults |= {"hours": over} if over else {}
    if faults:
        raise Invalid(fields=faults)
    return {
        "on_date": written.on_date, "kind": written.kind, "place_id": written.place_id,
        "supervisor_id": written.supervisor_id, "rotation_id": written.rotation_id, "hours_milli": hours,
        "cases": written.cases, "note": note,
    }  # fmt: skip


def _day_fault(written: Written, entry: PracticeEntry | None) -> dict[str, Message]:
    if entry is not None and written.on_date == entry.on_date:
        return {}  # it was right when it was entered
    why = rules.day_fault(written.on_date, clock.today())
    return {"on_date": why} if why else {}


def _choice_faults(card: PersonCard, written: Written, entry: PracticeEntry | None) -> dict[str, Message]:
    faults, wrong = {}, msg("请从列出的几项里选一项。")
    if written.kind not in {str(kind) for kind in rules.Kind}:
        faults["kind"] = wrong
    kept_place = entry is not None and written.place_id == entry.place_id
    if written.place_id is None or not (kept_place or written.place_id in places_of(card)):
        faults["place_id"] = wrong
    if written.supervisor_id == card.id:
        faults["supervisor_id"] = msg("带教老师不能是您自己。")
    elif written.supervisor_id is None or written.supervisor_id not in supervisors_of(card):
        faults["supervisor_id"] = msg("请选一位本县的带教老师。")
    return faults


def _note_fault(note: str) -> dict[str, Message]:
    if len(note) > rules.LONGEST_NOTE:
        return {"note": msg("最多 {most} 个字。", most=rules.LONGEST_NOTE)}
    why = notes.fault(note)
    return {"note": why} if why else {}


def _rotation_fault(person_id: UUID, written: Written, entry: PracticeEntry | None) -> dict[str, Message]:
    if written.rotation_id is None:
        return {}
    rotation = rotation_at(person_id, written.rotation_id)
    if rotation is None and entry is not None and entry.rotation_id == written.rotation_id:
        rotation = session().get(Rotation, written.rotation_id)  # it was open when she entered this
    if rotation is None:
        return {"rotation_id": msg("请从列出的几项里选一项。")}
    if written.on_date is not None and not rules.Span(rotation.starts_on, rotation.ends_on).holds(written.on_date):
        return {
            "rotation_id": msg(
                "这次轮转是 {first} 到 {last}，这一天不在里面。", first=rotation.starts_on, last=rotation.ends_on
            )
        }
    return {}


def _hours_of_day(person_id: UUID, day: date, entry: PracticeEntry | None) -> int:
    """Thousandths of hours that her other entries of a day hold, withdrawn ones left out."""
    query = select(func.coalesce(func.sum(PracticeEntry.hours_milli), 0)).where(
        PracticeEntry.person_id == person_id,
        PracticeEntry.on_date == day,
        PracticeEntry.state != rules.WITHDRAWN,
    )
    if entry is not None:
        query = query.where(PracticeEntry.id != entry.id)
    return int(session().scalar(query) or 0)


def _content(values: dict[str, Any]) -> dict[str, Any]:
    """What an entry says, as JSON; without the supervisor, who is named where he acts: her copy of it names nobody
    else."""
    return {
        name: value if value is None or isinstance(value, int) else str(value)
        for name, value in values.items()
        if name != "supervisor_id"
    }
