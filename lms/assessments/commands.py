"""Everything that writes attempts: start, save an answer, submit, close what ran out of time.

`now` is the server's clock; only history made up for a demonstration gives another one.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from lms.assessments import queries
from lms.assessments.answers import Given, Saved, save_answer
from lms.assessments.bank import Bank, bank, bank_of_course
from lms.assessments.events import AttemptPassed
from lms.assessments.models import Attempt
from lms.assessments.rules import timing
from lms.assessments.rules.drawing import Form, draw, form_from_json, form_to_json
from lms.assessments.rules.grading import Grade, grade, grade_to_json
from lms.assessments.rules.tries import State, Try, standing
from lms.courses import commands as courses
from lms.kernel import clock, outbox
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.kernel.events import announce
from lms.kernel.ids import new_id

__all__ = ["Given", "Saved", "close_overdue", "finalise", "save_answer", "start_attempt", "submit_attempt"]

AT_ONCE = 500
"""Overdue attempts handed over in one run of the job."""


def start_attempt(actor: Actor, enrolment_id: UUID, *, now: datetime | None = None) -> UUID:
    """The id of her open attempt; a new one if she may have one. Raises Conflict with the reason."""
    now = now or clock.now()
    card = queries.own_enrolment(actor, enrolment_id)
    found = bank_of_course(card.edition_id)
    tries = queries.tries(card.id)
    if tries and tries[-1].submitted_at is None and timing.is_closed(tries[-1].deadline, now):
        finalise(tries[-1].attempt_id, now)
        tries = queries.tries(card.id)
    stand = standing(found.paper, tries, now, lessons_finished=card.all_read)
    if stand.state is State.OPEN and stand.attempt_id is not None:
        return stand.attempt_id
    if not stand.may_start:
        raise Conflict(stand.reason())
    return _open(found, card.id, card.person_id, tries, now)


def _open(found: Bank, enrolment_id: UUID, person_id: UUID, tries: Sequence[Try], now: datetime) -> UUID:
    # Whoever sits a test is not moved to another edition, and nobody begins one while she is moved.
    courses.hold(enrolment_id, found.edition_id)
    seed = secrets.randbits(48)
    seen = queries.codes_seen([one.attempt_id for one in tries])
    form = draw(found.items.values(), found.paper.draw, seed, seen)
    attempt_id = new_id()
    key = {
        "enrolment_id": enrolment_id,
        "paper_id": found.paper_id,
        "number": len(tries) + 1,
    }
    if insert_once(Attempt, key | opened_values(found, attempt_id, person_id, seed, form, now), on=list(key)):
        return attempt_id
    return session().execute(select(Attempt.id).filter_by(**key)).scalar_one()


def opened_values(
    found: Bank, attempt_id: UUID, person_id: UUID, seed: int, form: Form, now: datetime
) -> dict[str, Any]:
    """An attempt that begins, as a row without its place (enrolment, paper, number). Pure."""
    return {
        "id": attempt_id,
        "edition_id": found.edition_id,
        "person_id": person_id,
        "seed": seed,
        "form": form_to_json(form),
        "state": "open",
        "started_at": now,
        "deadline": timing.deadline(now, found.paper.minutes),
    }


def closed_values(result: Grade, deadline: datetime, now: datetime) -> dict[str, Any]:
    """What ending an attempt changes in its row: after the printed end it counts as closed by time, at that end,
    however late the clock came. Pure."""
    ran_out = timing.time_is_up(deadline, now)
    return {
        "state": "submitted",
        "submitted_at": deadline if ran_out else now,
        "submitted_why": "time" if ran_out else "learner",
        "score_milli": result.score_milli,
        "percent": result.percent,
        "passed": result.passed,
        "grades": grade_to_json(result),
    }


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
    """Grade the answers given in time, once; True if this call did it."""
    found = bank(row.edition_id)
    answers = {position: one.response for position, one in queries.latest(row.id).items()}
    result = grade(form_from_json(row.form), found.items, answers, found.paper.pass_mark)
    closed = session().execute(
        update(Attempt)
        .where(Attempt.id == row.id, Attempt.state == "open")
        .values(closed_values(result, row.deadline, now))
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
