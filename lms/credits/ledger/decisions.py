"""Decisions as they are stored in an award: exact, small, and readable after the code has changed."""

from typing import Any

from lms.credits.rules.facts import Person
from lms.credits.rules.judging import Judgement, Reason


def stored(person: Person, judgement: Judgement) -> dict[str, Any]:
    """The decision with the person as it saw her."""
    return {
        "person": {"jurisdiction": person.jurisdiction, "population": person.population},
        "computed": str(judgement.computed),
        "awarded": str(judgement.awarded),
        "hours": str(judgement.hours),
        "reasons": [
            {"code": reason.code, "rule": reason.rule, "params": dict(reason.params)} for reason in judgement.reasons
        ],
    }


def reasons_of(decision: dict[str, Any]) -> tuple[Reason, ...]:
    """The reasons a stored decision gave."""
    return tuple(Reason(one["code"], one["rule"], tuple(sorted(one["params"].items()))) for one in decision["reasons"])
