"""What was verified comes to its end: the level that verified it, or one above, enters the last day.

The days until then were true and stay verified; to reject the whole record would call them false."""

from datetime import date
from uuid import UUID

from lms.kernel import audit, clock
from lms.kernel.access import require
from lms.kernel.actor import Actor
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import msg
from lms.pathways.models import PersonRecord
from lms.pathways.records.access import decider_of, record_to_verify, turn_of
from lms.pathways.records.handing_in import move
from lms.pathways.records.history import add_step
from lms.pathways.rules import verifying
from lms.pathways.rules.ending import fault
from lms.pathways.rules.records import KIND_NAMES, Kind
from lms.pathways.rules.schema import SCHEMAS
from lms.people import notices
from lms.people import queries as people


def goes_on(record: PersonRecord) -> bool:
    """Whether it is verified and of a kind that goes on until its last day is entered."""
    return record.state == "verified" and SCHEMAS[Kind(record.kind)].goes_on


def end(actor: Actor, record_id: UUID, until: date | None, *, version: int) -> bool:
    """Enter the last day of a verified record, change it, or (None) take it back; False if this very version was ended
    so (a double press).

    Raises NotFound outside her places, NotAllowed with why she may not, Conflict if the record is no longer at
    `version` or is none that goes on, Invalid for a day that cannot be.
    """
    record = record_to_verify(actor, record_id)
    if goes_on(record) and record.version == version + 1 and record.until == until:
        return False
    if record.version != version or not goes_on(record):
        raise Conflict
    cards = people.cards({record.person_id} | ({actor.person_id} if actor.person_id else set()))
    decider, turn = decider_of(actor, record, cards), turn_of(record)
    why = verifying.hindrance(turn, decider)
    require(why is None, why)
    kind, person_id, before = Kind(record.kind), record.person_id, record.until
    wrong = fault(SCHEMAS[kind], record.on_date, before, until, clock.today())
    if wrong is not None:
        raise Invalid(fields={"until": wrong})
    level = verifying.acting_level(decider)
    move(record, version, turn, {"until": until, "verified_at": record.verified_at})
    days = {name: day.isoformat() for name, day in (("until", until), ("before", before)) if day is not None}
    add_step(actor, record_id, "ended" if until else "end_undone", level=level, content=days)
    audit.record(actor, "record.ended", "record", record_id, level=level, **days)
    _tell(person_id, record_id, kind, until, version + 1)
    return True


def _tell(person_id: UUID, record_id: UUID, kind: Kind, until: date | None, version: int) -> None:
    named = msg(KIND_NAMES[kind])
    said = (
        msg("您的{what}登记了最后一天：{day}。不对请问登记的人。", what=named, day=until)
        if until
        else msg("您的{what}取消了最后一天，照旧算数。", what=named)
    )
    notices.settle(person_id, f"record:{record_id}")
    notices.post(
        person_id, notices.Kind.RECORD, f"record:{record_id}:{version}", said, f"/pathways/records/{record_id}"
    )
