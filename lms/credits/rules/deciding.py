"""The decision: facts in, lines with reasons out. Two steps that also stand alone:

`judge` converts one fact (what an award is worth; kept for ever), `count` adds awards up under the
yearly caps (what of them counts; may change as the year fills). `decide` is both, for one case.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.credits.rules.counting import CategoryCount, Compliance, Count, Held, count
from lms.credits.rules.facts import Case, Fact
from lms.credits.rules.judging import NOTHING, Earlier, Judgement, Reason, judge
from lms.credits.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Line:
    """One fact and what became of it."""

    fact: str
    computed: Decimal
    awarded: Decimal
    counted: Decimal
    hours: Decimal
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A year decided."""

    policy: str
    year: int
    compliance: Compliance
    computed: Decimal
    awarded: Decimal
    counted: Decimal
    hours: Decimal
    gap_credits: Decimal
    gap_hours: Decimal
    deadline: date
    lines: tuple[Line, ...]
    categories: tuple[CategoryCount, ...] = ()


def decide(policy: Policy, case: Case) -> Decision:
    """Decide a case; raises RefusedError where the policy has no rule for a fact."""
    earlier: list[Earlier] = []
    judged: list[tuple[Fact, Judgement]] = []
    for fact in sorted(case.facts, key=lambda one: (one.date, one.id)):
        judgement = judge(policy, case.person, fact, case.year, earlier, as_of=case.as_of)
        judged.append((fact, judgement))
        if judgement.awarded:
            earlier.append(Earlier(fact.kind, fact.activity, fact.project, fact.date, judgement.awarded))
    held = [held_as(fact, judgement) for fact, judgement in judged]
    total = count(policy, case.person, case.year, held)
    lines = tuple(_line(fact, judgement, total) for fact, judgement in judged)
    return Decision(
        policy=policy.id,
        year=case.year,
        compliance=total.compliance,
        computed=sum((line.computed for line in lines), NOTHING),
        awarded=sum((line.awarded for line in lines), NOTHING),
        counted=total.total,
        hours=total.hours,
        gap_credits=total.gap_credits,
        gap_hours=total.gap_hours,
        deadline=total.deadline,
        lines=lines,
        categories=total.categories,
    )


def held_as(fact: Fact, judgement: Judgement) -> Held:
    """A fact just judged, as the yearly count sees it."""
    return Held(fact.id, fact.kind, fact.date, judgement.awarded, judgement.hours, judgement.category)


def _line(fact: Fact, judgement: Judgement, total: Count) -> Line:
    cut = total.cut.get(fact.id)
    return Line(
        fact=fact.id,
        computed=judgement.computed,
        awarded=judgement.awarded,
        counted=total.counted[fact.id],
        hours=judgement.hours,
        reasons=judgement.reasons + ((cut,) if cut else ()),
    )
