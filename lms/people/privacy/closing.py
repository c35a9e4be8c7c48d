"""Closing an account for good: restricted while the law needs what it holds, erased at the end.

PIPL article 47: whoever handles personal data erases it when it is no longer needed or when the person withdraws her
consent; while a term of keeping that the law sets is running, or where erasing is technically hard, handling stops
but for storing and for what protects the data. Credit has legal weight, so an account that has some is restricted
first: who she was is sealed in one row, and everything else calls her GONE.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select, update

from lms.kernel import audit, clock, outbox
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.audit import GONE
from lms.kernel.crypto import seal
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.kernel.personal import KEEPERS
from lms.kernel.settings import Settings
from lms.kernel.text import Message, folded, msg
from lms.people import identity
from lms.people.models import Person
from lms.people.privacy.models import Closing, ErasureLine
from lms.people.privacy.rules import due_on

PURPOSE = "closing.kept"
LIST, ERASE = "people.list_erasure", "people.erase"
CLOSED = msg("这个账号已经注销。")
NOTHING: dict[str, Any] = {
    "name": GONE, "name_folded": folded(GONE), "name_drawable": True, "locale": None, "password_hash": None,
    "phone_sealed": None, "phone_hash": None, "phone_hash_other": None, "phone_mask": "",
    "email_sealed": None, "email_hash": None, "email_hash_other": None, "email_mask": "",
    "id_number_sealed": None, "id_number_hash": None, "id_number_hash_other": None, "id_number_mask": "",
    "licence_number_sealed": None, "licence_from": None, "licence_until": None,
}  # fmt: skip
"""What `person` says of somebody whose account is closed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What closing an account would do today: what forbids it, and from which day everything is erased."""

    person_id: UUID
    blocks: tuple[Message, ...]
    last_year: int | None
    due_on: date

    @property
    def at_once(self) -> bool:
        return self.last_year is None


def plan(person_id: UUID) -> Plan:
    """What closing would do; Conflict when the account is closed already, NotFound for nobody."""
    found = require_found(session().execute(select(Person.closed_at).where(Person.id == person_id)).one_or_none())
    if found.closed_at is not None:
        raise Conflict(CLOSED)
    settings: Settings = current_app.extensions["xinglin.settings"]
    blocks = tuple(block for keeper in KEEPERS for block in keeper.blocks(person_id))
    years = [year for keeper in KEEPERS if (year := keeper.weight(person_id)) is not None]
    last = max(years, default=None)
    return Plan(person_id, blocks, last, due_on(clock.today(), last, settings.retention_years))


def close(actor: Actor, person_id: UUID, how: str) -> Plan:
    """Close an account for good: restricted, and erased at once where nothing has legal weight. The caller has
    checked that it is the person herself, or the house.

    Raises Conflict with the first reason that forbids it.
    """
    # Whoever enters something for her, or closes her account too, waits; then what counts is what there is by now.
    session().execute(select(Person.id).where(Person.id == person_id).with_for_update())
    what = plan(person_id)
    if what.blocks:
        raise Conflict(what.blocks[0])
    if not restrict(person_id, how=how, at=clock.now(), due=what.due_on):
        raise Conflict(CLOSED)
    audit.record(actor, "person.closed", "person", person_id, how=how, due_on=what.due_on.isoformat())
    if what.at_once:
        erase(actor, person_id)
    return what


def restrict(person_id: UUID, *, how: str, at: datetime, due: date) -> bool:
    """Seal who she is and take her out of everything that is shown; False if it was done before."""
    who = session().execute(
        select(Person.name, Person.id_number_mask, Person.id_number_sealed, Person.population)
        .where(Person.id == person_id)
        .with_for_update()
    ).one_or_none()
    if who is None or session().get(Closing, person_id) is not None:
        return False
    kept = {
        "name": who.name,
        "id_number_mask": who.id_number_mask,
        "id_number": identity.opened("id_number", who.id_number_sealed),
    }
    for keeper in reversed(KEEPERS):
        keeper.close(person_id)
    session().execute(
        update(Person).where(Person.id == person_id).values(NOTHING | {"closed_at": at, "disabled_at": at})
    )
    values = {
        "person_id": person_id, "state": "restricted", "how": how, "closed_at": at, "due_on": due,
        "kept_sealed": seal(json.dumps(kept, ensure_ascii=False), PURPOSE),
    }  # fmt: skip
    if not insert_once(Closing, values, on=["person_id"]):
        return False
    remember(person_id, "restricted", at, due)
    return True


def erase(actor: Actor, person_id: UUID) -> bool:
    """Remove for good what names a person whose account is closed; False if it was done before."""
    now = clock.now()
    found = session().execute(
        update(Closing)
        .where(Closing.person_id == person_id, Closing.state == "restricted")
        .values(state="erased", erased_at=now, kept_sealed=None)
        .returning(Closing.due_on)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if found is None:
        return False
    for keeper in reversed(KEEPERS):
        keeper.erase(person_id)
    remember(person_id, "erased", now, found.due_on)
    audit.record(actor, "person.erased", "person", person_id)
    return True


def remember(person_id: UUID, state: str, at: datetime, due: date) -> None:
    """Keep a line of the list that is kept apart from backups, of whoever it is; twice does no harm."""
    values = {"person_id": person_id, "state": state, "at": at, "due_on": due}
    if insert_once(ErasureLine, values, on=["person_id", "state"]):
        outbox.send(LIST, key=f"{LIST}:{person_id}:{state}", person_id=str(person_id), state=state)


def due(on: date) -> Sequence[UUID]:
    """Who is to be erased on a day."""
    waiting = select(Closing.person_id).where(Closing.state == "restricted", Closing.due_on <= on)
    return list(session().scalars(waiting.order_by(Closing.due_on, Closing.person_id)))


def counts() -> dict[str, int]:
    """How many accounts are in which state."""
    rows = session().execute(select(Closing.state, func.count()).group_by(Closing.state))
    found = {"restricted": 0, "erased": 0}
    for state, number in rows:
        found[state] = number
    return found
