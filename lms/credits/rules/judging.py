"""What one fact is worth under a policy, with reasons. Kept for ever in the award it becomes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.credits.rules.because import NOTHING, Reason, said
from lms.credits.rules.conditions import unmet
from lms.credits.rules.facts import Fact, Person, RefusedError
from lms.credits.rules.policy import Cap, Conversion, Per, Policy
from lms.credits.rules.rates import ByRole, Choice, Deemed, Fixed, Linear, Ranks, Steps
from lms.credits.rules.windows import lateness
from lms.kernel.text import msg

__all__ = ["NOTHING", "Earlier", "Judgement", "Reason", "binds", "judge", "rule_for", "said"]

@dataclass(frozen=True, slots=True)
class Earlier:
    """An award already made this year, as far as later ones must know it."""

    kind: str
    activity: str | None
    project: str | None
    date: date
    awarded: Decimal


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one fact is worth; `recognised`: no condition refused it, though caps may have cut it to nothing."""

    computed: Decimal
    awarded: Decimal
    hours: Decimal
    reasons: tuple[Reason, ...]
    category: str | None = None
    recognised: bool = True


def judge(
    policy: Policy,
    person: Person,
    fact: Fact,
    year: int,
    earlier: Sequence[Earlier],
    *,
    as_of: date | None = None,
) -> Judgement:
    """What one fact is worth, given the year's awards made before it; raises RefusedError."""
    conversion = rule_for(policy, person, fact)
    if fact.date.year != year:
        return _nothing(NOTHING, Reason("other_year", "", (("year", str(fact.date.year)),)))
    if as_of is not None and fact.date > as_of:
        return _nothing(NOTHING, Reason("after_as_of", "", (("as_of", as_of.isoformat()),)))
    computed, rate = _convert(policy, conversion, fact)
    late = lateness(policy.windows, person.population, year, policy.deadline(year), fact.recorded_on)
    if late is not None and late.code == "closed":
        return _nothing(computed, rate, late)
    why = unmet(policy.conditions, fact, person.population) or _repeated(policy, person, fact, earlier)
    if why:
        return _nothing(computed, rate, *why)
    if not computed:
        return _nothing(computed, rate, Reason("too_little", conversion.id))
    awarded, cuts = _capped(policy, person, fact, computed, earlier)
    marks = (late,) if late else ()
    return Judgement(computed, awarded, fact.hours, (rate, *cuts, *marks), conversion.category)


def _nothing(computed: Decimal, *reasons: Reason) -> Judgement:
    return Judgement(computed, NOTHING, NOTHING, reasons, recognised=False)


def rule_for(policy: Policy, person: Person, fact: Fact) -> Conversion:
    """The conversion a fact falls under; raises RefusedError naming what is unknown."""
    lines = [line for line in policy.conversions if fact.kind in line.kinds]
    if not lines:
        message = msg("{policy} 没有“{kind}”的规则", policy=policy.id, kind=fact.kind)
        raise RefusedError(fact.id, "kind", message)
    lines = [line for line in lines if fact.role in line.roles]
    if not lines:
        raise _no_role(policy, fact)
    fitting = [line for line in lines if line.rate.takes(fact.unit)]
    if not fitting:
        message = msg("{policy} 的“{kind}”不按“{unit}”算", policy=policy.id, kind=fact.kind, unit=fact.unit)
        raise RefusedError(fact.id, "unit", message)
    for line in fitting:
        if line.grounds.hold_on(fact.date) and line.grounds.hold_for(person.population):
            return line
    message = msg(
        "{policy} 的“{kind}”在 {date} 对这类人员没有规则",
        policy=policy.id, kind=fact.kind, date=fact.date.isoformat(),
    )  # fmt: skip
    raise RefusedError(fact.id, "date", message)


def _convert(policy: Policy, conversion: Conversion, fact: Fact) -> tuple[Decimal, Reason]:
    worth = _rate(policy, conversion, fact).worth(fact.quantity, fact.unit, fact.role)
    numbers = tuple((name, said(number)) for name, number in worth.numbers)
    return worth.credits, Reason(worth.code, conversion.id, numbers)


def _rate(policy: Policy, conversion: Conversion, fact: Fact) -> Linear | Fixed | ByRole | Steps | Deemed:
    if not isinstance(conversion.rate, Choice | Ranks):
        return conversion.rate
    rate = conversion.rate.chosen(fact.choice)
    if rate is None:
        known = ", ".join(name for name, _ in conversion.rate.rates)
        raise RefusedError(fact.id, "choice", msg("“{kind}”要写 choice，可以写：{known}", kind=fact.kind, known=known))
    if isinstance(rate, ByRole) and not rate.knows(fact.role):
        raise _no_role(policy, fact)
    return rate


def _no_role(policy: Policy, fact: Fact) -> RefusedError:
    message = msg("{policy} 的“{kind}”没有“{role}”的标准", policy=policy.id, kind=fact.kind, role=fact.role)
    return RefusedError(fact.id, "role", message)


def _repeated(policy: Policy, person: Person, fact: Fact, earlier: Sequence[Earlier]) -> tuple[Reason, ...]:
    """Why the same activity is not awarded again; a kind that no such line names may be repeated."""
    for repeat in policy.repeats:
        grounds = repeat.grounds
        bound = fact.kind in repeat.kinds and grounds.hold_on(fact.date) and grounds.hold_for(person.population)
        if fact.activity is None or not bound:
            continue
        for award in earlier:
            if award.activity == fact.activity and award.kind in repeat.kinds:
                params = (("credits", said(award.awarded)), ("date", award.date.isoformat()))
                return (Reason("already_awarded", repeat.id, params),)
    return ()


def _capped(
    policy: Policy, person: Person, fact: Fact, computed: Decimal, earlier: Sequence[Earlier]
) -> tuple[Decimal, tuple[Reason, ...]]:
    awarded, cuts = computed, []
    for cap in policy.caps:
        if cap.per.limits_counting or not binds(cap, person, fact.kind, fact.date):
            continue
        used = _used(cap, fact, earlier)
        room = max(NOTHING, cap.maximum - used)
        if awarded > room:
            params = [("cap", cap.maximum), ("computed", awarded), ("excess", awarded - room)]
            if used:
                params.append(("used", used))
            code = f"max_per_{cap.per}" + ("_shared" if used else "")
            cuts.append(Reason(code, cap.id, tuple((name, said(v)) for name, v in params)))
            awarded = room
    return awarded, tuple(cuts)


def _used(cap: Cap, fact: Fact, earlier: Iterable[Earlier]) -> Decimal:
    """What other awards under the same project number, or of the same activity, have taken of its cap."""
    name = {Per.PROJECT: "project", Per.ACTIVITY: "activity"}.get(cap.per)
    if name is None or getattr(fact, name) is None:
        return NOTHING
    return sum(
        (one.awarded for one in earlier if getattr(one, name) == getattr(fact, name) and one.kind in cap.kinds),
        NOTHING,
    )


def binds(cap: Cap, person: Person, kind: str, day: date) -> bool:
    """Whether a cap limits this kind, for this person, on this day."""
    return kind in cap.kinds and cap.grounds.hold_on(day) and cap.grounds.hold_for(person.population)
