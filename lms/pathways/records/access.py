"""Who a person is before a record: whose it is, somebody who verifies, or nobody who may know of it."""

from uuid import UUID

from lms.credits.access import same_institution
from lms.credits.claims.access import RANKS
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.pathways.models import PersonRecord, RecordFile
from lms.pathways.rules.records import Kind
from lms.pathways.rules.schema import SCHEMAS
from lms.pathways.rules.verifying import SHOWN, UNIT, Decider, Turn
from lms.people import queries as people
from lms.people.queries import PersonCard

UNIT_KINDS = tuple(str(kind) for kind, schema in SCHEMAS.items() if UNIT in schema.levels)
"""What units verify; the other papers of their people are none of their business."""


def level(actor: Actor, record: PersonRecord) -> int:
    """The highest level at which she verifies where the record lies; 0 if she does not."""
    return area_level(actor, record.authority_path) or (UNIT if audits_unit(actor, record) else 0)


def area_level(actor: Actor, path: str) -> int:
    """The highest level of the areas at which she audits a place; 0 if she does not."""
    return max((rank for role, rank in RANKS.items() if path and actor.holds(role, path)), default=0)


def audits_unit(actor: Actor, record: PersonRecord) -> bool:
    """Whether she audits the unit, and the record is of a kind that units look at."""
    return record.kind in UNIT_KINDS and bool(record.unit_path) and actor.holds(Role.UNIT_AUDITOR, record.unit_path)


def own_record(actor: Actor, record_id: UUID) -> PersonRecord:
    """A record of her own; NotFound for anybody else's."""
    record = require_found(session().get(PersonRecord, record_id))
    require_in_place(actor.person_id is not None and record.person_id == actor.person_id)
    return record


def record_to_verify(actor: Actor, record_id: UUID) -> PersonRecord:
    """A record that lies where she verifies; NotFound for any other."""
    record = require_found(session().get(PersonRecord, record_id))
    require_in_place(record.state in SHOWN and level(actor, record) > 0)
    return record


def visible_file(actor: Actor, record_id: UUID, file_id: UUID) -> RecordFile:
    """A paper, for whose it is and for who may verify; NotFound for everybody else."""
    record = require_found(session().get(PersonRecord, record_id))
    if actor.person_id is None or record.person_id != actor.person_id:
        record_to_verify(actor, record_id)
    file = require_found(session().get(RecordFile, file_id))
    require_in_place(file.record_id == record_id and file.removed_at is None)
    return file


def person_to_enter_for(actor: Actor, person_id: UUID) -> tuple[PersonCard, int]:
    """Somebody of a county, city or province of hers, and her level there; NotFound for anybody else."""
    card = require_found(people.person(person_id))
    rank = area_level(actor, card.authority_path)
    require_in_place(rank > 0 and not card.closed)
    return card, rank


def turn_of(record: PersonRecord) -> Turn:
    return Turn(
        state=record.state,
        levels=SCHEMAS[Kind(record.kind)].levels,
        waiting=record.waiting,
        decided=record.decided,
        entered=record.told_by is not None,
    )


def decider_of(actor: Actor, record: PersonRecord, cards: dict[UUID, PersonCard]) -> Decider:
    """The actor before a record; `cards` hold hers and the person's."""
    mine = cards.get(actor.person_id) if actor.person_id else None
    return Decider(
        who=str(actor.person_id),
        level=level(actor, record),
        unit=audits_unit(actor, record),
        own=actor.person_id == record.person_id,
        colleague=same_institution(mine, cards[record.person_id]),
    )


