"""Read the lines of a policy, table by table: each shape has its own keys, every fault its key."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.credits.rules import rate_reading
from lms.credits.rules.absences import STATES, Away, Exemption
from lms.credits.rules.audits import LEVELS, Audit
from lms.credits.rules.conditions import Condition, Proof
from lms.credits.rules.evidence import EVIDENCE
from lms.credits.rules.grounds import EVERYBODY, KINDS, ROLES, Certainty, Grounds, Measure, Rule, Selection, Words
from lms.credits.rules.periods import Period
from lms.credits.rules.policy import Cap, CarryOver, Category, Conversion, Per, Remark, Repeat, Required, Requirement
from lms.credits.rules.rate_reading import rate, roles
from lms.credits.rules.reading import (
    Table,
    UnreadableError,
    amount,
    day,
    member,
    month_day,
    one_of,
    positive,
    several,
    share,
    text,
    up_to,
    whole,
)
from lms.credits.rules.shares import Share
from lms.credits.rules.windows import Window
from lms.kernel.text import msg

SPARE = Decimal(1)
NOBODY: tuple[str, ...] = ()
PER = {f"max_per_{per}": per for per in Per}
SHAPES = {
    "conversions": tuple(rate_reading.SHAPES),
    "conditions": tuple(Proof),
    "caps": tuple(PER),
    "repeats": ("once_a_year",),
    "requirements": ("annual_min", "share", "period_min", "period_average"),
    "exemptions": tuple(Away),
}
APPOINTMENT = "appointment"


def lines(top: Table, name: str) -> tuple[Any, ...]:
    """The lines of one table of a policy, in the order of the file."""
    found = []
    for line in top.tables(name):
        identity = line.take("id", text, "")
        if name in SHAPES:
            line.take("shape", one_of(SHAPES[name]), "")
        found.append(LINES[name](line, identity, _grounds(line)))
        line.finish()
    return tuple(found)


def words(table: Table) -> Words:
    """A text in both languages; a missing one has been noted by whoever asked for the table."""
    if not table.value:
        return Words("", "")
    found = Words(zh=table.take("zh", text, ""), en=table.take("en", text, ""))
    table.finish()
    return found


def _grounds(line: Table) -> Grounds:
    grounds = Grounds(
        source=line.take("source", text, ""),
        citation=words(line.table("citation")),
        certainty=line.take("certainty", member(Certainty), Certainty.ASSUMED),
        effective_from=line.take("effective_from", day, date.min),
        effective_until=line.take("effective_until", _last_day, None, optional=True),
        populations=line.take("populations", several(text), (EVERYBODY,)),
        exempt=line.take("exempt", several(text), (), optional=True),
    )
    if grounds.effective_until is not None and grounds.effective_until < grounds.effective_from:
        line.fault("effective_until", msg("结束的日期比开始的早"))
    return grounds


def _conversion(line: Table, identity: str, grounds: Grounds) -> Conversion:
    found = rate(line)
    category = line.take("category", _maybe_text, None, optional=True)
    return Conversion(identity, _kinds(line), roles(line, found), found, grounds, category)


def _condition(line: Table, identity: str, grounds: Grounds) -> Condition:
    bound = line.take("roles", several(one_of(ROLES)), ROLES, optional=True)
    kinds, shape = _kinds(line), line.value.get("shape")
    if shape == Proof.ATTENDANCE:
        least = _above_nothing(line, "minimum", Decimal(1))
        return Condition(identity, kinds, grounds, bound, Proof.ATTENDANCE, least)
    if shape == Proof.PASS_MARK:
        least = _above_nothing(line, "minimum", Decimal(100))
        return Condition(identity, kinds, grounds, bound, Proof.PASS_MARK, least)
    if shape == Proof.EVIDENCE:
        papers = line.take("evidence", several(one_of(EVIDENCE)), NOBODY)
        return Condition(identity, kinds, grounds, bound, Proof.EVIDENCE, evidence=papers)
    return Condition(identity, kinds, grounds, bound, Proof.SIGNED if shape == Proof.SIGNED else Proof.ASSESSED)


def _above_nothing(line: Table, name: str, most: Decimal) -> Decimal:
    found = line.take(name, up_to(most), SPARE)
    if not found:
        line.fault(name, msg("要大于 0"))
    return found


def _cap(line: Table, identity: str, grounds: Grounds) -> Cap:
    per = PER.get(str(line.value.get("shape")), Per.AWARD)
    return Cap(identity, per, _kinds(line), line.take("maximum", positive, SPARE), grounds)


def _repeat(line: Table, identity: str, grounds: Grounds) -> Repeat:
    return Repeat(identity, grounds, line.take("kinds", several(one_of(KINDS)), KINDS, optional=True))


def _required(line: Table, identity: str, grounds: Grounds) -> Required:
    shape = line.value.get("shape")
    if shape == "share":
        measure = _measure(line, Measure.CREDITS, Measure.HOURS)
        part = line.take("share", share, Fraction(1))
        return Share(identity, measure, part, _selection(line, needed=True), grounds)
    if shape in ("period_min", "period_average"):
        return _period(line, identity, grounds, average=shape == "period_average")
    measure = _measure(line, Measure.CREDITS, Measure.HOURS)
    return Requirement(identity, measure, line.take("minimum", positive, SPARE), grounds)


def _period(line: Table, identity: str, grounds: Grounds, *, average: bool) -> Period:
    floor = line.take("floor", _maybe_positive, None, optional=True) if average else None
    period = Period(
        id=identity,
        measure=_measure(line, *Measure),
        minimum=line.take("average" if average else "minimum", positive, SPARE),
        years=line.take("years", _years_or_appointment if average else _some_years, None),
        of=_selection(line),
        grounds=grounds,
        average=average,
        floor=floor,
    )
    if floor is not None and floor > period.minimum:
        line.fault("floor", msg("单年的下限比平均数还高"))
    return period


def _measure(line: Table, *known: Measure) -> Measure:
    return Measure(line.take("measure", one_of(one.value for one in known), known[0].value))


def _selection(line: Table, *, needed: bool = False) -> Selection:
    """Some kinds, some categories; whether the categories are known is seen in the whole policy."""
    if needed and "kinds" not in line.value and "categories" not in line.value:
        line.fault("kinds", msg("kinds（活动种类）和 categories（学分类别）至少要写一个"))
    kinds = line.take("kinds", several(one_of(KINDS)), NOBODY, optional=True)
    return Selection(kinds, line.take("categories", several(text), NOBODY, optional=True))


def _category(line: Table, identity: str, grounds: Grounds) -> Category:
    category = Category(
        id=identity,
        title=words(line.table("title")),
        minimum=line.take("minimum", _maybe_positive, None, optional=True),
        maximum=line.take("maximum", _maybe_positive, None, optional=True),
        grounds=grounds,
    )
    if category.minimum is not None and category.maximum is not None and category.maximum < category.minimum:
        line.fault("maximum", msg("上限比下限小"))
    return category


def _exemption(line: Table, identity: str, grounds: Grounds) -> Exemption:
    states = line.take("states", several(one_of(STATES)), NOBODY)
    shape = line.value.get("shape")
    if shape == Away.DAYS:
        return Exemption(identity, Away.DAYS, states, line.take("days", _within(366), 1), grounds)
    if shape == Away.MONTHS:
        return Exemption(identity, Away.MONTHS, states, line.take("months", _within(12), 1), grounds)
    away = Away.ON_DEADLINE if shape == Away.ON_DEADLINE else Away.ANY_DAY
    return Exemption(identity, away, states, 1, grounds)


def _carry_over(line: Table, identity: str, grounds: Grounds) -> CarryOver:
    return CarryOver(identity, line.take("maximum", positive, SPARE), line.take("years", _number_of_years, 1), grounds)


def _window(line: Table, identity: str, grounds: Grounds) -> Window:
    return Window(identity, line.take("closes", month_day, (12, 31)), grounds)


def _audit(line: Table, identity: str, grounds: Grounds) -> Audit:
    audit = Audit(
        id=identity,
        kinds=_kinds(line),
        levels=line.take("levels", _levels, NOBODY),
        grounds=grounds,
        second_person_above=line.take("second_person_above", _maybe_amount, None, optional=True),
        sampled=line.take("sampled", _maybe_share, None, optional=True),
    )
    if line.value.get("levels") == [] and audit.sampled is None:
        line.fault("levels", msg("没有人审核的活动，要写 sampled（抽查的比例）"))
    if grounds.populations != (EVERYBODY,) or grounds.exempt:
        line.fault("populations", msg('审核按活动种类分，不按人员分：要写 ["*"]'))
    return audit


def _levels(value: Any) -> tuple[str, ...]:
    found = () if value == [] else several(one_of(LEVELS))(value)
    places = [LEVELS.index(level) for level in found]
    if places != sorted(set(places)):
        raise UnreadableError(msg("审核级别要从低到高写，一级只写一次"))
    return found


def _remark(line: Table, identity: str, grounds: Grounds) -> Remark:
    return Remark(identity, words(line.table("text")), grounds)


def _kinds(line: Table) -> tuple[str, ...]:
    return line.take("kinds", several(one_of(KINDS)), NOBODY)


def _within(most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        found = whole(value)
        if not 1 <= found <= most:
            raise UnreadableError(msg("要写 1 到 {most} 之间的整数", most=most))
        return found

    return read


_number_of_years = _within(40)


def _some_years(value: Any) -> int | None:
    return _number_of_years(value)


def _years_or_appointment(value: Any) -> int | None:
    return None if value == APPOINTMENT else _number_of_years(value)


def _maybe_text(value: Any) -> str | None:
    return text(value)


def _maybe_positive(value: Any) -> Decimal | None:
    return positive(value)


def _maybe_amount(value: Any) -> Decimal | None:
    return amount(value)


def _maybe_share(value: Any) -> Fraction | None:
    return share(value)


def _last_day(value: Any) -> date | None:
    return day(value)


LINES: dict[str, Callable[[Table, str, Grounds], Rule]] = {
    "conversions": _conversion,
    "conditions": _condition,
    "caps": _cap,
    "repeats": _repeat,
    "requirements": _required,
    "categories": _category,
    "exemptions": _exemption,
    "carry_over": _carry_over,
    "windows": _window,
    "audits": _audit,
    "remarks": _remark,
}
