"""The numbers of a course as pictures draw them: the same that stand in the tables, of few answers only how many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lms.improving.gains import pairs, summed
from lms.improving.numbers import Answers, Numbers
from lms.improving.rules import LEAST, mean, share
from lms.kernel.i18n import in_locale

MOST_ROWS = 20
"""Questions that are drawn, the hardest; all of them stand in the table."""
SHORT, MIDDLE = 2, 3
"""How many of courses.counting.EDGES lie up to ten minutes, and up to an hour."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing and its number; `value` is None where too few answered."""

    title: str
    value: Decimal | None
    number: int


@dataclass(frozen=True, slots=True)
class Span:
    """A lesson and how many needed up to ten minutes, up to an hour, longer; nothing in `parts` where they are few."""

    title: str
    number: int
    parts: tuple[int, ...]


def lesson_bars(numbers: Numbers) -> tuple[tuple[str, int, int], ...]:
    """Each lesson's title, who finished it, who stopped there."""
    return tuple(
        (f"{place} {in_locale(one.title)}", one.finished, one.stopped)
        for place, one in enumerate(numbers.lessons, 1)
    )


def time_bars(numbers: Numbers) -> tuple[Span, ...]:
    """Lessons that somebody touched twice: between one touch there is no time."""
    return tuple(
        Span(f"{place} {in_locale(one.title)}", people, _spans(one.times) if people >= LEAST else ())
        for place, one in enumerate(numbers.lessons, 1)
        if (people := sum(one.times))
    )


def _spans(times: Sequence[int]) -> tuple[int, int, int]:
    return sum(times[:SHORT]), sum(times[SHORT:MIDDLE]), sum(times[MIDDLE:])


def right_bars(answers: Sequence[Answers]) -> tuple[Bar, ...]:
    """Questions with the share right in per cent, the hardest first; behind them those that few answered."""
    found = _bars(answers, lambda one: share(one.counts[0], one.number))
    return tuple(sorted(found, key=lambda one: (one.value is None, one.value or 0)))[:MOST_ROWS]


def rating_bars(ratings: Sequence[Answers]) -> tuple[Bar, ...]:
    """Lessons, and the course, with the mean of their ratings from 1 to 5."""
    return tuple(_bars(ratings, lambda one: mean(sum(n * count for n, count in enumerate(one.counts, 1)), one.number)))


def _bars(answers: Sequence[Answers], value: Callable[[Answers], Decimal | None]) -> list[Bar]:
    return [
        Bar(in_locale(one.title), value(one) if one.told else None, one.number) for one in answers if one.number
    ]


def gain_bars(numbers: Numbers) -> tuple[tuple[str, int, tuple[Decimal, ...]], ...]:
    """Goals of which enough is known, people, and per cent right before, after (and, where this is told, three months
    later, of those who came then too)."""
    later = {one.key: one for one in summed(numbers.thrice) if one.told}
    found = []
    for one in pairs(numbers.twice, numbers.thrice):
        shown = later.get(one.key, one)
        if shown.told:
            asked, *right = shown.counts
            shares = tuple(percent for part in right if (percent := share(part, asked)) is not None)
            found.append((in_locale(shown.title), shown.number, shares))
    return tuple(found)
