"""An activity from outside before it is entered: what a policy asks about it, and what cannot be true."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Required, TypedDict

from lms.credits.models import Activity
from lms.credits.rules.policy import ROLES, UNITS, Conversion, Per, Policy
from lms.credits.rules.rates import Choice, Deemed, Linear, Ranks, Steps
from lms.credits.saying import ROLE_WORDS
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.errors import Invalid
from lms.kernel.quantities import format_hours, from_milli, to_milli
from lms.kernel.text import Message, msg, nfc
from lms.people.queries import PersonCard

MOST_HOURS = Decimal(999)
HOURS_A_DAY = 24
# Of one entry. More is a slip of the pen, whatever it would be worth.
MOST = {"hours": MOST_HOURS, "items": Decimal(100), "characters": Decimal(1_000_000), "months": Decimal(60)}
MOST_YEARS = 5
ATTENDED = ("attendee", "lecturer")


class Told(TypedDict, total=False):
    """What is told of an activity, whoever was there.

    `quantity` is in `unit` (hours by default, `items` for events counted one by one); `choice` is what was chosen
    where the policy has several rates for the kind. The code under which it is awarded once a year is the project
    number unless another is given.
    """

    kind: Required[str]
    title: Required[Mapping[str, str]]
    on_date: Required[date]
    hours: Required[Decimal]
    quantity: Decimal | None
    unit: str
    started_on: date | None
    project_number: str | None
    activity_code: str | None
    role: str
    choice: str | None
    assessed: bool
    holder: str
    note: str


def fact_values(actor: Actor, told: Told) -> dict[str, Any]:
    """An activity as a row without its id and its person. Raises Invalid for amounts nobody can have done."""
    number, unit = nfc(told.get("project_number") or "") or None, told.get("unit", "hours")
    quantity = told.get("quantity")
    return {
        "kind": told["kind"],
        "activity_code": nfc(told.get("activity_code") or "") or number,
        "project_number": number,
        "title": {language: nfc(text) for language, text in told["title"].items()},
        "started_on": told.get("started_on") or told["on_date"],
        "on_date": told["on_date"],
        "hours_milli": milli(told["hours"], "hours", "hours"),
        "quantity_milli": milli(told["hours"] if quantity is None else quantity, "quantity", unit),
        "unit": unit,
        "role": told.get("role", "attendee"),
        "choice": told.get("choice"),
        "assessed": told.get("assessed", False),
        "holder": nfc(told.get("holder", "")),
        "note": nfc(told.get("note", "")),
        "recorded_by": actor.person_id,
        "recorded_at": clock.now(),
    }


def rule_for(policy: Policy, kind: str, role: str, on: date) -> Conversion | None:
    """The rule by which an activity of this kind would be converted, as far as the form must know it."""
    lines = [line for line in policy.conversions if kind in line.kinds]
    fitting = [line for line in lines if role in line.roles and line.grounds.hold_on(on)]
    return next(iter(fitting or lines), None)


def unit_of(rule: Conversion | None) -> str:
    """In what an activity is counted under a rule: hours, items (events), characters or months."""
    rate = rule.rate if rule else None
    if isinstance(rate, Linear | Steps):
        return rate.unit
    if isinstance(rate, Deemed):
        return rate.unit or "items"
    return "items" if rate else "hours"


def needs_hours(rule: Conversion | None, role: str) -> bool:
    """Whether somebody attended something, so that its hours must be told (not of a paper or a year of study)."""
    return role in ATTENDED and unit_of(rule) in ("hours", "items") and not (rule and isinstance(rule.rate, Deemed))


def roles_of(policy: Policy) -> tuple[str, ...]:
    """The roles for which a policy has rules."""
    known = {role for line in policy.conversions for role in line.roles}
    return tuple(role for role in ROLES if role in known)


def choices_of(policy: Policy) -> dict[str, tuple[tuple[str, Decimal | None], ...]]:
    """By kind, what may be chosen and the credits each choice brings (None where they go by role too)."""
    found: dict[str, tuple[tuple[str, Decimal | None], ...]] = {}
    for line in policy.conversions:
        rate = line.rate
        if isinstance(rate, Choice | Ranks):
            offered = rate.rates if isinstance(rate, Choice) else tuple((rank, None) for rank, _ in rate.rates)
            for kind in line.kinds:
                found[kind] = found.get(kind, ()) + offered
    return found


def _may_be_left_out(policy: Policy, kind: str) -> bool:
    """Whether a rank is taken where none was chosen."""
    ranks = (line.rate for line in policy.conversions if kind in line.kinds and isinstance(line.rate, Ranks))
    return any(rate.spare is not None for rate in ranks)


def milli(amount: Decimal, field: str, unit: str) -> int:
    """An amount of `unit` in thousandths; raises Invalid naming the field for what nobody can have done."""
    most = MOST.get(unit, MOST_HOURS)
    if not amount.is_finite() or not 0 <= amount <= most:
        raise Invalid(fields={field: msg("要大于 0，最多 {most}。", most=format_hours(most))})
    try:
        return to_milli(amount)
    except ValueError as error:
        raise Invalid(fields={field: msg("最多三位小数。")}) from error


def faults_of(activity: Activity, card: PersonCard, policy: Policy | None) -> dict[str, Message]:
    """What is wrong with an activity, by field; the policy (None where no year's rules are known) decides the rest."""
    faults = dict(_date_faults(activity, policy))
    if not card.authority_path:
        faults["person_id"] = msg("这位医生还没有任职记录，不知道由哪里审核。请先登记任职。")
    if not activity.title.get("zh"):
        faults["title"] = msg("请写活动的名称。")
    faults |= dict(amount_faults(activity, policy))
    if policy is not None:
        faults |= dict(rule_faults(activity, policy))
    return faults


def _date_faults(activity: Activity, policy: Policy | None) -> Iterator[tuple[str, Message]]:
    if policy is None:
        yield "on_date", msg("{year} 年没有规则集，不能登记。", year=activity.on_date.year)
    if activity.started_on > activity.on_date:
        yield "on_date", msg("结束的日期比开始的早。")
    if activity.on_date > clock.today():
        yield "on_date", msg("这一天还没有到。")
    if activity.started_on.year < activity.on_date.year - MOST_YEARS:
        yield "started_on", msg("开始的日期太早了，请核对。")


def amount_faults(activity: Activity, policy: Policy | None) -> Iterator[tuple[str, Message]]:
    """Amounts that cannot be, by field."""
    rule = rule_for(policy, activity.kind, activity.role, activity.on_date) if policy else None
    if activity.quantity_milli <= 0:
        yield "quantity", msg("请写一个大于 0 的数，例如 6 或 4.5。")
    elif activity.unit in ("items", "characters") and activity.quantity_milli % 1000:
        yield "quantity", msg("次数和字数要写整数。")
    if activity.hours_milli <= 0 and needs_hours(rule, activity.role):
        yield "hours", msg("请写一个大于 0 的数，例如 6 或 4.5。")
    days = max(1, (activity.on_date - activity.started_on).days + 1)
    if from_milli(activity.hours_milli) > HOURS_A_DAY * days:
        yield (
            "hours",
            msg(
                "从开始到结束一共 {days} 天，不会超过 {most} 学时。请核对学时和开始日期。",
                days=days,
                most=HOURS_A_DAY * days,
            ),
        )


def rule_faults(activity: Activity, policy: Policy) -> Iterator[tuple[str, Message]]:
    """What a policy has no rule for or asks for besides, by field."""
    if activity.project_number is None and _by_project(policy, activity.kind):
        yield "project_number", msg("项目要写项目编号。")
    if activity.unit not in UNITS:
        yield "unit", msg("请从列出的几项里选一项。")
    lines = [line for line in policy.conversions if activity.kind in line.kinds]
    if not lines:
        yield "kind", msg("{year} 年的规则集里没有这类活动。", year=activity.on_date.year)
    roles = [role for role in ROLES if any(role in line.roles for line in lines)]
    if lines and activity.role not in roles:
        first = msg(ROLE_WORDS[roles[0]])
        yield "role", msg("这类活动没有这种身份的标准；有“{role}”的。请改身份，或者改类型。", role=first)
    offered = [name for name, _ in choices_of(policy).get(activity.kind, ())]
    left_out = activity.choice is None and _may_be_left_out(policy, activity.kind)
    if offered and activity.choice not in offered and not left_out:
        yield "choice", msg("请选这次活动按哪一种标准计。")
    elif activity.choice is not None and not offered:
        yield "choice", msg("这类活动没有可选的标准，请不要选。")


def _by_project(policy: Policy, kind: str) -> bool:
    """Whether credits of this kind are limited by project, so that its number must be known."""
    return any(cap.per is Per.PROJECT and kind in cap.kinds for cap in policy.caps)
