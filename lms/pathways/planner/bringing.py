"""What offers bring once they are done on certain days: decided by the policy itself, as an award would be."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lms.credits.rules.counting import Count, Held, count
from lms.credits.rules.deciding import held_as
from lms.credits.rules.facts import Fact, RefusedError
from lms.credits.rules.judging import Earlier, Judgement, judge
from lms.pathways.planner.asking import Year


@dataclass(frozen=True, slots=True)
class Brought:
    """What planned facts come to: a judgement for each (None where the policy has no rule for it), and the year."""

    judgements: dict[str, Judgement | None]
    count: Count

    @property
    def closed(self) -> bool:
        """Whether the year lacks nothing more."""
        return not self.count.gap_credits and not self.count.gap_hours

    def awarded(self, fact: str) -> bool:
        judgement = self.judgements.get(fact)
        return judgement is not None and bool(judgement.awarded)


def brought(year: Year, facts: Iterable[Fact]) -> Brought:
    """The year with these facts on top of what stands, in order of (date, id)."""
    after, judgements = _after(year, facts)
    return Brought(judgements, counted(year, after.held))


def granted(year: Year, facts: Iterable[Fact]) -> Year:
    """The year as it would stand, were these facts awarded already."""
    return _after(year, facts)[0]


def _after(year: Year, facts: Iterable[Fact]) -> tuple[Year, dict[str, Judgement | None]]:
    earlier, held = list(year.earlier), list(year.held)
    judgements: dict[str, Judgement | None] = {}
    for fact in sorted(facts, key=lambda one: (one.date, one.id)):
        judgement = judged(year, fact, earlier)
        judgements[fact.id] = judgement
        if judgement is not None and judgement.recognised:
            earlier.append(Earlier(fact.kind, fact.activity, fact.project, fact.date, judgement.awarded))
            held.append(held_as(fact, judgement))
    return replace(year, earlier=tuple(earlier), held=tuple(held)), judgements


def judged(year: Year, fact: Fact, earlier: list[Earlier]) -> Judgement | None:
    """What one fact is worth; None where the policy has no rule for it."""
    try:
        return judge(year.policy, year.person, fact, year.year, earlier)
    except RefusedError:
        return None


def counted(year: Year, held: Iterable[Held]) -> Count:
    """The year's count of awards."""
    return count(year.policy, year.person, year.year, held, year.history)


def trains_later(year: Year, fact: Fact) -> bool:
    """Whether a fact of a later year would bring credit then, by the same policy."""
    if not year.policy.speaks_of(fact.date.year):
        return False
    judgement = judged(replace(year, year=fact.date.year), fact, [])
    return judgement is not None and bool(judgement.awarded)
