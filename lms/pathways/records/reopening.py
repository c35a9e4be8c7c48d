"""What was verified and is looked at again: results of exams on days that turn out to be barred."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from lms.kernel import audit
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.text import msg
from lms.pathways.models import PersonRecord
from lms.pathways.records.access import turn_of
from lms.pathways.records.handing_in import move
from lms.pathways.records.history import add_step
from lms.pathways.rules import verifying as rules
from lms.pathways.rules.checking import EXAMS
from lms.pathways.rules.records import KIND_NAMES, Kind
from lms.people import notices


def look_again(actor: Actor, person_id: UUID, first: date, last: date, level: int) -> int:
    """Send the passes that she is verified to have of exams on days of a ban back to the level that verified them; how
    many. Whether the ban or the pass is wrong is for people to say. She and they are told. The caller holds her alone
    (`people.access`), so that no result is verified meanwhile."""
    verified = select(PersonRecord).where(
        PersonRecord.person_id == person_id, PersonRecord.kind.in_(EXAMS), PersonRecord.state == "verified",
        PersonRecord.on_date.between(first, last),
    )  # fmt: skip
    passes = [one for one in session().scalars(verified) if one.fields.get("result") == "pass"]
    for one in passes:
        record_id, kind, version = one.id, Kind(one.kind), one.version
        move(one, version, rules.reopened(turn_of(one)), {})
        add_step(actor, record_id, "reopened", level=level)
        audit.record(actor, "record.reopened", "record", record_id, level=level)
        notices.settle(person_id, f"record:{record_id}")
        said = msg("您的{what}要再核实一次：登记的禁考期盖住了考试那一天。", what=msg(KIND_NAMES[kind]))
        key = f"record:{record_id}:{version + 1}"
        notices.post(person_id, notices.Kind.RECORD, key, said, f"/pathways/records/{record_id}")
    return len(passes)
