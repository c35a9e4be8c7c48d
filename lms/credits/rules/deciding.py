"""The decision: facts in, lines with reasons out. Two steps that also stand alone:

`judge` converts one fact (what an award is worth; kept for ever), `count` adds awards up under the
yearly caps (what of them counts; may change as the year fills). `decide` is both, for one case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.credits.rules.absences import excused
from lms.credits.rules.because import NOTHING, Reason
from lms.credits.rules.counting import CategoryCount, Compliance, Count, Held, count
from lms.credits.rules.facts import Case, Fact
from lms.credits.rules.history import Past
from lms.credits.rules.judging import Earlier, Judgement, judge
from lms.credits.rules.periods import Career, Period, PeriodCount, judged_period
from lms.credits.rules.policy import Policy
from lms.credits.rules.requiring import Minimum
from lms.credits.rules.shares import ShareCount

LOOK_BACK = 60  # years: longer than anybody's appointment


@dataclass(frozen=True, slots=True)
class Line:
    """One fact and what became of it."""

    fact: str
    computed: Decimal
    awarded: Decimal
    counted: Decimal
    hours: Decimal
    reasons: tuple[Reason, ...]

    @property
    def late(self) -> bool:
        """Whether it was recorded after the year, while the window for corrections was open."""
        return any(reason.code == "late" for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Decision:
    """A year decided. `periods` (rules over several years) stand beside its compliance; `minima` is
    given where her unit has minima of its own, `carried` where the policy lets credits be carried."""

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
    minima: tuple[Minimum, ...] = ()
    shares: tuple[ShareCount, ...] = ()
    carried: Decimal | None = None
    periods: tuple[PeriodCount, ...] = ()
    reasons: tuple[Reason, ...] = ()


def decide(policy: Policy, case: Case) -> Decision:
    """Decide a case; raises RefusedError where the policy has no rule for a fact."""
    earlier: list[Earlier] = []
    judged: list[tuple[Fact, Judgement]] = []
    for fact in sorted(case.facts, key=lambda one: (one.date, one.id)):
        judgement = judge(policy, case.person, fact, case.year, earlier, as_of=case.as_of)
        judged.append((fact, judgement))
        # What a cap cut to nothing was done all the same: its hours count, and it cannot come again.
        if judgement.recognised:
            earlier.append(Earlier(fact.kind, fact.activity, fact.project, fact.date, judgement.awarded))
    held = [held_as(fact, judgement) for fact, judgement in judged]
    total = count(policy, case.person, case.year, held, case.history)
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
        minima=total.minima if case.person.own_minimum else (),
        shares=total.shares,
        carried=total.carried,
        periods=periods(policy, case, held, total),
        reasons=total.reasons,
    )


def periods(policy: Policy, case: Case, held: Iterable[Held], total: Count) -> tuple[PeriodCount, ...]:
    """How the person stands under the rules over several years that bind her, this year included."""
    person, year = case.person, case.year
    lines = [line for line in policy.binding(year, person.population) if isinstance(line, Period)]
    if not lines:
        return ()
    appointed = person.appointed_on.year if person.appointed_on else None
    career = Career(
        year=year,
        deadline=policy.deadline(year),
        as_of=case.as_of,
        parts=tuple(_as_past(one, year, total) for one in held),
        history=case.history,
        # An appointment still to come says nothing about this year.
        appointed=appointed if appointed is not None and appointed <= year else None,
        excused=_excused_years(policy, case),
    )
    return tuple(judged_period(line, career) for line in lines)


def _as_past(award: Held, year: int, total: Count) -> Past:
    counted = total.counted[award.id]
    return Past(year, award.kind, award.category, counted, award.hours, 1 if award.awarded else 0)


def _excused_years(policy: Policy, case: Case) -> frozenset[int]:
    if not case.person.absences:
        return frozenset()
    return frozenset(
        year
        for year in range(case.year - LOOK_BACK, case.year + 1)
        if excused(policy.exemptions, case.person.absences, case.person.population, policy.credit_year(year))
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
