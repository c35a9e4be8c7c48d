"""Which parts of a syllabus to prepare first, from the answers given so far.

The rule: of `answered` questions of an area `right` were right; what is compared is the upper end of the Wilson
interval (95 %) for the share right. An area is called weak only as far as its answers show it: 0 of 1 (at most 79 %)
stands behind 10 of 30 (at most 51 %), and behind it again what was never asked (at most 100 %), which is named
separately as not known. No area weighs more than another: how many questions an examination asks of each is not
reckoned in, since nothing public says so for certain."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import sqrt

Z = 1.959963984540054  # of the normal distribution, for 95 %


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered of one area: how many questions, how many right, and when last (None: never).

    Raises ValueError where more are right than were answered."""

    area: str
    answered: int
    right: int
    last_on: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.answered:
            raise ValueError(f"{self.area}: {self.right} right of {self.answered}")


@dataclass(frozen=True, slots=True)
class Weakness:
    """One area in order of preparation. `share`: right of answered (0–1, None: never asked); `at_most`: the upper end
    of the interval in which the share of all such questions lies; `known`: whether anything was answered."""

    area: str
    answered: int
    right: int
    share: float | None
    at_most: float
    last_on: date | None

    @property
    def known(self) -> bool:
        return self.answered > 0


def weakest(counts: Iterable[Answered]) -> tuple[Weakness, ...]:
    """Areas, weakest first; of two alike, the one answered longest ago. Raises ValueError on an area named twice."""
    all_ = list(counts)
    twice = [area for area, times in Counter(one.area for one in all_).items() if times > 1]
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}")
    found = (
        Weakness(
            area=one.area,
            answered=one.answered,
            right=one.right,
            share=one.right / one.answered if one.answered else None,
            at_most=upper(one.right, one.answered),
            last_on=one.last_on,
        )
        for one in all_
    )
    return tuple(sorted(found, key=lambda one: (not one.known, one.at_most, one.last_on or date.min, one.area)))


def upper(right: int, answered: int) -> float:
    """The upper end of the Wilson interval for a share; 1 where all were right, or nothing was answered."""
    if right == answered:
        return 1.0
    share, squared = right / answered, Z * Z
    middle = share + squared / (2 * answered)
    around = Z * sqrt(share * (1 - share) / answered + squared / (4 * answered * answered))
    return min(1.0, (middle + around) / (1 + squared / answered))
