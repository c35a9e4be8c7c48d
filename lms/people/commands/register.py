"""Registering people, their postings, their identity."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.kernel import audit, clock, messages
from lms.kernel.access import require, require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.events import announce
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.text import Message, folded, msg, nfc
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.organisations.rules import REGIONS
from lms.people import access, identity, parts, passwords, rules, sessions
from lms.people.commands.codes import end_codes
from lms.people.events import LicencesChanged, PersonPosted, PopulationChanged
from lms.people.models import Person, Posting
from lms.people.notices import licences
from lms.people.rules import Population


def add_person(
    actor: Actor,
    *,
    name: str,
    workplace_id: UUID,
    phone: str | None = None,
    email: str | None = None,
    id_number: str | None = None,
    population: Population | str = Population.VILLAGE_DOCTOR,
    employer_id: UUID | None = None,
    authority_id: UUID | None = None,
    starts_on: date | None = None,
    locale: str | None = None,
    licence_number: str = "",
    licence_from: date | None = None,
    licence_until: date | None = None,
    password: str | None = None,
    password_hash: str | None = None,
) -> UUID:
    """Register a person where she works. Employer is the workplace and authority the nearest region above it
    unless said otherwise. Only the house itself may give a password (the demo, tests).

    Raises NotFound for places outside the actor's, Invalid by field, Conflict when somebody was faster.
    """
    places = _places(actor, workplace_id, employer_id, authority_id)
    faults: dict[str, Message] = {}
    values = name_columns(name, faults) | identity_columns(phone, email, id_number, faults)
    values |= _licence(population, licence_number, licence_from, licence_until, faults)
    if not phone and not email:
        faults["phone"] = msg("手机号和邮箱至少填一样，用来登录。")
    faults = identity.taken(values) | faults
    if faults:
        raise Invalid(fields=faults)
    require(actor.system or (password is None and password_hash is None))
    person_id = new_id()
    values |= {
        "id": person_id,
        "locale": locale,
        "created_at": clock.now(),
        "password_hash": passwords.hash_password(password) if password else password_hash,
    }
    try:
        session().execute(insert(Person).values(values))
    except IntegrityError:
        raise Conflict(msg("刚刚有人登记了同样的手机号、邮箱或身份证号。请查一下名单。")) from None
    _post(person_id, places, starts_on or clock.today())
    audit.record(actor, "person.added", "person", person_id, workplace=str(workplace_id))
    return person_id


def edit_person(
    actor: Actor,
    person_id: UUID,
    *,
    name: str,
    population: Population | str,
    phone: str = "",
    email: str = "",
    id_number: str = "",
    licence_number: str = "",
    licence_from: date | None = None,
    licence_until: date | None = None,
) -> None:
    """Correct what is known of a person. Phone, mail address, identity and licence number stay as they are when left
    empty: they are never sent to a page to be sent back."""
    access.require_mine(actor, person_id)
    access.require_open(person_id)
    access.require_not_above_me(actor, person_id)
    faults: dict[str, Message] = {}
    values = name_columns(name, faults) | identity_columns(phone, email, id_number, faults)
    values |= _licence(population, licence_number, licence_from, licence_until, faults)
    if not licence_number:
        values.pop("licence_number_sealed", None)
    faults = identity.taken(values, but=person_id) | faults
    if faults:
        raise Invalid(fields=faults)
    before = session().execute(_REACHED.where(Person.id == person_id)).one()
    try:
        session().execute(update(Person).where(Person.id == person_id).values(values))
    except IntegrityError:
        raise Conflict(msg("刚刚有人登记了同样的手机号、邮箱或身份证号。请查一下名单。")) from None
    if phone or email:
        # Whoever held the old number must not stay signed in on it, nor use a code that went there.
        sessions.end_sessions(person_id)
        end_codes(person_id)
        tell_the_old_address(person_id, before, phone=bool(phone), email=bool(email))
    if before.licence_until != values["licence_until"]:
        licences.renewed(person_id)
    if (before.licence_from, before.licence_until) != (values["licence_from"], values["licence_until"]):
        announce(LicencesChanged((person_id,)))
    if before.population != values["population"]:
        announce(PopulationChanged(person_id))
    audit.record(actor, "person.edited", "person", person_id, fields=sorted(_plain(values)))


_REACHED = select(
    Person.phone_sealed, Person.email_sealed, Person.locale, Person.population, Person.licence_from,
    Person.licence_until,
)  # fmt: skip


def tell_the_old_address(person_id: UUID, before: Any, *, phone: bool, email: bool) -> None:
    """Whoever holds the number that was replaced hears of it: she may be its owner, and the change not hers."""
    messages.send_all(to_the_old_address(person_id, before, phone=phone, email=email))


def to_the_old_address(person_id: UUID, before: Any, *, phone: bool, email: bool) -> list[messages.Outgoing]:
    """What is said to the numbers of before, if there were any: `phone`, `email` tell which have changed."""
    found, language = list[messages.Outgoing](), before.locale or "zh"
    text = translate(
        msg("您在杏林的登录方式已由管理员更改，这里不再收验证码。不是您要求的，请马上告诉您的县卫生健康局。"), language
    )
    if phone and before.phone_sealed:
        found.append(messages.Outgoing("sms", identity.opened("phone", before.phone_sealed), text, person_id))
    if email and before.email_sealed:
        subject = translate(msg("杏林：登录方式已更改"), language)
        address = identity.opened("email", before.email_sealed)
        found.append(messages.Outgoing("mail", address, f"{subject}\n\n{text}", person_id))
    return found


def move_posting(
    actor: Actor,
    person_id: UUID,
    *,
    workplace_id: UUID,
    on: date,
    employer_id: UUID | None = None,
    authority_id: UUID | None = None,
) -> None:
    """From a day on a person works elsewhere; the day before ends the present posting.

    Both where she comes from and where she goes must lie in the actor's places.
    """
    access.require_mine(actor, person_id)
    access.require_open(person_id)
    access.require_not_above_me(actor, person_id)
    places = _places(actor, workplace_id, employer_id, authority_id)
    last = (
        session()
        .execute(
            select(Posting.id, Posting.starts_on, Posting.employer_id, Posting.workplace_id, Posting.authority_id)
            .where(Posting.person_id == person_id, Posting.ends_on.is_(None))
            .with_for_update()
        )
        .one_or_none()
    )
    if last is not None:
        _require_source(actor, last.employer_id, last.workplace_id)
        if on <= last.starts_on:
            raise Invalid(fields={"on": msg("要晚于现在这一段的开始日期 {day}。", day=last.starts_on)})
        if (last.employer_id, last.workplace_id, last.authority_id) == places:
            raise Invalid(fields={"workplace_id": msg("和现在的单位一样，不用调动。")})
        session().execute(update(Posting).where(Posting.id == last.id).values(ends_on=on - timedelta(days=1)))
    _post(person_id, places, on)
    audit.record(actor, "person.moved", "person", person_id, workplace=str(workplace_id), on=on.isoformat())


Places = tuple[UUID, UUID, UUID]


def _places(actor: Actor, workplace_id: UUID, employer_id: UUID | None, authority_id: UUID | None) -> Places:
    """Employer, workplace and authority, judged: the first two are the actor's, the third is a region above."""
    workplace = access.require_place(actor, workplace_id)
    employer = access.require_place(actor, employer_id) if employer_id else workplace
    for field, place in (("workplace_id", workplace), ("employer_id", employer)):
        if place.closed_on:
            raise Invalid(fields={field: msg("这个机构已经关闭。")})
    authority = _authority(workplace, employer, authority_id)
    return employer.id, workplace.id, authority.id


def _authority(workplace: OrganisationCard, employer: OrganisationCard, authority_id: UUID | None) -> OrganisationCard:
    regions = [
        card for place in (workplace, employer) for card in organisations.above(place.path) if card.kind in REGIONS
    ]
    if not regions:
        raise Invalid(fields={"workplace_id": msg("这个机构上面没有县、市或省，定不了由谁审核。")})
    if authority_id is None:
        return regions[0]
    chosen = next((card for card in regions if card.id == authority_id), None)
    if chosen is None:
        raise Invalid(fields={"authority_id": msg("审核的县、市或省，要管着单位或工作地点。")})
    return chosen


def _require_source(actor: Actor, *organisation_ids: UUID) -> None:
    if not any(organisations.visible(actor, one) for one in organisation_ids):
        require_found(None)


def _post(person_id: UUID, places: Places, starts_on: date) -> None:
    employer_id, workplace_id, authority_id = places
    try:
        session().execute(
            insert(Posting).values(
                id=new_id(),
                person_id=person_id,
                employer_id=employer_id,
                workplace_id=workplace_id,
                authority_id=authority_id,
                starts_on=starts_on,
            )
        )
    except IntegrityError:
        raise Conflict from None
    announce(PersonPosted(person_id))


def name_columns(name: str, faults: dict[str, Message]) -> dict[str, Any]:
    """Columns of a name; a fault is added instead when it is none."""
    name = rules.plain_name(nfc(name))
    if not rules.is_name(name):
        faults["name"] = msg("请照身份证写姓名，不写数字和称呼。")
        return {}
    return {
        "name": name,
        "name_folded": folded(name)[:80],
        "name_drawable": parts.name_can_be_drawn(name),
    }


def identity_columns(
    phone: str | None, email: str | None, id_number: str | None, faults: dict[str, Message]
) -> dict[str, Any]:
    """Columns of what identifies or reaches a person, of what was given; faults are added by field."""
    values: dict[str, Any] = {}
    if phone:
        values |= identity.phone_columns(phone, faults)
    if email:
        values |= identity.email_columns(email, faults)
    if id_number:
        values |= identity.id_number_columns(id_number, faults)
    return values


def _licence(
    population: Population | str,
    number: str,
    since: date | None,
    until: date | None,
    faults: dict[str, Message],
) -> dict[str, Any]:
    if population not in list(Population):
        faults["population"] = msg("请从列出的几项里选一项。")
    wrong = rules.licence_fault(population, since, until)
    if wrong is not None:
        faults["licence_until"] = wrong
    if len(number) > 60:
        faults["licence_number"] = msg("最多 60 个字。")
    return {
        "population": str(population),
        "licence_from": since,
        "licence_until": until,
        **identity.licence_columns(number),
    }


def _plain(values: dict[str, Any]) -> list[str]:
    """Names of what was given, for the audit trail: no sealed value, hash or mask."""
    endings = ("_sealed", "_hash", "_hash_other", "_mask", "_folded", "_drawable")
    return [name for name in values if not name.endswith(endings)] + [
        name.removesuffix("_hash") for name in values if name.endswith("_hash")
    ]
