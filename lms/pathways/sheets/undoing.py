"""Taking back records that a table has entered: they are withdrawn, unless somebody has had a word on them since."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from lms.kernel import audit, bulk, clock
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg
from lms.pathways.county import keeping
from lms.pathways.models import PersonRecord, RecordStep
from lms.pathways.records.access import area_level
from lms.pathways.rules.records import Kind
from lms.people.batches.kinds import Done
from lms.people.notices import licences
from lms.people.rosters.looking import CHUNK

CHANGED = msg("后来又有人核实过或改过。")
GONE = msg("这一份已经不在了。")
ELSEWHERE = msg("已经不在您管的范围里。")


def held(actor: Actor, done: Sequence[Done]) -> dict[int, Message]:
    """Which lines stay as they are, and why."""
    found: dict[int, Message] = {}
    for some in _chunks(done):
        rows = {
            row.id: row
            for row in session().execute(
                select(PersonRecord.id, PersonRecord.version, PersonRecord.authority_path).where(
                    PersonRecord.id.in_(list(some))
                )
            )
        }
        for record_id, one in some.items():
            row = rows.get(record_id)
            if row is None:
                found[one.line] = GONE
            elif row.version != 1:
                found[one.line] = CHANGED
            elif area_level(actor, row.authority_path) == 0:
                found[one.line] = ELSEWHERE
    return found


def take_back(actor: Actor, batch_id: UUID, done: Sequence[Done]) -> None:
    """Withdraw these records; the history of each says who did."""
    for some in _chunks(done):
        mine = (PersonRecord.id.in_(list(some)), PersonRecord.version == 1)
        licensed = select(PersonRecord.person_id).where(
            *mine, PersonRecord.kind == Kind.VILLAGE_LICENCE, PersonRecord.state == "verified"
        )
        stood = session().scalars(licensed).all()
        session().execute(
            update(PersonRecord)
            .where(*mine)
            .values(
                state="withdrawn", waiting=0, verified_at=None, fingerprint=None, version=2, changed_at=clock.now()
            )
            .execution_options(synchronize_session=False)
        )
        history = bulk.Rows(RecordStep)
        for record_id in some:
            history.add(_step(actor, record_id))
        history.write()
        deeds: dict[object, Mapping[str, Any]] = {record_id: {"batch": str(batch_id)} for record_id in some}
        audit.record_all(actor, "record.withdrawn", "record", deeds)
        keeping.changed(*dict.fromkeys(one.person_id for one in some.values()))
        licences.not_renewed(stood)


def _chunks(done: Sequence[Done]) -> Iterator[dict[UUID, Done]]:
    """Lines by the record that each has entered, so many that one statement takes them."""
    for start in range(0, len(done), CHUNK):
        yield {UUID(one.kept["record"]): one for one in done[start : start + CHUNK]}


def _step(actor: Actor, record_id: UUID) -> dict[str, Any]:
    return {
        "id": new_id(), "record_id": record_id, "action": "taken_back", "level": 0, "by": actor.person_id,
        "by_name": actor.name, "reason": "", "content": {}, "at": clock.now(),
    }  # fmt: skip
