"""From answers to a grade, exactly: no rounding lifts or sinks anybody over the pass mark."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lms.assessments.rules.drawing import Form
from lms.items.base import WHOLE, Item, Response


@dataclass(frozen=True)
class ItemGrade:
    """What one question brought; `position` counts from 1."""

    position: int
    code: str
    answered: bool
    score: Fraction

    @property
    def right(self) -> bool:
        return self.score == WHOLE


@dataclass(frozen=True)
class Grade:
    """The result of an attempt."""

    items: tuple[ItemGrade, ...]
    score: Fraction
    percent: int
    passed: bool

    @property
    def right_count(self) -> int:
        return sum(item.right for item in self.items)

    @property
    def score_milli(self) -> int:
        """Points in thousandths, rounded down; shown, never judged by."""
        return self.score.numerator * 1000 // self.score.denominator


def grade(form: Form, items: Mapping[str, Item], answers: Mapping[int, Response], pass_mark: int) -> Grade:
    """Grade the answers by position. Every question weighs the same; none answered counts nothing.

    `percent` is rounded down, so that it reaches the pass mark exactly when the score does.
    """
    lines = []
    for position, asked in enumerate(form, 1):
        response = answers.get(position)
        score = items[asked.code].score(response)
        lines.append(ItemGrade(position, asked.code, response is not None, score))
    total = sum((line.score for line in lines), Fraction(0))
    share = total * 100 / len(lines) if lines else Fraction(0)
    percent = share.numerator // share.denominator
    return Grade(tuple(lines), total, percent, bool(lines) and share >= pass_mark)


def grade_to_json(result: Grade) -> list[list[Any]]:
    """The lines of a grade as they are kept: position, code, answered, score as a fraction."""
    return [[line.position, line.code, line.answered, str(line.score)] for line in result.items]


def lines_from_json(kept: list[list[Any]] | None) -> tuple[ItemGrade, ...]:
    """The lines that were kept with the attempt."""
    return tuple(ItemGrade(position, code, answered, Fraction(score)) for position, code, answered, score in kept or [])
