"""What counted in earlier years, as rules over several years need it."""

from dataclasses import dataclass
from decimal import Decimal

from lms.credits.rules.because import NOTHING


@dataclass(frozen=True, slots=True)
class Past:
    """Part of an earlier year: of one kind and category, or of no kind in particular.

    `credits` and `hours` are what counted then, `awards` how many there were, `excess` what was
    over that year's requirement and has not been carried into another year yet.
    """

    year: int
    kind: str | None = None
    category: str | None = None
    credits: Decimal = NOTHING
    hours: Decimal = NOTHING
    awards: int = 0
    excess: Decimal = NOTHING
