"""Saving one answer: each is kept as it was given, the newest counts, none covers another silently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from lms.assessments.bank import bank
from lms.assessments.models import Answer, Attempt
from lms.assessments.rules import timing
from lms.assessments.rules.drawing import form_from_json
from lms.items.base import BadResponse, Item, Response
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Gone, Invalid, NotFound, TooMany
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg

MOST_CHANGES = 500
"""Answers kept for one question of one attempt; nobody changes her mind more often."""
TURNS = 5
"""How often a save that met another one at the same instant looks again."""


@dataclass(frozen=True)
class Given:
    """An answer on its way in.

    A script says what it builds on: `base`, the `seq` of the last answer it knows of, and `mine`, the
    ids it has sent since without hearing back. Without `base` the answer simply comes last.
    """

    id: UUID
    position: int
    values: Mapping[str, Sequence[str]]
    flagged: bool = False
    base: int | None = None
    mine: frozenset[UUID] = frozenset()


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


_attempt, _answer = Attempt.__table__.c, Answer.__table__.c
_newest = (
    select(_answer.id)
    .where(_answer.attempt_id == _attempt.id, _answer.position == bindparam("position"))
    .order_by(_answer.seq.desc())
    .limit(1)
    .correlate(Attempt.__table__)
)
_LOCKED = (
    select(
        _attempt.id,
        _attempt.state,
        _attempt.deadline,
        _attempt.edition_id,
        _attempt.form,
        _newest.scalar_subquery().label("newest_id"),
        _newest.with_only_columns(_answer.seq).scalar_subquery().label("newest_seq"),
        select(_answer.id).where(_answer.id == bindparam("answer")).scalar_subquery().label("known"),
    )
    .where(_attempt.id == bindparam("attempt"), _attempt.person_id == bindparam("person"))
    .with_for_update(of=Attempt.__table__)
)


def save_answer(actor: Actor, attempt_id: UUID, given: Given, *, now: datetime | None = None) -> Saved:
    """Keep an answer and give its receipt. The same id again gives the same receipt.

    Raises NotFound, Gone (submitted, or time is over), Conflict (changed elsewhere meanwhile), Invalid
    (no answer to this question) and TooMany.
    """
    now = now or clock.now()
    keys = {"attempt": attempt_id, "person": actor.person_id, "position": given.position, "answer": given.id}
    for _ in range(TURNS):
        # The lock lets saves and the submit come one after the other. Only what a statement after it
        # reads is sure: the UNIQUE(attempt, position, seq) finds out when two saves met, and we look again.
        row = require_found(session().connection().execute(_LOCKED, keys).one_or_none())
        saved = _save(row, given, now)
        if saved is not None:
            return saved
    raise Conflict


def _save(row: Any, given: Given, now: datetime) -> Saved | None:
    closed = row.state != "open" or timing.is_closed(row.deadline, now)
    if closed and row.known is None:
        raise _too_late(row)
    item, response = _read(row, given)
    if row.known is not None:
        repeated = _receipt(row, given, item, response)
        if repeated is not None:
            return repeated
    if closed:
        raise _too_late(row)
    newest = row.newest_seq or 0
    if given.base is not None and given.base != newest and row.newest_id not in given.mine:
        raise Conflict(msg("第 {position} 题在别处改过，以那边为准。要改，请再选一次。", position=given.position))
    if newest >= MOST_CHANGES:
        raise TooMany(msg("这一题改的次数太多，不再存了。已经存好的答案都算。"))
    values = {
        # an id already used belongs to an old page sent again with another answer (the back button)
        "id": given.id if row.known is None else new_id(),
        "attempt_id": row.id,
        "position": given.position,
        "seq": newest + 1,
        "response": response,
        "flagged": given.flagged,
        "at": now,
    }
    if not insert_once(Answer, values, on=["attempt_id", "position", "seq"]):
        return None
    return _saved(row, given.position, newest + 1, now, item, response)


def _read(row: Any, given: Given) -> tuple[Item, Response]:
    form = form_from_json(row.form)
    if not 1 <= given.position <= len(form):
        raise NotFound
    asked = form[given.position - 1]
    item = bank(row.edition_id).items[asked.code]
    try:
        return item, item.read(asked.order, given.values)
    except BadResponse as bad:
        raise Invalid(bad.message) from bad


def _receipt(row: Any, given: Given, item: Item, response: Response) -> Saved | None:
    """The receipt of an answer that is already here under this id and says the same."""
    kept = session().execute(
        select(_answer.seq, _answer.at, _answer.response, _answer.flagged).where(
            _answer.id == given.id, _answer.attempt_id == row.id, _answer.position == given.position
        )
    )
    found = kept.one_or_none()
    if found is None or (found.response, found.flagged) != (response, given.flagged):
        return None
    return _saved(row, given.position, found.seq, found.at, item, response)


def _saved(row: Any, position: int, seq: int, at: datetime, item: Item, response: Response) -> Saved:
    remark = item.remark(response)
    return Saved(position, seq, at, row.deadline, len(row.form), response is not None, remark)


def _too_late(row: Any) -> Gone:
    if row.state == "submitted":
        return Gone(msg("这次测验已经交卷，刚才这一题没有再存。交卷前存好的答案都算。"))
    end = f"{clock.local(row.deadline):%H:%M}"
    return Gone(msg("{end} 时间已到，刚才这一题没有存上。到时前存好的答案都算。", end=end))
