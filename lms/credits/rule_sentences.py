"""What a line of a policy says, as sentences: one builder for each shape.

A line that the engine can decide must be sayable here: each `match` ends in `assert_never`, so that a
shape added to the rules and forgotten here fails the type check.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from lms.credits.rules.absences import Away, Exemption
from lms.credits.rules.conditions import Proof
from lms.credits.rules.evidence import EVIDENCE
from lms.credits.rules.grounds import Selection
from lms.credits.rules.policy import (
    KINDS,
    ROLES,
    Audit,
    Cap,
    CarryOver,
    Category,
    Condition,
    Conversion,
    Measure,
    Per,
    Period,
    Policy,
    Remark,
    Repeat,
    Requirement,
    Share,
    Window,
)
from lms.credits.rules.rates import ByRole, Ranks
from lms.credits.rules.words import STATE_WORDS, kind_word
from lms.credits.saying import amount, credits_of, day_of_year, listed, role_words, text
from lms.credits.worked import sentences
from lms.kernel.quantities import plain
from lms.kernel.text import N_, Message, msg

Line = (
    Requirement | Share | Period | Category | Conversion | Condition | Cap | Repeat | Exemption | Window | CarryOver
    | Audit | Remark
)  # fmt: skip
USUAL = ("attendee",)
LEVEL_WORDS = {"unit": N_("单位"), "county": N_("县级"), "city": N_("市级"), "province": N_("省级")}


def said(policy: Policy, line: Line) -> tuple[Message | None, tuple[Message, ...]]:
    """What a line is about, and what it says."""
    match line:
        case Requirement():
            return None, (msg("一年至少 {amount}。", amount=_measured(line.minimum, line.measure)),)
        case Share():
            return None, (_share(policy, line),)
        case Period():
            return None, tuple(_period(policy, line))
        case Category():
            return text(line.title), (_book(line),)
        case Conversion():
            # A rate by role names its roles itself.
            usual = line.roles if isinstance(line.rate, ByRole | Ranks) else USUAL
            return _activities(line.kinds, line.roles, usual), tuple(sentences(line))
        case Condition():
            return _activities(line.kinds, line.roles, ROLES), tuple(_needed(line))
        case Cap():
            return _activities(line.kinds, ROLES, ROLES), tuple(_cap(line))
        case Repeat():
            title = None if set(line.kinds) == set(KINDS) else _activities(line.kinds, ROLES, ROLES)
            return title, (msg("同一课程或项目，每人一年只计一次。"),)
        case Exemption():
            return _states(line.states), (_excuse(line),)
        case Window():
            return None, (msg("上一年度的补录，到{day}截止；过了这一天不再计入。", day=day_of_year(*line.closes)),)
        case CarryOver():
            most = credits_of(line.maximum)
            return None, (msg("前 {years} 年多出来的，最多结转 {amount}，只抵总学分。", years=line.years, amount=most),)
        case Audit():
            return _activities(line.kinds, ROLES, ROLES), tuple(_audit(line))
        case Remark():
            return None, (text(line.text),)
        case _:
            assert_never(line)


def _activities(kinds: Sequence[str], roles: Sequence[str], usual: Sequence[str]) -> Message:
    """Kinds of activities; the roles only where they are not the usual ones."""
    named = listed([kind_word(kind) for kind in kinds])
    if set(roles) == set(usual):
        return named
    return msg("{activities}（{roles}）", activities=named, roles=role_words(roles))


def _book(line: Category) -> Message:
    least = credits_of(line.minimum) if line.minimum is not None else None
    most = credits_of(line.maximum) if line.maximum is not None else None
    if least and most:
        return msg("一年至少 {minimum}，最多计 {maximum}。", minimum=least, maximum=most)
    if least:
        return msg("一年至少 {amount}。", amount=least)
    if most:
        return msg("一年最多计 {amount}。", amount=most)
    return msg("单独记，没有上限和下限。")


def _cap(line: Cap) -> Iterator[Message]:
    most = credits_of(line.maximum)
    match line.per:
        case Per.AWARD:
            yield msg("每次最多计 {amount}。", amount=most)
        case Per.ACTIVITY:
            yield msg("同一个活动一年最多计 {amount}。", amount=most)
        case Per.PROJECT:
            yield msg("同一个项目编号最多计 {amount}。", amount=most)
        case Per.DAY:
            yield msg("一天最多计 {amount}。", amount=most)
        case Per.YEAR:
            yield msg("一年最多计 {amount}。", amount=most)
        case _:
            assert_never(line.per)
    if line.per.limits_counting and len(line.kinds) > 1:
        yield msg("这几类合在一起算。")


def _measured(number: Decimal, measure: Measure) -> Message:
    """So many credits or hours, or so many awards as times."""
    return amount(number, "times" if measure is Measure.AWARDS else measure.value)


def _percent(share: Fraction | Decimal) -> str:
    """A share as people say it: 80%, or the fraction where a percentage would not be exact (2/3)."""
    hundredfold = Fraction(share) * 100
    return f"{hundredfold}%" if hundredfold.denominator == 1 else str(Fraction(share))


def _selected(policy: Policy, of: Selection) -> Message | None:
    """The kinds and categories that are meant; None where everything is."""
    titles = {one.id: text(one.title) for one in policy.categories}
    named = [*(titles[one] for one in of.categories), *(kind_word(kind) for kind in of.kinds)]
    return listed(named) if named else None


def _share(policy: Policy, line: Share) -> Message:
    these, share = _selected(policy, line.of), _percent(line.share)
    if line.measure is Measure.HOURS:
        return msg("一年的学时里，至少 {share} 要是：{these}。", share=share, these=these)
    return msg("一年计入的学分里，至少 {share} 要是：{these}。", share=share, these=these)


def _period(policy: Policy, line: Period) -> Iterator[Message]:
    least = _measured(line.minimum, line.measure)
    if line.average:
        span = msg("{years} 年里", years=line.years) if line.years else msg("聘任期间")
        yield msg("{span}，平均每年至少 {amount}。", span=span, amount=least)
    else:
        yield msg("{years} 年里合计至少 {amount}。", years=line.years, amount=least)
    if line.floor is not None:
        yield msg("任何一年不少于 {amount}。", amount=_measured(line.floor, line.measure))
    these = _selected(policy, line.of)
    if these:
        yield msg("只算：{these}。", these=these)
    yield msg("这一条另外算，不影响当年够不够。")


def _needed(line: Condition) -> Iterator[Message]:
    match line.proof:
        case Proof.ASSESSED:
            yield msg("要有考核合格的记录，才计学分。")
        case Proof.ATTENDANCE:
            yield msg("出勤要满 {share}，才计学分。", share=_percent(line.minimum))
        case Proof.PASS_MARK:
            yield msg("考核要满 {score} 分，才计学分。", score=plain(line.minimum))
        case Proof.SIGNED:
            yield msg("签到、签退都要有，才计学分。")
        case Proof.EVIDENCE:
            papers = listed([msg(EVIDENCE[kind]) for kind in line.evidence])
            yield msg("要交齐这些证明材料，才计学分：{papers}。", papers=papers)
        case _:
            assert_never(line.proof)


def _states(states: Sequence[str]) -> Message:
    return listed([msg(STATE_WORDS[state]) for state in states])


def _excuse(line: Exemption) -> Message:
    match line.away:
        case Away.DAYS:
            return msg("一年里满 {least} 天，这一年不作要求。", least=line.least)
        case Away.MONTHS:
            return msg("一年里满 {least} 个月，这一年不作要求。", least=line.least)
        case Away.ANY_DAY:
            return msg("一年里有一天，这一年就不作要求。")
        case Away.ON_DEADLINE:
            return msg("年度最后一天还是这样，这一年不作要求。")
        case _:
            assert_never(line.away)


def _audit(line: Audit) -> Iterator[Message]:
    if line.levels:
        chain = listed([msg(LEVEL_WORDS[level]) for level in line.levels])
        yield msg("依次由这几级审核：{levels}。", levels=chain)
    if line.second_person_above is not None:
        yield msg("一次超过 {amount}，要两个人分别审过。", amount=credits_of(line.second_person_above))
    if line.sampled is not None:
        yield msg("自动计入，事后抽查 {share}。", share=_percent(line.sampled))
