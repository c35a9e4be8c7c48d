"""A decision as the JSON that the outside may rely on: decimals are strings."""

from decimal import Decimal
from typing import Any

from lms.credits.rules.counting import CategoryCount
from lms.credits.rules.deciding import Decision, Line
from lms.credits.rules.judging import Reason
from lms.credits.rules.words import words
from lms.kernel.quantities import format_credits, format_hours


def answer(decision: Decision) -> dict[str, Any]:
    """The answer of `credits decide`; `categories` only where the policy keeps more than one book."""
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
    return {
        "fact": line.fact,
        "computed": _credits(line.computed),
        "awarded": _credits(line.awarded),
        "counted": _credits(line.counted),
        "hours": _hours(line.hours),
        "reasons": [reason_answer(reason) for reason in line.reasons],
    }


def _category(one: CategoryCount) -> dict[str, Any]:
    return {
        "awarded": _credits(one.awarded),
        "counted": _credits(one.counted),
        "minimum": None if one.minimum is None else _credits(one.minimum),
        "maximum": None if one.maximum is None else _credits(one.maximum),
        "gap_credits": _credits(one.gap),
    }


def _credits(amount: Decimal) -> str:
    # Machines read this: the house's format without the thousands separator.
    return format_credits(amount).replace(",", "")


def _hours(amount: Decimal) -> str:
    return format_hours(amount).replace(",", "")
