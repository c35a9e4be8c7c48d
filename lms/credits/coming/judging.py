"""What an activity to come must be so that it can be joined and counted. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

from lms.credits.entering import amount_faults, needs_hours, rule_faults
from lms.credits.models import Activity
from lms.credits.rules.policy import Policy
from lms.kernel.text import Message, msg

ROLE = "attendee"
ALONE = ("self_study", "self_study_review")
AHEAD = timedelta(days=2 * 365)
"""So far ahead an activity may be entered; more is a slip of the pen."""
LONGEST = timedelta(days=366)
OVER = msg("这一天已经过去了。办过的活动请登记签到表。")


def can_be_joined(policy: Policy, kind: str, on: date) -> bool:
    """Whether people come to an activity of this kind and it counts for those who were there: not what one studies
    alone, writes, or is sent to for months."""
    rules = (line for line in policy.conversions if kind in line.kinds and ROLE in line.roles)
    rule = next((line for line in rules if line.grounds.hold_on(on)), None)
    return kind not in ALONE and rule is not None and needs_hours(rule, ROLE)


def faults(facts: Mapping[str, Any], policy: Policy | None, today: date) -> dict[str, Message]:
    """What is wrong with an activity to come, by field. `facts`: what `entering.fact_values` makes of what was told;
    `policy`: the rules of its place and year (None where there are none)."""
    found = dict(_date_faults(facts["started_on"], facts["on_date"], policy, today))
    if not facts["title"].get("zh"):
        found["title"] = msg("请写活动的名称。")
    if not facts["venue"]:
        found["venue"] = msg("请写在哪里办。")
    activity = cast(Activity, SimpleNamespace(**facts))
    found |= dict(amount_faults(activity, policy))
    if policy is None:
        return found
    if not policy.knows(facts["kind"]) or can_be_joined(policy, facts["kind"], facts["on_date"]):
        return found | dict(rule_faults(activity, policy))
    return {**found, "kind": msg("这类活动不是到场参加的，不能登记成要办的活动。")}


def _date_faults(start: date, end: date, policy: Policy | None, today: date) -> Iterator[tuple[str, Message]]:
    if policy is None:
        yield "on_date", msg("{year} 年没有规则集，不能登记。", year=end.year)
    if start < today:
        yield ("on_date" if start == end else "started_on"), OVER
    elif end - today > AHEAD:
        yield "on_date", msg("日期太远了，请核对。")
    if start > end:
        yield "on_date", msg("结束的日期比开始的早。")
    elif end - start > LONGEST:
        yield "started_on", msg("开始的日期太早了，请核对。")
