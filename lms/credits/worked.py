"""What a conversion gives, in sentences, and worked figures (“6 学时 → 2 学分”) that the engine computes."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import assert_never

from lms.credits.rules.facts import Fact, Person
from lms.credits.rules.judging import Judgement, judge
from lms.credits.rules.policy import EVERYBODY, Conversion, Policy
from lms.credits.rules.rates import ByRole, Choice, Deemed, Fixed, Linear, Ranks, Rounding, Step, Steps
from lms.credits.saying import amount, choice_word, credits_of, listed, role_words
from lms.kernel.text import Message, msg

ONE, TWO = Decimal(1), Decimal(2)
# Quantities of a second figure, which shows how a remainder is rounded.
ODD = (Decimal(10), Decimal(7), Decimal(5))


def sentences(line: Conversion) -> Iterator[Message]:
    """What a conversion gives."""
    rate = line.rate
    match rate:
        case Linear():
            each = amount(rate.quantity, rate.unit)
            yield msg("每 {quantity}计 {credits}。", quantity=each, credits=credits_of(rate.credits))
            yield _rounding(rate)
        case Fixed():
            yield msg("每次计 {credits}。", credits=credits_of(rate.credits))
        case ByRole():
            for role, credits in rate.rates:
                yield _each(role_words([role]), credits)
        case Choice():
            yield msg("登记时选一种。")
            for choice, credits in rate.rates:
                yield _each(choice_word(choice), credits)
        case Ranks():
            for rank, by_role in rate.rates:
                each = listed([_by(role, credits) for role, credits in by_role.rates])
                yield msg("{rank}：{each}。", rank=choice_word(rank), each=each)
            if rate.spare:
                yield msg("没有写明的，按{rank}算。", rank=choice_word(rate.spare))
        case Steps():
            yield from _steps(rate)
        case Deemed():
            yield _deemed(rate)
        case _:
            assert_never(rate)


def figures(policy: Policy, line: Conversion) -> Iterator[Message]:
    """So much → so many credits, computed by the engine; and what a cap per award or project leaves of it."""
    rate = line.rate
    match rate:
        case Linear():
            yield _figure(policy, line, TWO * rate.quantity, rate.unit)
            odd = next((one for one in ODD if one % rate.quantity), None)
            if odd and rate.unit == "hours":
                yield _figure(policy, line, odd, rate.unit)
        case Fixed():
            yield _figure(policy, line, TWO, "items")
        case ByRole():
            yield _figure(policy, line, TWO, "items", role=rate.rates[0][0])
        case Choice():
            yield _figure(policy, line, TWO, "items", choice=rate.rates[0][0])
        case Ranks():
            rank, by_role = rate.rates[0]
            yield _figure(policy, line, TWO, "items", role=by_role.rates[0][0], choice=rank)
        case Steps():
            for quantity in _samples(rate):
                yield _figure(policy, line, quantity, rate.unit)
        case Deemed():
            yield _figure(policy, line, *_enough(rate))
        case _:
            assert_never(rate)


def _deemed(rate: Deemed) -> Message:
    credits = credits_of(rate.credits)
    if rate.unit is None:
        return msg("顶一整年的要求，计 {credits}。", credits=credits)
    enough = amount(rate.quantity, rate.unit)
    return msg("满 {quantity}，顶一整年的要求，计 {credits}。", quantity=enough, credits=credits)


def _enough(rate: Deemed) -> tuple[Decimal, str]:
    return (rate.quantity, rate.unit) if rate.unit else (ONE, "items")


def _each(who: Message, credits: Decimal) -> Message:
    return msg("{who}：每次 {amount}。", who=who, amount=credits_of(credits))


def _by(role: str, credits: Decimal) -> Message:
    return msg("{who} {amount}", who=role_words([role]), amount=credits_of(credits))


def _rounding(rate: Linear) -> Message:
    half_up = rate.rounding is Rounding.HALF_UP
    if not rate.decimals:
        return msg("四舍五入到整数。") if half_up else msg("只计整数，零头不计。")
    if half_up:
        return msg("保留 {decimals} 位小数，四舍五入。", decimals=rate.decimals)
    return msg("保留 {decimals} 位小数，后面的不计。", decimals=rate.decimals)


def _steps(rate: Steps) -> Iterator[Message]:
    """Each step with the quantities it is for."""
    last = rate.steps[-1]
    for step, following in pairwise((*rate.steps, None)):
        assert step is not None
        yield msg("{range}：{credits}。", range=_range(rate.unit, step, following), credits=credits_of(step.credits))
    if rate.onward:
        yield msg(
            "超过 {bound}的部分，每 {quantity}再加 {credits}。",
            bound=amount(last.bound, rate.unit),
            quantity=amount(rate.onward.quantity, rate.unit),
            credits=credits_of(rate.onward.credits),
        )
        yield _rounding(rate.onward)


def _range(unit: str, step: Step, following: Step | None) -> Message:
    """The quantities of a step: from its bound until the next step begins."""
    low = amount(step.bound, unit)
    if following is None:
        return msg("超过 {low}", low=low) if step.above else msg("满 {low}", low=low)
    high = amount(following.bound, unit)
    if step.bound == following.bound:
        return msg("正好 {low}", low=low)
    if not step.bound:
        return msg("{high}以内", high=high) if following.above else msg("不满 {high}", high=high)
    if following.above:
        if step.above:
            return msg("超过 {low}、不超过 {high}", low=low, high=high)
        return msg("满 {low}、不超过 {high}", low=low, high=high)
    if step.above:
        return msg("超过 {low}、不满 {high}", low=low, high=high)
    return msg("满 {low}、不满 {high}", low=low, high=high)


def _samples(rate: Steps) -> Iterator[Decimal]:
    """Quantities before the first bound, between the steps and beyond the last."""
    bounds = sorted({step.bound for step in rate.steps if step.bound})
    if not bounds:
        yield ONE
        return
    if bounds[0] > ONE:
        yield bounds[0] - ONE
    if len(bounds) > 1:
        yield bounds[0] + ONE
    yield TWO * bounds[-1]


def _figure(
    policy: Policy, line: Conversion, quantity: Decimal, unit: str, role: str = "", choice: str | None = None
) -> Message:
    found = _judged(policy, line, quantity, unit, role, choice)
    # A rate for each event says "times", whatever is counted.
    shown = amount(quantity, unit if isinstance(line.rate, Linear | Steps) or _measured(line) else "times")
    figure = msg("{quantity} → {credits}", quantity=shown, credits=credits_of(found.computed))
    if 0 < found.awarded < found.computed:
        figure = msg("{figure}，最多计 {most}", figure=figure, most=credits_of(found.awarded))
    who = [*([choice_word(choice)] if choice else ()), *([role_words([role])] if role else ())]
    return msg("{who}，{figure}", who=listed(who), figure=figure) if who else figure


def _measured(line: Conversion) -> bool:
    return isinstance(line.rate, Deemed) and line.rate.unit is not None


def _judged(
    policy: Policy, line: Conversion, quantity: Decimal, unit: str, role: str = "", choice: str | None = None
) -> Judgement:
    """The engine's judgement on an invented fact that falls under this line."""
    grounds = line.grounds
    day = max(grounds.effective_from, date(policy.first_year, 1, 1))
    bound = (one for one in grounds.populations if one != EVERYBODY and one not in grounds.exempt)
    person = Person(policy.jurisdiction, next(bound, None))
    fact = Fact(
        id="example",
        kind=line.kinds[0],
        activity=None,
        project=None,
        date=day,
        quantity=quantity,
        unit=unit,
        hours=quantity,
        role=role or line.roles[0],
        assessed=True,
        choice=choice,
    )
    return judge(policy, person, fact, day.year, ())
