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
