"""Everything that writes attempts: start, save an answer, submit, close what ran out of time.

`now` is the server's clock; only history made up for a demonstration gives another one.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select, update

from lms.assessments import queries
from lms.assessments.bank import Bank, bank, bank_of_course
from lms.assessments.events import AttemptPassed
from lms.assessments.models import Answer, Attempt
from lms.assessments.rules import timing
from lms.assessments.rules.drawing import draw, form_from_json, form_to_json
from lms.assessments.rules.grading import grade, grade_to_json
from lms.assessments.rules.tries import State, Try, standing
from lms.items.base import BadResponse, Response
from lms.kernel import clock, outbox
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Gone, Invalid, NotFound, TooMany
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg

MOST_CHANGES = 500
"""Answers kept for one question of one attempt; nobody changes her mind more often."""
AT_ONCE = 500


_attempt, _answer = Attempt.__table__.c, Answer.__table__.c
_LOCKED = (
    select(
        _attempt.state,
        _attempt.deadline,
        _attempt.edition_id,
        _attempt.form,
        select(func.max(_answer.seq))
        .where(_answer.attempt_id == _attempt.id, _answer.position == bindparam("position"))
        .correlate(Attempt.__table__)
        .scalar_subquery()
        .label("last_seq"),
    )
    .where(_attempt.id == bindparam("attempt"), _attempt.person_id == bindparam("person"))
    .with_for_update(of=Attempt.__table__)
)


@dataclass(frozen=True)
class Given:
    """An answer on its way in. `id` and `seq` were made by the device; without `seq` it comes last."""

    id: UUID
    position: int
    values: Mapping[str, Sequence[str]]
    flagged: bool = False
    seq: int | None = None


@dataclass(frozen=True)
class Saved:
    """The receipt: when the server had the answer, and its place among the answers given."""

    position: int
    seq: int
    at: datetime
    deadline: datetime
    total: int
    answered: bool
    remark: Message | None


def start_attempt(actor: Actor, enrolment_id: UUID, *, now: datetime | None = None) -> UUID:
    """The id of her open attempt; a new one if she may have one. Raises Conflict with the reason."""
    now = now or clock.now()
    card = queries.own_enrolment(actor, enrolment_id)
    found = bank_of_course(card.edition_id)
    tries = queries.tries(card.id, found.paper_id)
    if tries and tries[-1].submitted_at is None and timing.is_closed(tries[-1].deadline, now):
        finalise(tries[-1].attempt_id, now)
        tries = queries.tries(card.id, found.paper_id)
    stand = standing(found.paper, tries, now, lessons_finished=card.all_read)
    if stand.state is State.OPEN and stand.attempt_id is not None:
        return stand.attempt_id
    if not stand.may_start:
        raise Conflict(stand.reason())
    return _open(found, card.id, card.person_id, tries, now)


def _open(found: Bank, enrolment_id: UUID, person_id: UUID, tries: Sequence[Try], now: datetime) -> UUID:
    seed = secrets.randbits(48)
    seen = queries.codes_seen([one.attempt_id for one in tries])
    form = draw(found.items.values(), found.paper.draw, seed, seen)
    attempt_id = new_id()
    key = {
        "enrolment_id": enrolment_id,
        "paper_id": found.paper_id,
        "number": len(tries) + 1,
    }
    made = insert_once(
        Attempt,
        {
            **key,
            "id": attempt_id,
            "edition_id": found.edition_id,
            "person_id": person_id,
            "seed": seed,
            "form": form_to_json(form),
            "state": "open",
            "started_at": now,
            "deadline": timing.deadline(now, found.paper.minutes),
        },
        on=list(key),
    )
    if made:
        return attempt_id
    return session().execute(select(Attempt.id).filter_by(**key)).scalar_one()


def save_answer(actor: Actor, attempt_id: UUID, given: Given, *, now: datetime | None = None) -> Saved:
    """Keep an answer and give its receipt. The same id again gives the same receipt.

    Raises NotFound, Gone (submitted, or time is over), Conflict (a later answer came first from
    elsewhere), Invalid (no answer to this question) and TooMany.
    """
    now = now or clock.now()
    row = _locked(actor, attempt_id, given.position)
    if row.state != "open" or timing.is_closed(row.deadline, now):
        return _receipt(attempt_id, given, row) or _too_late(row.state, row.deadline)
    response, remark = _read(row.edition_id, row.form, given)
    last = row.last_seq or 0
    if given.seq is not None and given.seq <= last:
        repeated = _receipt(attempt_id, given, row)
        if repeated is None:
            raise Conflict(msg("第 {position} 题在别处改过，以那边为准。", position=given.position))
        return repeated
    seq = last + 1 if given.seq is None else given.seq
    if seq > MOST_CHANGES:
        raise TooMany(msg("这一题改的次数太多，不再存了。已经存好的答案都算。"))
    values = {
        "id": given.id,
        "attempt_id": attempt_id,
        "position": given.position,
        "seq": seq,
        "response": response,
        "flagged": given.flagged,
        "at": now,
    }
    if not insert_once(Answer, values, on=["id"]):
        repeated = _receipt(attempt_id, given, row, response=response)
        if repeated is not None:
            return repeated
        # an old page sent again with another answer (the back button): a new answer of its own
        insert_once(Answer, {**values, "id": new_id()}, on=["id"])
    answered, total = response is not None, len(row.form)
    return Saved(given.position, seq, now, row.deadline, total, answered, remark)


def _locked(actor: Actor, attempt_id: UUID, position: int) -> Any:
    """The attempt, locked so that saving and submitting come one after the other."""
    row = session().execute(_LOCKED, {"attempt": attempt_id, "person": actor.person_id, "position": position})
    return require_found(row.one_or_none())


def _read(edition_id: UUID, kept: list[list[Any]], given: Given) -> tuple[Response, Message | None]:
    form = form_from_json(kept)
    if not 1 <= given.position <= len(form):
        raise NotFound
    asked = form[given.position - 1]
    item = bank(edition_id).items[asked.code]
    try:
        response = item.read(asked.order, given.values)
    except BadResponse as bad:
        raise Invalid(bad.message) from bad
    return response, item.remark(response)


_ANY = object()


def _receipt(attempt_id: UUID, given: Given, row: Any, response: object = _ANY) -> Saved | None:
    """The receipt of an answer that was already saved under this id (and says the same)."""
    kept = (
        session()
        .execute(
            select(Answer.seq, Answer.at, Answer.response, Answer.flagged).where(
                Answer.id == given.id,
                Answer.attempt_id == attempt_id,
                Answer.position == given.position,
            )
        )
        .one_or_none()
    )
    if kept is None:
        return None
    if response is not _ANY and (kept.response, kept.flagged) != (response, given.flagged):
        return None
    asked = form_from_json(row.form)[given.position - 1]
    remark = bank(row.edition_id).items[asked.code].remark(kept.response)
    answered, total = kept.response is not None, len(row.form)
    return Saved(given.position, kept.seq, kept.at, row.deadline, total, answered, remark)


def _too_late(state: str, deadline: datetime) -> Saved:
    if state == "submitted":
        raise Gone(msg("这次测验已经交卷，刚才这一题没有再存。交卷前存好的答案都算。"))
    end = f"{clock.local(deadline):%H:%M}"
    raise Gone(msg("{end} 时间已到，刚才这一题没有存上。到时前存好的答案都算。", end=end))


def submit_attempt(actor: Actor, attempt_id: UUID, *, now: datetime | None = None) -> None:
    """Finish and grade an attempt. Whoever comes second changes nothing. Raises NotFound."""
    row = _lock(Attempt.id == attempt_id, Attempt.person_id == actor.person_id)
    if require_found(row).state == "open":
        _grade(row, now or clock.now())


def finalise(attempt_id: UUID, now: datetime) -> bool:
    """Close an attempt that ran out of time; True if this call did it, False if it was closed."""
    row = _lock(Attempt.id == attempt_id)
    return row is not None and row.state == "open" and _grade(row, now)


def _lock(*which: ColumnElement[bool]) -> Any:
    columns = (
        Attempt.id,
        Attempt.state,
        Attempt.enrolment_id,
        Attempt.person_id,
        Attempt.edition_id,
        Attempt.deadline,
        Attempt.form,
    )
    return session().execute(select(*columns).where(*which).with_for_update()).one_or_none()


def _grade(row: Any, now: datetime) -> bool:
    """Grade the answers given in time, once; True if this call did it.

    After the printed end it counts as closed by time, at that end, however late the clock came.
    """
    found = bank(row.edition_id)
    answers = {position: one.response for position, one in queries.latest(row.id).items()}
    result = grade(form_from_json(row.form), found.items, answers, found.paper.pass_mark)
    ran_out = timing.time_is_up(row.deadline, now)
    closed = session().execute(
        update(Attempt)
        .where(Attempt.id == row.id, Attempt.state == "open")
        .values(
            state="submitted",
            submitted_at=row.deadline if ran_out else now,
            submitted_why="time" if ran_out else "learner",
            score_milli=result.score_milli,
            percent=result.percent,
            passed=result.passed,
            grades=grade_to_json(result),
        )
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    if result.passed:
        announce(AttemptPassed(row.id, row.enrolment_id, row.person_id, result.percent))
    return True


def close_overdue() -> int:
    """Hand every attempt whose grace is over to the outbox, which closes each on its own."""
    overdue = session().execute(
        select(Attempt.id)
        .where(Attempt.state == "open", Attempt.deadline < timing.closed_before(clock.now()))
        .order_by(Attempt.deadline)
        .limit(AT_ONCE)
    )
    ids = overdue.scalars().all()
    for one in ids:
        outbox.send("assessments.close_attempt", key=f"close:{one}", attempt_id=str(one))
    return len(ids)
