"""A decision as the JSON that the outside may rely on: decimals are strings."""

from decimal import Decimal
from typing import Any

from lms.credits.rules.because import Reason
from lms.credits.rules.counting import CategoryCount
from lms.credits.rules.deciding import Decision, Line
from lms.credits.rules.grounds import Measure
from lms.credits.rules.periods import PeriodCount
from lms.credits.rules.requiring import Minimum
from lms.credits.rules.shares import ShareCount
from lms.credits.rules.words import words
from lms.kernel.quantities import format_credits, format_hours


def answer(decision: Decision) -> dict[str, Any]:
    """The answer of `credits decide`. What not every policy or case has is there only where it has
    something to say: `categories`, `shares`, `periods`, `minima`, `carried`, `reasons`, a line's `late`."""
    found: dict[str, Any] = {
        "policy": decision.policy,
        "year": decision.year,
        "compliance": decision.compliance.value,
        "computed": _credits(decision.computed),
        "awarded": _credits(decision.awarded),
        "counted": _credits(decision.counted),
        "hours": _hours(decision.hours),
        "gap_credits": _credits(decision.gap_credits),
        "gap_hours": _hours(decision.gap_hours),
        "deadline": decision.deadline.isoformat(),
        "lines": [_line(line) for line in decision.lines],
    }
    if decision.categories:
        found["categories"] = {one.id: _category(one) for one in decision.categories}
    if decision.shares:
        found["shares"] = [_share(one) for one in decision.shares]
    if decision.periods:
        found["periods"] = [_period(one) for one in decision.periods]
    if decision.minima:
        found["minima"] = {one.measure.value: _minimum(one) for one in decision.minima}
    if decision.carried is not None:
        found["carried"] = _credits(decision.carried)
    if decision.reasons:
        found["reasons"] = [reason_answer(reason) for reason in decision.reasons]
    return found


def reason_answer(reason: Reason) -> dict[str, Any]:
    """One reason: code, rule of the policy, numbers, and the sentence in the source language."""
    return {
        "code": reason.code,
        "rule": reason.rule,
        "params": dict(reason.params),
        "text": str(words(reason)),
    }


def _line(line: Line) -> dict[str, Any]:
    found: dict[str, Any] = {
        "fact": line.fact,
        "computed": _credits(line.computed),
        "awarded": _credits(line.awarded),
        "counted": _credits(line.counted),
        "hours": _hours(line.hours),
        "reasons": [reason_answer(reason) for reason in line.reasons],
    }
    if line.late:
        found["late"] = True
    return found


def _category(one: CategoryCount) -> dict[str, Any]:
    return {
        "awarded": _credits(one.awarded),
        "counted": _credits(one.counted),
        "minimum": None if one.minimum is None else _credits(one.minimum),
        "maximum": None if one.maximum is None else _credits(one.maximum),
        "gap_credits": _credits(one.gap),
    }


def _share(one: ShareCount) -> dict[str, Any]:
    return {
        "id": one.id,
        "measure": one.measure.value,
        "share": str(one.share),
        "have": _amount(one.measure, one.have),
        "total": _amount(one.measure, one.total),
        "gap": _amount(one.measure, one.gap),
    }


def _period(one: PeriodCount) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": one.id,
        "measure": one.measure.value,
        "from_year": one.from_year,
        "until_year": one.until_year,
        "have": _amount(one.measure, one.have),
        "need": _amount(one.measure, one.need),
        "gap": _amount(one.measure, one.gap),
        "state": one.state.value,
        "deadline": one.deadline.isoformat(),
    }
    if one.floor is not None:
        found["floor"] = _amount(one.measure, one.floor)
        found["short_years"] = list(one.short_years)
    return found


def _minimum(one: Minimum) -> dict[str, Any]:
    need = None if one.need is None else _amount(one.measure, one.need)
    return {"need": need, "by": "unit" if one.by_unit else "policy"}


def _amount(measure: Measure, amount: Decimal) -> str:
    """Credits with a decimal as everywhere, hours and awards without one they do not need."""
    return _credits(amount) if measure is Measure.CREDITS else _hours(amount)


def _credits(amount: Decimal) -> str:
    # Machines read this: the house's format without the thousands separator.
    return format_credits(amount).replace(",", "")


def _hours(amount: Decimal) -> str:
    return format_hours(amount).replace(",", "")
