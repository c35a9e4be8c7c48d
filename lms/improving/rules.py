"""Judgements about numbers of few people, without a database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

LEAST = 5
"""Of fewer answers only their number is said: a share of three people says who said what."""
STOPPED_DAYS = 30
"""Who has not touched a course for so long has stopped."""
FOLLOW_UP_DAYS = 90
"""How long after finishing a learner is asked about her practice, and what she still knows."""
OCCASIONS = ("before", "after", "kept")
"""When the knowledge test of a course is taken: before the first lesson, after finishing, three months later."""


def share(part: int, whole: int) -> Decimal | None:
    """Per cent with one decimal; None where too few answered."""
    if whole < LEAST:
        return None
    return (Decimal(part * 100) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def occasion(*, touched: bool, finished_at: datetime | None, now: datetime) -> str | None:
    """Which of OCCASIONS is open in a round; they follow each other, never two at a time. None while she learns."""
    if finished_at is None:
        return None if touched else "before"
    return "kept" if now >= finished_at + timedelta(days=FOLLOW_UP_DAYS) else "after"


def mean(total: int | Decimal, number: int) -> Decimal | None:
    """The mean with one decimal; None where too few answered."""
    if number < LEAST:
        return None
    return (Decimal(total) / number).quantize(Decimal("0.1"), ROUND_HALF_UP)


def pooled(numbers: Sequence[int]) -> tuple[bool, ...]:
    """Which of several groups (how many answered in each) are put together.

    Groups with fewer than LEAST are told by themselves as a number only. If together they are still so few, whoever
    subtracted the others from the whole would know what they said: then they stay out of the whole too.
    """
    small = sum(number for number in numbers if number < LEAST)
    together = small == 0 or small >= LEAST
    return tuple(number >= LEAST or (together and number > 0) for number in numbers)
