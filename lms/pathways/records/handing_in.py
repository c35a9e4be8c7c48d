"""What the person does with her records: hand in, correct and hand in again, withdraw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from lms.credits.claims.asking import unit_and_area
from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid, TooMany
from lms.kernel.text import Message, folded, msg, nfc
from lms.pathways.county import keeping
from lms.pathways.models import PersonRecord, RecordFile
from lms.pathways.numbers import columns, opened
from lms.pathways.records import renewals
from lms.pathways.records.access import own_record, turn_of
from lms.pathways.records.checking import SAME, check, fingerprint, missing_papers
from lms.pathways.records.history import add_step, chosen, keep_only, keep_papers, papers_of
from lms.pathways.rules import verifying
from lms.pathways.rules.checking import Told
from lms.pathways.rules.records import Kind
from lms.pathways.rules.schema import DECLARED, SCHEMAS
from lms.pathways.rules.verifying import Turn
from lms.people import notices
from lms.people import queries as people
from lms.people.queries import PersonCard

MOST_WAITING = 40


class SentOtherwise(Invalid):
    """Something else stands under the id that the form made: the form is to have another, if it is sent as it is."""


CHANGED = msg("这份材料刚刚变了。请看过现在的内容再交。")


@dataclass(frozen=True, slots=True)
class Papers:
    """What is done with the papers: uploads that come, and what goes."""

    uploads: Sequence[UUID] = ()
    gone: Sequence[UUID] = ()


def hand_in(actor: Actor, record_id: UUID, told: Told, papers: Papers, *, true: bool) -> bool:
    """Hand in a record under an id the form made; False if the same is there already (a form sent twice). One that she
    has withdrawn since is handed in anew: she went back to its form.

    Raises Invalid with everything that is missing or cannot be true, by field, and where another thing stands under
    this id; TooMany; NotFound for an id of somebody else's.
    """
    require_signed_in(actor)
    told = cleaned(told)
    card = require_found(people.person(require_found(actor.person_id)))
    there = session().get(PersonRecord, record_id)
    if there is not None and own_record(actor, record_id).state == "withdrawn" and there.told_by is None:
        return _hand_in_anew(actor, there, told, papers, card, true=true)
    if there is not None:
        return _sent_twice(actor, there, told, papers)
    _require_room(card)
    check_own(told, card, record_id, true=true, papers=len(set(papers.uploads)))
    if not insert(card, record_id, told, verifying.begun(SCHEMAS[told.kind].levels)):
        return _sent_twice(actor, own_record(actor, record_id), told, papers)
    keep_papers(actor, record_id, list(papers.uploads))
    add_step(actor, record_id, "handed_in", content=content(record_id, told))
    audit.record(actor, "record.handed_in", "record", record_id, kind=told.kind)
    return True


def _hand_in_anew(
    actor: Actor, record: PersonRecord, told: Told, papers: Papers, card: PersonCard, *, true: bool
) -> bool:
    """What was withdrawn goes its way from the start, with the papers of the form that came and no others."""
    record_id = record.id
    _require_room(card)
    check_own(told, card, record_id, true=true, papers=len(set(papers.uploads)))
    row = row_of(card, record_id, told, verifying.begun(SCHEMAS[told.kind].levels), None)
    begun = {name: row[name] for name in row if name not in ("id", "person_id", "version")}
    move(record, record.version, verifying.begun(SCHEMAS[told.kind].levels), begun)
    keep_only(record_id, papers.uploads)
    keep_papers(actor, record_id, list(papers.uploads))
    add_step(actor, record_id, "handed_in", content=content(record_id, told))
    audit.record(actor, "record.handed_in", "record", record_id, kind=told.kind)
    return True


def _sent_twice(actor: Actor, record: PersonRecord, told: Told, papers: Papers) -> bool:
    """False where the form says what stands there. Raises SentOtherwise, with what to do, where it does not."""
    shown = papers_of(record.id)
    if says(record, told) and chosen(actor, papers.uploads, shown) == {one.chosen_sha for one in shown}:
        return False
    turn = turn_of(record)
    if verifying.may_withdraw(turn):
        raise SentOtherwise(
            msg("这一份已经交上去了，您后来改的没有存上。要改，先打开那一份按“撤回”；要另交一份，再交一次。")
        )
    if verifying.may_correct(turn):
        raise SentOtherwise(
            msg("这一份已经交过，没有通过，您在这里改的没有存上。请打开那一份，改好再交；要另交一份，再交一次。")
        )
    raise SentOtherwise(msg("这一份已经交上去，有人核实过了，您后来改的没有存上。要另交一份，再交一次。"))


def says(record: PersonRecord, told: Told) -> bool:
    """Whether a form says the same as the record; a number that it does not say is the one that is there."""
    same = (record.kind, record.on_date, record.until, dict(record.fields))
    numbered = not told.number or opened(record.number_sealed) == told.number
    return numbered and same == (told.kind, told.on, told.until, dict(told.fields))


def cleaned(told: Told) -> Told:
    """The words as they are stored; a declaration is made on the day on which it is handed in."""
    fields = {name: nfc(word) for name, word in told.fields.items() if nfc(word)}
    on = clock.today() if told.kind is Kind.DECLARATION else told.on
    return replace(told, fields=fields, number=nfc(told.number), on=on)


def _require_room(card: PersonCard) -> None:
    if not card.authority_path:
        raise Invalid(msg("还没有登记您在哪个单位，交上来没有人能核实。请先找管理员登记。"))
    waiting = select(func.count()).where(PersonRecord.person_id == card.id, PersonRecord.state == "waiting")
    if (session().scalar(waiting) or 0) >= MOST_WAITING:
        raise TooMany(msg("您已有 {most} 份材料在等核实。请等核实一些，再交新的。", most=MOST_WAITING))


def check_own(
    told: Told, card: PersonCard, record_id: UUID, *, true: bool, papers: int, numbered: bool = False
) -> None:
    """Raises Invalid with everything that keeps her from handing it in."""
    schema = SCHEMAS[told.kind]
    if not schema.own:
        raise Invalid(fields={"kind": msg("这一类由县里登记，自己不能交。")})
    found: dict[str, Message] = {} if true else {"truth": msg("请先确认内容属实，再交。")}
    found |= missing_papers(schema.papers, papers)
    try:
        check(told, card, record_id, numbered=numbered)
    except Invalid as refusal:
        found |= refusal.fields
    if found:
        raise Invalid(fields=found)


def insert(card: PersonCard, record_id: UUID, told: Told, turn: Turn, told_by: UUID | None = None) -> bool:
    """Make the row; False if the id is taken. Raises Invalid if the same thing is on record already."""
    values = row_of(card, record_id, told, turn, told_by)
    try:
        with session().begin_nested():
            made = insert_once(PersonRecord, values, on=["id"])
    except IntegrityError:
        raise Invalid(fields={"on": SAME}) from None
    if made:
        renewals.moved(card.id, told.kind, told.on, turn.state)
        keeping.changed(card.id)
    return made


def row_of(card: PersonCard, record_id: UUID, told: Told, turn: Turn, told_by: UUID | None) -> dict[str, Any]:
    """The columns of a new record: the same ones, in the same order, of whatever kind."""
    now = clock.now()
    unit, area = unit_and_area(card)
    return {
        "id": record_id, "person_id": card.id, "version": 1, "state": turn.state, "waiting": turn.waiting,
        "decided": turn.decided, "unit_path": unit, "authority_path": area, "told_by": told_by, "handed_in_at": now,
        "verified_at": now if turn.state == "verified" else None, "number_sealed": None, "number_mask": "",
        **_said(told, card),
    }  # fmt: skip


def _said(told: Told, card: PersonCard) -> dict[str, Any]:
    """What the row says of the thing; a number that is not said again stays."""
    words = [card.name, card.workplace_name, told.said("place"), told.said("school"), told.said("title")]
    return {
        "kind": str(told.kind), "on_date": told.on, "until": told.until, "fields": dict(told.fields),
        "changed_at": clock.now(), "fingerprint": fingerprint(told),
        "search_text": folded(" ".join(word for word in words if word)),
        **(columns(told.number) if told.number else {}),
    }  # fmt: skip


def content(record_id: UUID, told: Told) -> dict[str, Any]:
    """What was handed in, kept as it was then; of its number only that there was one."""
    return content_with(told, papers_of(record_id))


def content_with(told: Told, papers: Sequence[RecordFile]) -> dict[str, Any]:
    """The same, of a record that has these papers."""
    affirmed = {"affirmed": DECLARED} if told.kind is Kind.DECLARATION else {}
    return {
        "on": told.on.isoformat() if told.on else None,
        "until": told.until.isoformat() if told.until else None,
        "fields": dict(told.fields),
        "numbered": bool(told.number),
        "papers": [{"id": str(one.id), "sha": one.sha} for one in papers],
        **affirmed,
    }


def hand_in_again(
    actor: Actor, record_id: UUID, told: Told, papers: Papers, *, version: int, true: bool
) -> bool:
    """Correct a rejected record and hand it in again; False if this very version was, with the same words and papers
    (a double press).

    Raises NotFound, Invalid by field, Conflict if it is no longer at `version` or no longer hers to correct.
    """
    record = own_record(actor, record_id)
    told = replace(cleaned(told), kind=Kind(record.kind))
    if record.state == "waiting" and record.version == version + 1 and _handed_in_so(actor, record, told, papers):
        return False
    turn = turn_of(record)
    if record.version != version or not verifying.may_correct(turn):
        raise Conflict(CHANGED)
    card = require_found(people.person(record.person_id))
    staying = [one for one in papers_of(record_id) if one.id not in papers.gone]
    count = len({one.id for one in staying} | set(papers.uploads))
    check_own(told, card, record_id, true=true, papers=count, numbered=bool(record.number_mask))
    after = verifying.begun(turn.levels, turn.decided)
    move(record, version, after, _said(told, card))
    for one in papers_of(record_id):
        if one.id in papers.gone:
            one.removed_at = clock.now()
    session().flush()
    keep_papers(actor, record_id, list(papers.uploads))
    notices.settle(card.id, f"record:{record_id}")
    add_step(actor, record_id, "handed_in", content=content(record_id, told))
    audit.record(actor, "record.handed_in", "record", record_id, version=version + 1)
    return True


def _handed_in_so(actor: Actor, record: PersonRecord, told: Told, papers: Papers) -> bool:
    """Whether a correction says what stands there now."""
    there = papers_of(record.id)
    kept = not {one.id for one in there} & set(papers.gone)
    sent = chosen(actor, papers.uploads, there)
    return kept and says(record, told) and sent <= {one.chosen_sha for one in there}


def withdraw(actor: Actor, record_id: UUID, *, version: int) -> None:
    """Take a record back while nobody has decided anything. Raises NotFound, Conflict."""
    record = own_record(actor, record_id)
    if record.state == "withdrawn":
        return
    turn = turn_of(record)
    if not verifying.may_withdraw(turn):
        raise Conflict(msg("已经有人核实过，不能撤回了。"))
    move(record, version, replace(turn, state="withdrawn", waiting=0), {"fingerprint": None})
    add_step(actor, record_id, "withdrawn")
    audit.record(actor, "record.withdrawn", "record", record_id)


def move(record: PersonRecord, version: int, after: Turn, values: dict[str, Any]) -> None:
    """Change a record that nobody changed meanwhile. Raises Conflict; Invalid if it became the same as another."""
    now, record_id, person_id, before = clock.now(), record.id, record.person_id, record.state
    kind, on = record.kind, values.get("on_date", record.on_date)
    session().expunge(record)
    statement = (
        update(PersonRecord)
        .where(PersonRecord.id == record_id, PersonRecord.version == version)
        .values(**{
            "state": after.state, "waiting": after.waiting, "decided": after.decided, "version": version + 1,
            "verified_at": now if after.state == "verified" else None, "changed_at": now, **values,
        })
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    try:
        with session().begin_nested():
            changed = session().execute(statement).rowcount  # type: ignore[attr-defined]
    except IntegrityError:
        raise Invalid(fields={"on": SAME}) from None
    if changed != 1:
        raise Conflict(CHANGED)
    renewals.moved(person_id, kind, on, after.state)
    renewals.stands_no_more(person_id, kind, before, after.state)
    keeping.changed(person_id)
