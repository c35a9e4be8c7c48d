"""Doing what a roster was found to come to: in the open unit of work, in batches, never a statement a row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, update

from lms.kernel import audit, bulk, clock, messages
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.kernel.text import Message
from lms.people import identity, rules, sessions
from lms.people.batches.kinds import Done, Step
from lms.people.commands.codes import end_codes_of
from lms.people.commands.register import name_columns, to_the_old_address
from lms.people.events import LicencesChanged, ManyPosted
from lms.people.models import Person, Posting
from lms.people.notices import licences
from lms.people.rosters.looking import CHUNK, FIELDS, Known
from lms.people.rosters.planning import Change, New, NewPosting

AT_ONCE = 2000
PLAIN = ("population", "licence_from", "licence_until")
MASKS = {"phone": rules.mask_phone, "email": rules.mask_email, "id_number": rules.mask_id_number}


def apply(actor: Actor, batch_id: UUID, steps: Sequence[Step]) -> list[Done]:
    """Register who is new, change who changes, move who moves; nobody of them gets a password."""
    done = _add(actor, batch_id, [step for step in steps if isinstance(step.plan, New)])
    if done:
        announce(ManyPosted(tuple(one.person_id for one in done), new=True))
    changed = _change(actor, batch_id, [step for step in steps if isinstance(step.plan, Change)])
    tell_of(changed)
    return sorted([*done, *changed], key=lambda one: one.line)


def tell_of(done: Sequence[Done]) -> None:
    """Announce whose years are judged otherwise by what was done (she moved, or falls under other rules) and whose
    licence has other days; what was said of the end of a licence that ends otherwise is over."""
    derived = tuple(one.person_id for one in done if "posting" in one.kept or _changed(one, "population"))
    if derived:
        announce(ManyPosted(derived))
    licensed = tuple(one.person_id for one in done if _changed(one, "licence_from", "licence_until"))
    if licensed:
        announce(LicencesChanged(licensed))
    ended = [one.person_id for one in done if _changed(one, "licence_until")]
    for start in range(0, len(ended), CHUNK):
        licences.all_renewed(ended[start : start + CHUNK])


def _changed(one: Done, *names: str) -> bool:
    return any(name in one.kept.get("before", {}) for name in names)


def _add(actor: Actor, batch_id: UUID, steps: Sequence[Step]) -> list[Done]:
    people, postings, done = bulk.Rows(Person), bulk.Rows(Posting), list[Done]()
    now, names, deeds = clock.now(), dict[str, dict[str, Any]](), dict[object, Mapping[str, Any]]()
    for step in steps:
        new: New = step.plan
        person_id, posting_id = new_id(), new_id()
        name = new.values["name"]
        if name not in names:
            names[name] = name_columns(name, {})
        people.add(
            {
                "id": person_id, **names[name], **_numbers(new.values),
                **identity.licence_columns(new.values.get("licence_number") or ""),
                **{column: new.values.get(column) for column in PLAIN}, "population": str(new.values["population"]),
                "created_at": now,
            }
        )  # fmt: skip
        postings.add(_posting(posting_id, person_id, new.post))
        deeds[person_id] = {"workplace": str(new.post.workplace_id), "batch": str(batch_id)}
        done.append(Done(step.line, step.did, person_id, {"posting": str(posting_id)}))
        if len(deeds) >= AT_ONCE:
            _flush(actor, people, postings, deeds)
    _flush(actor, people, postings, deeds)
    return done


def _flush(actor: Actor, people: bulk.Rows, postings: bulk.Rows, deeds: dict[object, Mapping[str, Any]]) -> None:
    """Write who waits: everybody at once would be much memory."""
    people.write()
    postings.write()
    if deeds:
        audit.record_all(actor, "person.added", "person", deeds)
        deeds.clear()


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of what identifies or reaches somebody: all of them, whatever there is."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        number = values.get(name)
        found |= identity.plain_columns(name, number, MASKS[name](number)) if number else identity.nothing(name)
    return found


def _posting(posting_id: UUID, person_id: UUID, post: NewPosting) -> dict[str, Any]:
    return {
        "id": posting_id, "person_id": person_id, "employer_id": post.employer_id, "workplace_id": post.workplace_id,
        "authority_id": post.authority_id, "starts_on": post.since,
    }  # fmt: skip


def _change(actor: Actor, batch_id: UUID, steps: Sequence[Step]) -> list[Done]:
    done = []
    edited, moved = dict[object, Mapping[str, Any]](), dict[object, Mapping[str, Any]]()
    fields: list[tuple[UUID, Mapping[str, Any]]] = []
    ends: list[tuple[UUID, date]] = []
    postings = bulk.Rows(Posting)
    for step in steps:
        change: Change = step.plan
        known = change.known
        kept: dict[str, Any] = {}
        if change.values:
            kept["before"] = before(known, change.values)
            fields.append((known.id, change.values))
            edited[known.id] = {"fields": sorted(change.values), "batch": str(batch_id)}
        if change.post is not None:
            posting_id = new_id()
            kept["posting"] = str(posting_id)
            if known.posting is not None:
                kept["reopens"] = str(known.posting.id)
                ends.append((known.posting.id, change.post.since - timedelta(days=1)))
            postings.add(_posting(posting_id, known.id, change.post))
            moved[known.id] = {
                "workplace": str(change.post.workplace_id), "on": change.post.since.isoformat(), "batch": str(batch_id)
            }  # fmt: skip
        done.append(Done(step.line, step.did, known.id, kept))
    let_go([(step.plan.known, step.plan.values) for step in steps])
    write(fields)
    end_postings(ends)
    postings.write()
    for action, deeds in (("person.edited", edited), ("person.moved", moved)):
        if deeds:
            audit.record_all(actor, action, "person", deeds)
    return done


def before(known: Known, values: Mapping[str, Any]) -> dict[str, Any]:
    """What stood in these columns, plain, as JSON."""
    found: dict[str, Any] = {}
    for name in values:
        if name in (*FIELDS, "licence_number"):
            found[name] = identity.opened(name, getattr(known.row, f"{name}_sealed"))
        else:
            value = getattr(known.row, name)
            found[name] = value.isoformat() if isinstance(value, date) else value
    return found


def let_go(changes: Iterable[tuple[Known, Mapping[str, Any]]]) -> None:
    """Whoever held an old number must not stay signed in on it, nor use a code that went there; and hears of it.
    `changes`: people as they were, with the new values of what changes. A few statements for a thousand people."""
    moving = [(known, values) for known, values in changes if "phone" in values or "email" in values]
    for start in range(0, len(moving), CHUNK):
        some = moving[start : start + CHUNK]
        ids = [known.id for known, _ in some]
        sessions.end_sessions_of(ids)
        end_codes_of(ids)
        messages.send_all(
            [
                one
                for known, values in some
                for one in to_the_old_address(known.id, known.row, phone="phone" in values, email="email" in values)
            ]
        )


def write(changes: Iterable[tuple[UUID, Mapping[str, Any]]]) -> None:
    """Write new values (plain; None or "" for none) of people, those with the same columns in one statement."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for person_id, values in changes:
        columns = _columns(values)
        groups.setdefault(tuple(sorted(columns)), []).append({"key": person_id, **columns})
    table = Person.__table__
    assert isinstance(table, Table)
    for names, rows in groups.items():
        given = {name: bindparam(name, type_=table.c[name].type) for name in names}
        statement = update(table).where(table.c.id == bindparam("key", type_=table.c.id.type)).values(given)
        session().connection().execute(statement, rows)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in FIELDS:
            found |= identity.plain_columns(name, value, MASKS[name](value)) if value else identity.nothing(name)
        elif name == "licence_number":
            found |= identity.licence_columns(value or "")
        elif name == "name":
            faults: dict[str, Message] = {}
            found |= name_columns(value, faults)
        elif name == "population":
            found[name] = str(value)
        else:
            found[name] = value
    return found


def end_postings(ends: Sequence[tuple[UUID, date | None]]) -> None:
    """Give postings their last day, or none again."""
    table = Posting.__table__
    assert isinstance(table, Table)
    if ends:
        last = bindparam("last", type_=table.c.ends_on.type)
        statement = update(table).where(table.c.id == bindparam("key", type_=table.c.id.type)).values(ends_on=last)
        session().connection().execute(statement, [{"key": posting_id, "last": day} for posting_id, day in ends])
