"""Who must look at an award before it is final: the chain of an audit, by kind of activity."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lms.credits.rules.grounds import Grounds

LEVELS = ("unit", "county", "city", "province")


@dataclass(frozen=True, slots=True)
class Audit:
    """Levels that must approve, lowest first; none where nobody looks beforehand and some are drawn
    afterwards (`sampled`: their share). Above `second_person_above` credits two people must agree."""

    id: str
    kinds: tuple[str, ...]
    levels: tuple[str, ...]
    grounds: Grounds
    second_person_above: Decimal | None = None
    sampled: Fraction | None = None

    def needs_second_person(self, credits: Decimal) -> bool:
        return self.second_person_above is not None and credits > self.second_person_above


def takes_two(audit: Audit | None, credits: Decimal, house_limit: Decimal) -> bool:
    """Whether two persons must agree on an award: above the policy's limit for its kind, and where the policy names
    none, above the house's own."""
    if audit is not None and audit.second_person_above is not None:
        return audit.needs_second_person(credits)
    return credits > house_limit
