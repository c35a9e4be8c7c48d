"""What attempts leave behind, for whoever looks at many of them: times, and the answers that counted."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from lms.assessments.bank import NoPaperError, bank
from lms.assessments.models import Answer, Attempt
from lms.assessments.rules.drawing import form_from_json
from lms.assessments.rules.grading import lines_from_json
from lms.items.base import Response
from lms.kernel.db import session
from lms.kernel.i18n import locale, translate

BATCH = 200
"""People, or attempts, to a statement."""


@dataclass(frozen=True, slots=True)
class TracedAnswer:
    """One question with the answer that counted, as canonical text; None where there was none."""

    code: str
    response: str | None
    right: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """One submitted attempt. `last_at`: when the last answer came; `characters`: of each question, by code."""

    id: UUID
    person_id: UUID
    enrolment_id: UUID
    edition_id: UUID
    number: int
    started_at: datetime
    submitted_at: datetime
    last_at: datetime | None
    passed: bool
    answers: tuple[TracedAnswer, ...]


_attempt, _answer = Attempt.__table__.c, Answer.__table__.c
_ATTEMPTS = select(
    _attempt.id,
    _attempt.person_id,
    _attempt.enrolment_id,
    _attempt.edition_id,
    _attempt.number,
    _attempt.form,
    _attempt.started_at,
    _attempt.submitted_at,
    _attempt.passed,
    _attempt.grades,
).where(
    _attempt.person_id.in_(bindparam("people", expanding=True)),
    _attempt.state == "submitted",
    _attempt.submitted_at >= bindparam("since"),
    _attempt.submitted_at < bindparam("until"),
)
_GIVEN = (
    select(_answer.attempt_id, _answer.position, _answer.response, _answer.at)
    .where(_answer.attempt_id.in_(bindparam("attempts", expanding=True)))
    .order_by(_answer.seq)
)


def submitters(person_ids: Collection[UUID], since: datetime, until: datetime) -> set[UUID]:
    """Who of these people submitted an attempt in a span of time."""
    found: set[UUID] = set()
    for people in _batches(person_ids):
        rows = session().execute(
            select(_attempt.person_id)
            .where(
                _attempt.person_id.in_(people), _attempt.submitted_at >= since, _attempt.submitted_at < until
            )
            .distinct()
        )
        found.update(rows.scalars())
    return found


def traces(person_ids: Collection[UUID], since: datetime, until: datetime) -> Iterator[Trace]:
    """The submitted attempts of these people in a span of time; two statements for BATCH people or attempts."""
    for people in _batches(person_ids):
        rows = (
            session()
            .connection()
            .execute(_ATTEMPTS, {"people": people, "since": since, "until": until})
            .all()
        )
        for some in _batches(rows):
            yield from _traced(some)


def _traced(rows: Sequence[Any]) -> Iterator[Trace]:
    given: dict[UUID, dict[int, Any]] = defaultdict(dict)
    last: dict[UUID, datetime] = {}
    found = session().connection().execute(_GIVEN, {"attempts": [row.id for row in rows]})
    for attempt_id, position, response, at in found:
        given[attempt_id][position] = response
        last[attempt_id] = max(last.get(attempt_id, at), at)
    for row in rows:
        right = {line.position: line.right for line in lines_from_json(row.grades)}
        answers = tuple(
            TracedAnswer(one.code, canonical(given[row.id].get(place)), right.get(place, False))
            for place, one in enumerate(form_from_json(row.form), 1)
        )
        yield Trace(
            id=row.id,
            person_id=row.person_id,
            enrolment_id=row.enrolment_id,
            edition_id=row.edition_id,
            number=row.number,
            started_at=row.started_at,
            submitted_at=row.submitted_at,
            last_at=last.get(row.id),
            passed=bool(row.passed),
            answers=answers,
        )


def canonical(response: Response) -> str | None:
    """A response as text, the same for the same answer in whatever order its options were ticked."""
    if response is None:
        return None
    told = sorted(response) if isinstance(response, list) else response
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=4000)
def characters(edition_id: UUID, code: str) -> int:
    """How many characters a question and its options have in Chinese; 0 for a question nobody knows."""
    try:
        item = bank(edition_id).items[code]
    except (NoPaperError, KeyError):
        return 0
    shown = item.present("zh", item.movable())
    return sum(len(text) for text in (shown.stem, *(one.text for one in shown.choices), *_labels(shown)))


def _labels(shown: Any) -> list[str]:
    return [one.label for one in shown.blanks]


def worded(edition_id: UUID, code: str, response: str) -> tuple[str, str]:
    """A question and what is wrong in an answer to it, in the reader's words. Staff only."""
    try:
        item = bank(edition_id).items[code]
    except (NoPaperError, KeyError):
        return code, response
    told: Response = json.loads(response)
    explained = item.explain(locale(), item.movable(), told)
    missed = [f"{line.text} · {translate(line.note)}" for line in explained.lines if line.mark in ("wrong", "missed")]
    return item.stem[locale()], "; ".join(missed) or response


def _batches(things: Collection[Any]) -> Iterator[list[Any]]:
    rest = iter(things)
    while some := list(islice(rest, BATCH)):
        yield some
