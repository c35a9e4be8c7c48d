"""Judgements about practice entries and rotations. Pure; spans of days count both ends."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from lms.kernel.quantities import to_milli
from lms.kernel.text import N_, Message, msg

DAY_MILLI = 24_000
"""Thousandths of an hour that one day has."""
MOST_CASES = 300
"""Cases that one entry may count."""
OLDEST_DAYS = 90
"""How many days back an entry may reach: a supervisor signs what he remembers. House practice, no law."""
LONGEST_DAYS = 1100
"""Days of one rotation: a little over three years. House practice."""
FARTHEST_DAYS = 3653
"""Days from today to the first day of a rotation, either way: ten years; farther is a slip."""
LONGEST_NOTE = 200
LONGEST_REASON = 300
LONGEST_TITLE = 80


class Kind(StrEnum):
    """What was practised."""

    OUTPATIENT = "outpatient"
    WARD = "ward"
    EMERGENCY = "emergency"
    HOME_VISIT = "home_visit"
    PUBLIC_HEALTH = "public_health"
    SKILLS = "skills"
    CASE_DISCUSSION = "case_discussion"
    TEACHING = "teaching"


KINDS: dict[Kind, str] = {
    Kind.OUTPATIENT: N_("门诊"),
    Kind.WARD: N_("查房"),
    Kind.EMERGENCY: N_("急诊"),
    Kind.HOME_VISIT: N_("入户随访"),
    Kind.PUBLIC_HEALTH: N_("公共卫生"),
    Kind.SKILLS: N_("操作技能"),
    Kind.CASE_DISCUSSION: N_("病例讨论"),
    Kind.TEACHING: N_("听课带教"),
}

WAITING, SIGNED, RETURNED, WITHDRAWN = "waiting", "signed", "returned", "withdrawn"
EDITABLE = (WAITING, RETURNED)
"""States in which the doctor may change or withdraw an entry."""
PLANNED, FINISHED, CANCELLED = "planned", "finished", "cancelled"
OPEN = (PLANNED, RETURNED)
"""States in which a rotation may be changed or cancelled."""
EXAMS: dict[str, str] = {"pass": N_("出科考核合格"), "fail": N_("出科考核不合格")}

STEPS: dict[str, str] = {
    "entered": N_("记下了"),
    "changed": N_("改过"),
    "signed": N_("签了字"),
    "returned": N_("退回改正"),
    "withdrawn": N_("已撤回"),
    "planned": N_("安排了轮转"),
    "finished": N_("出科签字"),
    "cancelled": N_("已取消"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def meets(self, other: "Span") -> bool:
        """Whether the two have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def day_fault(day: date | None, today: date) -> Message | None:
    """Why an entry may not be of this day; None where it may."""
    if day is None:
        return msg("请填写这一项。")
    if day > today:
        return msg("这一天还没有到。做完再记。")
    if day < today - timedelta(days=OLDEST_DAYS):
        return msg("只能补记最近 {days} 天的。再早的，请带教老师出书面证明。", days=OLDEST_DAYS)
    return None


def amount_faults(hours: Decimal | None, cases: int | None) -> dict[str, Message]:
    """What is wrong with hours and cases, by field. At least one of the two is told."""
    if hours is None and cases is None:
        return {"hours": msg("小时数和例数，至少写一样。")}
    faults = {}
    if hours is not None and not is_hours(hours):
        faults["hours"] = msg("小时数要大于 0，一天最多 24 小时，最多三位小数。")
    if cases is not None and not 0 < cases <= MOST_CASES:
        faults["cases"] = msg("例数是 1 到 {most} 的整数。", most=MOST_CASES)
    return faults


def is_hours(hours: Decimal) -> bool:
    """Whether so many hours fit into a day and are not finer than a thousandth."""
    if not hours.is_finite() or not 0 < hours <= 24:
        return False
    try:
        to_milli(hours)
    except ValueError:
        return False
    return True


def over_the_day(others_milli: int, hours_milli: int) -> Message | None:
    """The refusal where a day would have more than 24 hours in all; None where it has not."""
    if others_milli + hours_milli <= DAY_MILLI:
        return None
    left = Decimal(max(0, DAY_MILLI - others_milli)) / 1000
    return msg("这一天已经记了一些，加起来超过 24 小时。最多还能记 {left} 小时。", left=f"{left.normalize():f}")


def span_faults(starts_on: date | None, ends_on: date | None, today: date) -> dict[str, Message]:
    """What is wrong with the days of a rotation, by field."""
    faults = {
        name: msg("请填写这一项。") for name, day in (("starts_on", starts_on), ("ends_on", ends_on)) if day is None
    }
    if starts_on is not None and ends_on is not None:
        if ends_on < starts_on:
            faults["ends_on"] = msg("结束日期早于开始日期。")
        elif Span(starts_on, ends_on).days > LONGEST_DAYS:
            faults["ends_on"] = msg("一次轮转最多 {days} 天，请分成几次。", days=LONGEST_DAYS)
        elif abs((starts_on - today).days) > FARTHEST_DAYS:
            faults["starts_on"] = msg("离今天太远，请看看年份。")
    return faults
