"""What the person sees of her records."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from lms.kernel import clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.organisations import queries as organisations
from lms.pathways import facts
from lms.pathways.models import PersonRecord, RecordFile, RecordStep
from lms.pathways.records.access import own_record, turn_of
from lms.pathways.records.checking import programmes
from lms.pathways.records.ending import goes_on
from lms.pathways.records.history import papers_of, steps_of
from lms.pathways.records.words import AFTERWARDS
from lms.pathways.rules import verifying
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.records import Kind
from lms.pathways.rules.renewing import Due, due
from lms.pathways.rules.schema import SCHEMAS
from lms.people import queries as people
from lms.people.queries import PersonCard

MOST = 500


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """All that is hers, by kind in the order of the kinds, latest first; what is due for renewal."""

    card: PersonCard
    kinds: tuple[tuple[Kind, tuple[PersonRecord, ...]], ...]
    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """Whom to call about a record."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """One record of hers with all that belongs to it. `office`: of the county, where one is to be asked."""

    record: PersonRecord
    card: PersonCard
    papers: tuple[RecordFile, ...]
    steps: tuple[RecordStep, ...]
    office: Office | None

    @property
    def kind(self) -> Kind:
        return Kind(self.record.kind)

    @property
    def may_correct(self) -> bool:
        return verifying.may_correct(turn_of(self.record))

    @property
    def may_withdraw(self) -> bool:
        return verifying.may_withdraw(turn_of(self.record))

    @property
    def goes_on(self) -> bool:
        """Whether it stands until somebody enters its last day."""
        return goes_on(self.record) and self.record.until is None

    @property
    def last_decision(self) -> RecordStep | None:
        """What a level decided last; that what it verified has ended is no decision on it."""
        said = [step for step in self.steps if step.level and step.action not in AFTERWARDS]
        return said[-1] if said else None


def own_records(actor: Actor) -> OwnRecords:
    """Her records; three statements."""
    require_signed_in(actor)
    card = own_card(actor)
    rows = list(
        session().scalars(
            select(PersonRecord)
            .where(PersonRecord.person_id == card.id, PersonRecord.state != "withdrawn")
            .order_by(PersonRecord.on_date.desc(), PersonRecord.id)
            .limit(MOST)
        )
    )
    kinds = ((kind, tuple(row for row in rows if row.kind == kind)) for kind in SCHEMAS)
    known = facts.records_of([card])[card.id]
    return OwnRecords(card, tuple(one for one in kinds if one[1]), due(known, clock.today()))


def own_card(actor: Actor) -> PersonCard:
    require_signed_in(actor)
    return require_found(people.person(require_found(actor.person_id)))


def record_view(actor: Actor, record_id: UUID) -> OwnRecord:
    """One record of hers; NotFound for anybody else's."""
    record = own_record(actor, record_id)
    card = require_found(people.person(record.person_id))
    office = None
    if card.authority_id is not None:
        place = organisations.organisation(card.authority_id)
        office = Office(place.name, place.phone) if place else None
    return OwnRecord(record, card, papers_of(record_id), steps_of(record_id), office)


def offered(card: PersonCard, *, entering: bool = False) -> tuple[Kind, ...]:
    """The kinds that may be handed in: one's own; or, by an office, all but what only she herself can say. What
    belongs to a programme only where one is open to her."""
    found = []
    for kind, schema in SCHEMAS.items():
        told = kind is not Kind.DECLARATION if entering else schema.own
        fitting = programmes(kind, card)
        if told and (fitting or not any(one.name == "programme" for one in schema.fields)):
            found.append(kind)
    return tuple(found)


def chosen_programme(kind: Kind, card: PersonCard, named: str) -> Pathway | None:
    """The programme of a form: the one that is named (NotFound if it is none of hers), or the only one there is."""
    open_ones = programmes(kind, card)
    if named and open_ones:
        return require_found(open_ones.get(named))
    return next(iter(open_ones.values())) if len(open_ones) == 1 else None


