"""What the house knows of the people and places a table names: read a thousand numbers to a statement."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from lms.kernel import clock
from lms.kernel.actor import Actor, Role
from lms.kernel.crypto import lookup_hashes
from lms.kernel.db import session
from lms.kernel.text import Message, msg
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.organisations.rules import REGIONS, ancestors
from lms.people import access, identity
from lms.people.models import Person, Posting, RoleGrant

CHUNK = 1000
FIELDS = ("id_number", "phone", "email")


@dataclass(slots=True)
class Known:
    """Somebody who is registered. `mine`: in the actor's places; `above`: holds a role outside of them."""

    row: Any
    mine: bool = False
    above: bool = False
    posting: Any = None

    @property
    def id(self) -> UUID:
        person_id: UUID = self.row.id
        return person_id

    def has(self, field_name: str) -> bool:
        """Whether this number is registered of her at all."""
        return getattr(self.row, f"{field_name}_sealed") is not None

    def hashes(self, field_name: str) -> Iterable[str]:
        """The hashes under which she is found."""
        both = (getattr(self.row, f"{field_name}_hash"), getattr(self.row, f"{field_name}_hash_other"))
        return (one for one in both if one)


COLUMNS = (
    Person.id, Person.name, Person.population, Person.locale, Person.licence_from, Person.licence_until,
    Person.licence_number_sealed,
    *(getattr(Person, f"{name}{end}") for name in FIELDS for end in ("_sealed", "_hash", "_hash_other")),
)  # fmt: skip


@dataclass
class People:
    """Who is registered under the numbers of a table: by field and number."""

    found: dict[str, dict[str, Known]] = field(default_factory=lambda: {name: {} for name in FIELDS})

    def by(self, field_name: str, number: str | None) -> Known | None:
        """Whoever has this number; None for no number."""
        return self.found[field_name].get(number) if number else None


def look(actor: Actor, numbers: Mapping[str, Sequence[str]], *, hold: bool) -> People:
    """Everybody who is registered under one of these numbers (by field, plain), wherever she works.

    `hold`: nobody changes them before the open unit of work ends.
    """
    made, every = People(), dict[UUID, Known]()
    for name in FIELDS:
        wanted = numbers.get(name, ())
        for start in range(0, len(wanted), CHUNK):
            with unit_of_work(write=False):
                _look(actor, name, wanted[start : start + CHUNK], made, every, hold)
    return made


def _look(
    actor: Actor, name: str, numbers: Sequence[str], made: People, every: dict[UUID, Known], hold: bool
) -> None:
    plain = {one: number for number in numbers for one in lookup_hashes(number, name)}
    first, other = identity.COLUMNS[name]
    query = select(*COLUMNS).where(or_(first.in_(plain), other.in_(plain)), Person.closed_at.is_(None))
    rows = session().execute(query.order_by(Person.id).with_for_update(key_share=True) if hold else query).all()
    fresh = [row.id for row in rows if row.id not in every]
    for row in rows:
        known = every.setdefault(row.id, Known(row))
        for one in known.hashes(name):
            if one in plain:
                made.found[name][plain[one]] = known
    if fresh:
        _stand(actor, {one: every[one] for one in fresh})


def owners(field_name: str, numbers: Sequence[str]) -> dict[str, UUID]:
    """Whose each of these numbers is (plain), for those that are somebody's; a statement for a thousand."""
    found, columns = dict[str, UUID](), identity.COLUMNS[field_name]
    for start in range(0, len(numbers), CHUNK):
        plain = {one: number for number in numbers[start : start + CHUNK] for one in lookup_hashes(number, field_name)}
        rows = session().execute(select(Person.id, *columns).where(or_(*(column.in_(plain) for column in columns))))
        found |= {plain[one]: row[0] for row in rows for one in row[1:] if one in plain}
    return found


def namesakes(wanted: Collection[tuple[UUID | None, str]]) -> dict[tuple[UUID | None, str], list[tuple[UUID, bool]]]:
    """Who works at a place under a name (folded) today: ids, and whether her identity number is registered; a
    statement for a thousand, those of one place together."""
    found: dict[tuple[UUID | None, str], list[tuple[UUID, bool]]] = {}
    pairs, today = sorted(wanted, key=str), clock.today()
    query = (
        select(Person.id, Person.name_folded, Person.id_number_sealed.is_not(None).label("numbered"))
        .add_columns(Posting.workplace_id)
        .join(Posting, Posting.person_id == Person.id)
        .where(Person.closed_at.is_(None), or_(Posting.ends_on.is_(None), Posting.ends_on >= today))
    )
    for start in range(0, len(pairs), CHUNK):
        places, names = ({pair[at] for pair in pairs[start : start + CHUNK]} for at in (0, 1))
        with unit_of_work(write=False):
            here = query.where(Posting.workplace_id.in_(places), Person.name_folded.in_(names))
            for row in session().execute(here):
                found.setdefault((row.workplace_id, row.name_folded), []).append((row.id, row.numbered))
    return found


def _stand(actor: Actor, people: dict[UUID, Known]) -> None:
    """Where these people stand to the actor, and where they work."""
    for person_id in access.seen(actor, list(people)):
        people[person_id].mine = True
    grants = select(RoleGrant.person_id, RoleGrant.path).where(
        RoleGrant.person_id.in_(people), RoleGrant.withdrawn_at.is_(None)
    )
    for grant in session().execute(grants):
        if not actor.holds(Role.ADMINISTRATOR, grant.path):
            people[grant.person_id].above = True
    wanted = (Posting.employer_id, Posting.workplace_id, Posting.authority_id, Posting.starts_on)
    open_ones = select(Posting.id, Posting.person_id, *wanted).where(
        Posting.person_id.in_(people), Posting.ends_on.is_(None)
    )
    for posting in session().execute(open_ones):
        people[posting.person_id].posting = posting


class Places:
    """The actor's places by code and name, and who audits there; read once for a table."""

    def __init__(self, actor: Actor) -> None:
        with unit_of_work(write=False):
            cards = organisations.in_scope(actor.paths(Role.ADMINISTRATOR))
            regions = [str(kind) for kind in REGIONS]
            above = {one for card in cards for one in ancestors(card.path)} - {card.path for card in cards}
            around = [*cards, *organisations.at(sorted(above)[:CHUNK])]
        self._by_id = {card.id: card for card in cards}
        self._by_code = {card.code: card for card in cards}
        self._by_name: dict[str, list[OrganisationCard]] = {}
        for card in cards:
            if not card.closed_on:
                self._by_name.setdefault(card.name, []).append(card)
        self._regions = {card.path: card for card in around if str(card.kind) in regions}

    def named(self, text: str) -> OrganisationCard | Message:
        """The place that is meant, by its code or whole name, or what is wrong with it."""
        coded = self._by_code.get(text.upper())
        if coded is not None:
            return msg("这个机构已经关闭。") if coded.closed_on else coded
        found = self._by_name.get(text, [])
        if not found:
            return msg("您管的范围里没有这个机构。请写机构代码或全称。")
        if len(found) > 1:
            return msg("有 {count} 个机构叫这个名字，请写机构代码。", count=len(found))
        return found[0]

    def by_id(self, place_id: UUID) -> OrganisationCard | None:
        """One of the actor's places; None for any other."""
        return self._by_id.get(place_id)

    def authority(self, workplace: OrganisationCard, employer: OrganisationCard) -> UUID | None:
        """The nearest region above where she works, else above who employs her; None where nothing is."""
        for place in (workplace, employer):
            for path in sorted(ancestors(place.path), key=len, reverse=True):
                if path in self._regions:
                    return self._regions[path].id
        return None
