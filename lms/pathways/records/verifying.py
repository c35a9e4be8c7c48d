"""What the levels decide on records, and what an office enters itself."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lms.credits.access import same_institution
from lms.kernel import audit, clock
from lms.kernel.access import require
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.text import msg, nfc
from lms.pathways.models import PersonRecord
from lms.pathways.records.access import decider_of, person_to_enter_for, record_to_verify, turn_of
from lms.pathways.records.checking import check, others_of
from lms.pathways.records.handing_in import cleaned, content, insert, move, says
from lms.pathways.records.history import add_step
from lms.pathways.records.reopening import look_again
from lms.pathways.rules import verifying as rules
from lms.pathways.rules.checking import EXAMS, Told, barred
from lms.pathways.rules.months import later
from lms.pathways.rules.records import KIND_NAMES, Kind
from lms.pathways.rules.schema import SCHEMAS
from lms.people import access, notices
from lms.people import queries as people
from lms.people.notices import licences

MOST_WORDS = 1000
OWN = msg("自己的材料要请别的审核人员登记。")
COLLEAGUE = msg("这位医生和您在同一单位，要请别的单位的审核人员登记。")


@dataclass(frozen=True, slots=True)
class Entered:
    """Whether a record is new (False: a form sent twice), and how many results are to be looked at again for it."""

    new: bool
    reopened: int = 0


def decide(actor: Actor, record_id: UUID, action: str, *, version: int, reason: str = "") -> str:
    """Take a decision; the state the record is in now.

    Raises NotFound outside her places, NotAllowed with why she may not, Conflict if the record is no longer at
    `version`, Invalid for words that are missing.
    """
    record = record_to_verify(actor, record_id)
    if record.version != version:
        raise Conflict
    cards = people.cards({record.person_id} | ({actor.person_id} if actor.person_id else set()))
    decider, turn = decider_of(actor, record, cards), turn_of(record)
    why = rules.hindrance(turn, decider)
    require(why is None, why)
    reason = nfc(reason)
    _check_words(turn, action, reason)
    if action == "verify":
        _hold(record.person_id, Kind(record.kind))
        _check_ban(record)
    level, person_id, kind = rules.acting_level(decider), record.person_id, Kind(record.kind)
    until = record.until
    after = rules.decided(turn, action, level, decider.who)
    # What an office entered and took back no longer stands: the right thing may be entered again.
    gone = {"fingerprint": None} if after.state == "rejected" and turn.entered else {}
    move(record, version, after, gone)
    what = "verified" if action == "verify" else "rejected"
    add_step(actor, record_id, what, level=level, reason=reason if what == "rejected" else "")
    audit.record(actor, f"record.{what}", "record", record_id, level=level)
    _tell(person_id, record_id, kind, after, version + 1)
    _renewed(person_id, kind, after.state, until)
    return after.state


def _tell(person_id: UUID, record_id: UUID, kind: Kind, after: rules.Turn, version: int) -> None:
    """The doctor hears of the last word; while a higher level has yet to look, nothing is to be told."""
    said = rules.told_of(after, msg(KIND_NAMES[kind]))
    if said is None:
        return
    notices.settle(person_id, f"record:{record_id}")
    key, link = f"record:{record_id}:{version}", f"/pathways/records/{record_id}"
    notices.post(person_id, notices.Kind.RECORD, key, said, link)


def _renewed(person_id: UUID, kind: Kind, state: str, until: date | None) -> None:
    if renews(kind, state, until):
        licences.renewed(person_id)


def renews(kind: Kind, state: str, until: date | None) -> bool:
    """A licence that does not end soon: what was said of one that does is over."""
    soon = later(clock.today(), licences.SOON)
    return kind is Kind.VILLAGE_LICENCE and state == "verified" and (until is None or until > soon)


def _check_words(turn: rules.Turn, action: str, reason: str) -> None:
    if action not in rules.actions(turn):
        raise Invalid(fields={"action": msg("请从列出的几项里选一项。")})
    if len(reason) > MOST_WORDS:
        raise Invalid(fields={"reason": msg("最多 {most} 个字。", most=MOST_WORDS)})
    if action == "reject" and len(reason) < 2:
        raise Invalid(fields={"reason": msg("请写一句话，医生会看到。")})


def _check_ban(record: PersonRecord) -> None:
    """A ban may have come on record after the result did."""
    why = barred(Told(Kind(record.kind), record.on_date), others_of(record.person_id, record.id))
    if why is not None:
        raise Invalid(fields={"action": why})


def _hold(person_id: UUID, kind: Kind) -> None:
    """A ban and a result that it covers are never both verified at the same moment, unseen by each other."""
    if kind is Kind.BAN or kind in EXAMS:
        access.hold_alone(person_id)


def enter(actor: Actor, person_id: UUID, record_id: UUID, told: Told) -> Entered:
    """Enter what an office knows itself (a ban, a result, a licence) for somebody it audits: verified at its level, or
    waiting for a higher one. Passes of exams that a ban covers are sent back to be looked at again.

    Raises NotFound outside her places, NotAllowed for herself and her own institution's people, Invalid by field.
    """
    card, level = person_to_enter_for(actor, person_id)
    require(actor.person_id != person_id, OWN)
    mine = people.person(actor.person_id) if actor.person_id else None
    require(not same_institution(mine, card), COLLEAGUE)
    if told.kind is Kind.DECLARATION:
        raise Invalid(fields={"kind": msg("声明只能由本人作。")})
    told = cleaned(told)
    _hold(person_id, told.kind)
    there = session().get(PersonRecord, record_id)
    if there is not None:
        return _same(there, person_id, told)
    check(told, card, record_id)
    turn = rules.entered(SCHEMAS[told.kind].levels, level, str(actor.person_id))
    if not insert(card, record_id, told, turn, told_by=actor.person_id):
        return _same(session().get_one(PersonRecord, record_id), person_id, told)
    add_step(actor, record_id, "entered", level=level, content=content(record_id, told))
    audit.record(actor, "record.entered", "record", record_id, kind=told.kind, level=level)
    _renewed(person_id, told.kind, turn.state, told.until)
    if told.kind is Kind.BAN and turn.state == "verified" and told.on and told.until:
        return Entered(True, look_again(actor, person_id, told.on, told.until, level))
    return Entered(True)


def _same(there: PersonRecord, person_id: UUID, told: Told) -> Entered:
    """Nothing new where the form says what stands there; Invalid where it says something else, or that stands no
    more."""
    if there.person_id != person_id:
        raise NotFound
    if there.state not in ("waiting", "verified"):
        raise Invalid(msg("这一份已经作废，这一页写的没有存上。请重新打开“登记一份”再填。"))
    if not says(there, told):
        raise Invalid(msg("这一份已经登记过，您后来改的没有存上。要改，先把那一份作废，再登记一份。"))
    return Entered(False)
