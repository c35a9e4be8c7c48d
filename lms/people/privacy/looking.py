"""Looks at whole numbers: bound to a purpose, counted, written down before anything is shown, open to the person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select

from lms.kernel import clock
from lms.kernel.access import require_signed_in
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.errors import Invalid, TooMany
from lms.kernel.ids import new_id
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import msg, nfc
from lms.organisations import queries as organisations
from lms.people import access, identity, throttle
from lms.people.models import Person
from lms.people.privacy.models import Look
from lms.people.privacy.rules import FIELDS, LOOKS_SPAN, MOST_FILES, MOST_LOOKS, PURPOSES

BATCH = 500
SHELL = "shell"


@dataclass(frozen=True, slots=True)
class LookCard:
    """A look in a list. `by_name` is who looked, with the post she held then."""

    id: UUID
    at: datetime
    person_id: UUID
    person_name: str
    by: UUID | None
    by_name: str
    by_role: str
    by_place: str
    field: str
    purpose: str
    note: str
    page: str


def unmask(actor: Actor, person_id: UUID, field: str, purpose: str, note: str) -> str:
    """The plain identity number, phone, mail address or licence number, for a purpose.

    Must be committed before it is shown. Raises NotFound outside the actor's places, Invalid by field (nothing is
    shown where nothing is registered), TooMany beyond MOST_LOOKS in an hour.
    """
    access.require_mine(actor, person_id)
    access.require_open(person_id)
    note = nfc(note)
    faults = {}
    if field not in FIELDS:
        faults["field"] = msg("请从列出的几项里选一项。")
    if purpose not in PURPOSES:
        faults["purpose"] = msg("请从列出的几项里选一项。")
    if not 4 <= len(note) <= 200:
        faults["note"] = msg("请写明具体是什么事，4 到 200 个字。")
    if faults:
        raise Invalid(fields=faults)
    sealed = session().scalar(select(getattr(Person, f"{field}_sealed")).where(Person.id == person_id))
    if not sealed:
        raise Invalid(fields={"field": msg("这一项没有登记，没有可看的。")})
    if not throttle.take("unmask", _who(actor), MOST_LOOKS, LOOKS_SPAN):
        raise TooMany(
            msg("一小时最多看 {n} 次全号，防止整批抄走。请过一会儿再看；要上报整批人员，请用上报文件。", n=MOST_LOOKS)
        )
    note_shown(actor, [person_id], field=field, purpose=purpose, note=note, page="person_file")
    return identity.opened(field, sealed)


def note_shown(
    actor: Actor, person_ids: Iterable[UUID], *, field: str, purpose: str, note: str, page: str
) -> int:
    """Write down that a whole number of each of these people is about to be shown; how many rows.

    Whoever calls it has checked the right, and commits before anything is shown.
    """
    role, place = _post(actor)
    told = {
        "at": clock.now(),
        "by": actor.person_id,
        "by_name": actor.name[:60],
        "by_role": role,
        "by_place": place[:120],
        "field": field,
        "purpose": purpose,
        "note": note,
        "page": SHELL if actor.system else page,
    }
    wanted = sorted(set(person_ids))
    for start in range(0, len(wanted), BATCH):
        rows = [{**told, "id": new_id(), "person_id": one} for one in wanted[start : start + BATCH]]
        session().execute(insert(Look), rows)
    return len(wanted)


def take_file(actor: Actor) -> None:
    """Count a file with whole numbers; raises TooMany beyond MOST_FILES in an hour."""
    if not actor.system and not throttle.take("whole_file", _who(actor), MOST_FILES, LOOKS_SPAN):
        raise TooMany(msg("一小时最多取 {n} 个带完整证件号的文件。请过一会儿再取。", n=MOST_FILES))


def _who(actor: Actor) -> str:
    return str(actor.person_id or actor.name)


def _post(actor: Actor) -> tuple[str, str]:
    """The role by which she may look, and where she holds it: as it is now, it may be another tomorrow."""
    grant = next((one for one in actor.grants if one.role is Role.ADMINISTRATOR), None)
    if grant is None:
        return ("", "")
    place = organisations.table("post")
    return (grant.role, session().scalar(select(place.c.name).where(place.c.path == grant.path)) or "")


def looks_at_me(actor: Actor, number: int = 1) -> Page[LookCard]:
    """Who looked at one's own whole numbers, latest first."""
    require_signed_in(actor)
    return _page([Look.person_id == actor.person_id], number)


def looks_in(actor: Actor, number: int = 1) -> Page[LookCard]:
    """The looks at people of the actor's places, latest first: for an administrator who answers for them."""
    mine = select(Person.id).where(access.in_my_places(actor, clock.today()))
    return _page([Look.person_id.in_(mine)], number)


def _page(where: list[ColumnElement[bool]], number: int) -> Page[LookCard]:
    total = session().scalar(select(func.count(Look.id)).where(*where)) or 0
    rows = session().execute(
        select(
            Look.id, Look.at, Look.person_id, Person.name.label("person_name"), Look.by, Look.by_name, Look.by_role,
            Look.by_place, Look.field, Look.purpose, Look.note, Look.page,
        )
        .join(Person, Person.id == Look.person_id)
        .where(*where)
        .order_by(Look.at.desc(), Look.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )  # fmt: skip
    return Page([LookCard(**row._mapping) for row in rows], number, total)
