"""A learner's year as a transaction sees it before one more fact is judged, and the judging on it.

One statement reads a year, or the years of several people.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, exists, select
from sqlalchemy.sql import ColumnElement

from lms.credits.compliance import reading
from lms.credits.compliance.reading import Known
from lms.credits.ledger import entries
from lms.credits.ledger.entries import Tip
from lms.credits.ledger.halting import PAUSED, halted
from lms.credits.ledger.learners import CLOSED
from lms.credits.ledger.rows import earlier_of
from lms.credits.models import Award, PolicyVersion
from lms.credits.rules.facts import Fact, Person
from lms.credits.rules.judging import Earlier, Judgement, Reason
from lms.credits.rules.policy import Policy
from lms.kernel.db import run
from lms.kernel.errors import Conflict
from lms.kernel.quantities import from_milli
from lms.people import queries as people

Decide = Callable[[Policy, Person, Fact, int, Sequence[Earlier]], Judgement]


@dataclass(frozen=True, slots=True)
class Seen:
    """A learner's year as this transaction sees it."""

    policy_kept: bool
    tip: Tip
    earlier: tuple[Earlier, ...]
    reversed_codes: frozenset[str]
    year: Known | None


def look(person_id: UUID, year: int, policy: Policy) -> Seen:
    """The learner's year in one statement, with her row of the year as it is stored. Raises Conflict while
    awarding is stopped, and for somebody whose account is closed."""
    return _seen(person_id, list(run(_look_select(), {"person": person_id, **_given(year, policy)})))


def look_at_all(person_ids: Collection[UUID], year: int, policy: Policy) -> dict[UUID, Seen]:
    """The years of several learners, all in one statement."""
    rows = run(_look_at_all_select(), {"people": list(person_ids), **_given(year, policy)})
    return {person_id: _seen(person_id, list(hers)) for person_id, hers in groupby(rows, lambda row: row.hers)}


def judged(
    decide: Decide, policy: Policy, person: Person, fact: Fact, earlier: Sequence[Earlier],
    reversed_codes: Collection[str],
) -> Judgement:  # fmt: skip
    """What a fact is worth behind the awards of its year. What was reversed is not given again, and is told so."""
    judgement = decide(policy, person, fact, fact.date.year, earlier)
    if fact.activity in reversed_codes and judgement.reasons[-1].code == "already_awarded":
        return nothing(judgement, Reason("reversed_before", judgement.reasons[-1].rule))
    return judgement


def nothing(judgement: Judgement, why: Reason) -> Judgement:
    """The same fact, worth nothing."""
    none = from_milli(0)
    return replace(judgement, awarded=none, hours=none, reasons=(judgement.reasons[0], why))


def _given(year: int, policy: Policy) -> dict[str, Any]:
    return {"year": year, "policy_version": policy.version, **reading.days_of(year)}


def _seen(person_id: UUID, rows: list[Any]) -> Seen:
    if rows[0].halted:
        raise Conflict(PAUSED)
    if rows[0].closed:
        raise Conflict(CLOSED)
    awards = [row for row in rows if row.kind is not None]
    return Seen(
        policy_kept=bool(rows[0].policy_kept),
        tip=entries.tip_of(rows[0]),
        earlier=tuple(earlier_of(row) for row in awards),
        reversed_codes=frozenset(row.activity_code for row in awards if row.state == "reversed" and row.activity_code),
        year=reading.known_from(person_id, rows),
    )


@lru_cache(maxsize=1)
def _look_select() -> Select[Any]:
    """Built once: what the count of a year reads, and what judging one more activity needs besides."""
    return reading.year_select().add_columns(*_besides(bindparam("person", type_=Uuid())))


@lru_cache(maxsize=1)
def _look_at_all_select() -> Select[Any]:
    found, hers = reading.years_select()
    return found.add_columns(*_besides(hers))


def _besides(hers: ColumnElement[UUID]) -> tuple[Any, ...]:
    return (
        exists(select(PolicyVersion.id).where(PolicyVersion.id == bindparam("policy_version"))).label("policy_kept"),
        halted().label("halted"),
        # Whoever closes her account meanwhile was here first, or waits for whoever has recorded her activity.
        people.is_closed(hers).label("closed"),
        *entries.tip_columns(hers),
        Award.activity_code,
        Award.project_number,
    )
