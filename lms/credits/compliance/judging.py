"""A person's year as a row: what `rules.counting.count` says of her awards, in thousandths. Reads nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from lms.credits import policies
from lms.credits.lines import COUNTING
from lms.credits.rules.counting import CategoryCount, Compliance, Count, count
from lms.credits.rules.facts import Person
from lms.credits.statements import as_held

CREDITS, HOURS = "credits", "hours"
CATEGORY = "#"


@dataclass(frozen=True, slots=True)
class Result:
    """What a year has come to; amounts in thousandths, None where nothing is required."""

    policy: str | None
    compliance: str
    lacking: str
    counted_milli: int
    hours_milli: int
    need_credits_milli: int | None
    need_hours_milli: int | None
    gap_credits_milli: int
    gap_hours_milli: int
    categories: list[dict[str, Any]]


def judged(person: Person, year: int, awards: Iterable[Any]) -> Result:
    """The year of a person from her award rows (as `statements.as_held` takes them), whatever their states.

    The same policy, awards and count as her statement has. Unknown where no policy is in force.
    """
    policy = policies.for_person(person, year)
    if policy is None:
        return Result(None, Compliance.UNKNOWN.value, "", 0, 0, None, None, 0, 0, [])
    held = [as_held(award) for award in awards if award.state in COUNTING]
    total = count(policy, person, year, held)
    return Result(
        policy=policy.version,
        compliance=total.compliance.value,
        lacking=" ".join(_lacking(total)),
        counted_milli=_have(total.total),
        hours_milli=_have(total.hours),
        need_credits_milli=_need(total.need_credits),
        need_hours_milli=_need(total.need_hours),
        gap_credits_milli=_lack(total.gap_credits),
        gap_hours_milli=_lack(total.gap_hours),
        categories=[_category(one) for one in total.categories],
    )


def _lacking(total: Count) -> list[str]:
    """What a failed year lacks; nothing is lacking where nothing is required or known."""
    if total.compliance is not Compliance.FAIL:
        return []
    named = [word for word, gap in ((CREDITS, total.gap_credits), (HOURS, total.gap_hours)) if gap]
    return named + [f"{CATEGORY}{one.id}" for one in total.categories if one.gap]


def _category(one: CategoryCount) -> dict[str, Any]:
    return {
        "id": one.id,
        "awarded": _have(one.awarded),
        "counted": _have(one.counted),
        "minimum": _need(one.minimum),
        "gap": _lack(one.gap),
    }


# A rule may divide, so that an amount is finer than a thousandth: never more is told than there is,
# and never less than is lacking.
def _have(amount: Decimal) -> int:
    return int((amount * 1000).to_integral_value(ROUND_FLOOR))


def _lack(amount: Decimal) -> int:
    return int((amount * 1000).to_integral_value(ROUND_CEILING))


def _need(amount: Decimal | None) -> int | None:
    return None if amount is None else _lack(amount)
