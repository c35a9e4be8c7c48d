"""Samples as they stand: the list of hers, one with its awards and what became of each, what to look at next."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from lms.credits.access import hindrance, level
from lms.credits.auditing import seconds
from lms.credits.auditing.models import AuditSample, SampledAward
from lms.credits.auditing.queries import QueueRow, mine, row_of, standing_among
from lms.credits.auditing.sampling import sample_of
from lms.credits.models import Activity, AuditDecision, Award
from lms.credits.rules.sampling import UNDECIDED, Progress, outcome, progress
from lms.kernel.actor import AUDITORS, Actor
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.organisations.queries import under
from lms.people import queries as people


@dataclass(frozen=True, slots=True)
class Listed:
    """A sample in the list."""

    sample: AuditSample
    progress: Progress


@dataclass(frozen=True, slots=True)
class Decided:
    """The last decision on a drawn award since the draw."""

    by_name: str
    first_name: str
    reason_code: str
    reason_text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A drawn award. `hers`: it is undecided and she may decide it."""

    position: int
    award: QueueRow
    outcome: str
    decided: Decided | None
    hers: bool


@dataclass(frozen=True, slots=True)
class SampleView:
    """A sample with its awards in drawn order."""

    sample: AuditSample
    rows: tuple[SampleRow, ...]
    progress: Progress

    def following(self, award_id: UUID | None = None) -> UUID | None:
        """The next award that she may decide, after this one and then from the start; None where none is left."""
        here = next((row.position for row in self.rows if row.award.id == award_id), 0)
        waiting = [row for row in self.rows if row.hers and row.award.id != award_id]
        later = [row for row in waiting if row.position > here]
        return next((row.award.id for row in (*later, *waiting)), None)


def my_samples(actor: Actor, number: int) -> Page[Listed]:
    """The samples she may see (`sampling.sample_of`), latest first: those she drew where she still audits, and those
    that were drawn there at her level or a lower one. So nobody draws until she likes what comes, unseen from above."""
    ranks = [(path, level(actor, path)) for path in actor.paths(*AUDITORS)]
    others = [and_(under(AuditSample.place_path, [path]), AuditSample.level <= rank) for path, rank in ranks]
    hers = [
        under(AuditSample.place_path, [path for path, _ in ranks]),
        or_(AuditSample.drawn_by == actor.person_id, *others),
    ]
    total = session().scalar(select(func.count()).select_from(AuditSample).where(*hers)) or 0
    found = list(
        session().scalars(
            select(AuditSample)
            .where(*hers)
            .order_by(AuditSample.drawn_at.desc(), AuditSample.id)
            .offset((number - 1) * SIZE)
            .limit(SIZE)
        )
    )
    done = _progress([sample.id for sample in found])
    return Page([Listed(sample, done[sample.id]) for sample in found], number, total)


def _facts() -> tuple[Any, ...]:
    """SQL: what the outcome of a drawn award depends on."""
    return (
        Award.state,
        Award.answered,
        Award.decided_level,
        AuditSample.level,
        exists(
            select(AuditDecision.id).where(
                AuditDecision.award_id == Award.id, _looked(AuditSample.level, AuditSample.drawn_at)
            )
        ).label("touched"),
        seconds.waiting().label("second"),
    )


def _looked(level: Any, since: Any) -> ColumnElement[bool]:
    """SQL: the decision is the look that a sample was drawn for: of its level or above, since the draw. A level below
    does not answer for itself; only what it takes back is taken back for everybody."""
    return and_(AuditDecision.at >= since, or_(AuditDecision.level >= level, AuditDecision.action == "reversed"))


def _outcome(row: Any) -> str:
    return outcome(
        row.state,
        answered=row.answered,
        touched=bool(row.touched),
        second=bool(row.second),
        decided_level=row.decided_level,
        level=row.level,
    )


def _progress(ids: Sequence[UUID]) -> dict[UUID, Progress]:
    """How far these samples are; one statement."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in session().execute(_of_samples(AuditSample.id.in_(ids))):
        found[row.sample_id].append(_outcome(row))
    return {one: progress(found[one]) for one in ids}


def _of_samples(which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(SampledAward.sample_id, *_facts())
        .join(AuditSample, AuditSample.id == SampledAward.sample_id)
        .join(Award, Award.id == SampledAward.award_id)
        .where(which)
    )


def sample_view(actor: Actor, sample_id: UUID) -> SampleView:
    """One sample; NotFound for one she may not see."""
    sample = sample_of(actor, sample_id)
    rows = session().execute(
        _of_samples(AuditSample.id == sample_id)
        .add_columns(SampledAward.position, Award, Activity.title)
        .join(Activity, Activity.id == Award.activity_id)
        .order_by(SampledAward.position)
    )
    drawn = rows.all()
    cards = people.cards({row.Award.person_id for row in drawn} | mine(actor))
    proposals = seconds.open_proposals([row.Award.id for row in drawn])
    decided = _decided(sample)
    made = []
    for row in drawn:
        award, became, proposal = row.Award, _outcome(row), proposals.get(row.Award.id)
        standing = standing_among(actor, award, cards)
        why = seconds.second_hindrance(actor, standing, proposal) if proposal else hindrance(actor, standing)
        made.append(
            SampleRow(
                position=row.position,
                award=row_of(actor, award, row.title, cards, second=proposal is not None),
                outcome=became,
                decided=decided.get(award.id),
                hers=became in UNDECIDED and why is None,
            )
        )
    return SampleView(sample, tuple(made), progress(row.outcome for row in made))


def _decided(sample: AuditSample) -> dict[UUID, Decided]:
    """The last decision since the draw on each of its awards that has one; one statement."""
    found = session().scalars(
        select(AuditDecision)
        .join(SampledAward, SampledAward.award_id == AuditDecision.award_id)
        .where(SampledAward.sample_id == sample.id, _looked(sample.level, sample.drawn_at))
        .order_by(AuditDecision.at, AuditDecision.id)
    )
    return {
        one.award_id: Decided(one.by_name, one.proposed_by_name or "", one.reason_code, one.reason_text, one.at)
        for one in found
    }
