"""What keeps a record from being kept: what it says itself, and what else is on record of the person."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.text import Message, folded, msg
from lms.pathways import catalogue
from lms.pathways import queries as pathways
from lms.pathways.facts import STANDINGS
from lms.pathways.models import PersonRecord
from lms.pathways.rules.checking import Told, barred, faults, overlapping
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.records import AGREED_YEARS, Kind, Record
from lms.pathways.rules.schema import FIELDS
from lms.pathways.rules.verifying import SHOWN
from lms.people.queries import PersonCard

SAME = msg("同样的一份已经有了：类别和日期都一样。请看原来那一份。")
HOW_IT_WENT = frozenset({"result", "score", "line", "reason", "supervisor", "number", "relevant", AGREED_YEARS})
"""Fields that do not say which thing it is."""


def check(told: Told, card: PersonCard, record_id: UUID, *, numbered: bool = False) -> None:
    """Raises Invalid with everything that is missing or cannot be true, by field. Two statements at most."""
    found = faults(told, clock.today(), words=words_of(told, card), name=card.name, numbered=numbered)
    if not found:
        others = others_of(card.id, record_id)
        refused = {"on": barred(told, others) or overlapping(told, others)}
        found = {name: said for name, said in refused.items() if said is not None}
    if not found and known(told, card.id, record_id) is not None:
        found = {"on": SAME}
    if found:
        raise Invalid(fields=found)


def known(told: Told, person_id: UUID, record_id: UUID) -> UUID | None:
    """The record of hers that says the same thing already."""
    same = select(PersonRecord.id).where(
        PersonRecord.person_id == person_id,
        PersonRecord.fingerprint == fingerprint(told),
        PersonRecord.id != record_id,
    )
    return session().scalar(same)


def others_of(person_id: UUID, record_id: UUID) -> tuple[Record, ...]:
    """What else stands on record about her, verified or waiting."""
    rows = session().scalars(
        select(PersonRecord).where(
            PersonRecord.person_id == person_id,
            PersonRecord.id != record_id,
            PersonRecord.state.in_(SHOWN[:2]),
            PersonRecord.kind.in_([Kind.BAN, Kind.PRACTICE]),
        )
    )
    return tuple(Record(str(one.id), Kind(one.kind), one.on_date, one.until, STANDINGS[one.state]) for one in rows)


def fingerprint(told: Told) -> str:
    """Which thing it is, so that the same is not on record twice: kind, day and what else tells it apart. Never its
    number: what is short can be guessed from a hash."""
    apart = [told.said(name) for name in FIELDS[told.kind] if name not in HOW_IT_WENT]
    return sha256("\n".join((told.kind, str(told.on), *map(folded, apart))).encode()).hexdigest()


def programmes(kind: Kind, card: PersonCard) -> dict[str, Pathway]:
    """The programmes that she goes or that are open to her and that a record of a kind may belong to, by id."""
    if "programme" not in FIELDS[kind]:
        return {}
    gone = pathways.followed([card.id])[card.id]
    open_to_her = (*gone, *(one for one in catalogue.ways(card.population, card.authority_path) if one not in gone))
    fitting = (one for one in open_to_her if one.modules)
    if kind is Kind.EXEMPTION:
        fitting = (one for one in open_to_her if any(module.exemptible for module in one.modules))
    return {one.id: one for one in fitting}


def words_of(told: Told, card: PersonCard) -> Mapping[str, frozenset[str]]:
    """The words of those fields that depend on the house: programmes and their modules."""
    if "programme" not in FIELDS[told.kind]:
        return {}
    open_ones = programmes(told.kind, card)
    chosen = open_ones.get(told.said("programme"))
    modules = (one.code for one in chosen.modules if one.exemptible) if chosen else ()
    return {"programme": frozenset(open_ones), "module": frozenset(modules)}


def missing_papers(wanted: bool, count: int) -> dict[str, Message]:
    """What is said where a copy is asked for and none is there."""
    return {} if count or not wanted else {"papers": msg("请至少交一份材料：照片或 PDF。")}
