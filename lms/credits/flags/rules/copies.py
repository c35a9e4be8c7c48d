"""Answers copied between two people: told by common wrong answers, weighed against what chance would do.

For each question both have met there is a chance that one, who does not know of the other, gives the other's very
answer: its share among all of the county who met the question, moved by how often she errs herself. Where she copies a
share c of her answers, it is c + (1 - c) times that chance. The quotient, multiplied over a course, says how many times
more probable her answers are if she copied; courses in which she did not copy must not speak for anybody, so each
counts as half copied, half not. Either of the two may be the one who copied, so the pair is symmetric.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import exp, log
from typing import TypeAlias
from uuid import UUID

from lms.credits.flags.rules.facts import Finding, Kind, Sitting
from lms.credits.flags.rules.limits import (
    COPIED,
    HIGHEST_SHARE,
    LEAST_LIKE,
    LEAST_SAME,
    MOST_UNLIKE,
    OPTIONS,
    SMOOTHING,
    TALKED,
    TIMES_FAR,
    TIMES_NEAR,
)

Question: TypeAlias = tuple[str, str]
MOST_POWER = 12
"""Shown as no more than ten to this."""


@dataclass(slots=True)
class Sheet:
    """All that one person answered, the first answer to each question: later ones may follow an explanation."""

    right: set[Question] = field(default_factory=set)
    wrong: dict[Question, str] = field(default_factory=dict)

    @property
    def odds(self) -> float:
        """How often she errs against how often not, softened."""
        return (len(self.wrong) + 1) / (len(self.right) + 3)

    def met(self, question: Question) -> bool:
        return question in self.right or question in self.wrong


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of a pair: questions both met, those where both gave the same wrong answer, and how many times more probable
    (natural logarithm) their answers are if one copied."""

    compared: int
    same: tuple[Question, ...]
    weight: float


@dataclass(slots=True)
class Answers:
    """What the people of a county answered, and how often each answer was given."""

    sheets: dict[UUID, Sheet] = field(default_factory=dict)
    given: Counter[Question] = field(default_factory=Counter)
    erred: Counter[tuple[Question, str]] = field(default_factory=Counter)
    missed: Counter[Question] = field(default_factory=Counter)

    def share(self, question: Question, response: str | None) -> float:
        """The share of a wrong answer (None: of all wrong ones) among all who met the question, softened."""
        if response is None:
            return (self.missed[question] + SMOOTHING / 2) / (self.given[question] + SMOOTHING)
        return (self.erred[question, response] + SMOOTHING / OPTIONS) / (self.given[question] + SMOOTHING)

    @property
    def odds(self) -> float:
        """How often everybody errs against how often not."""
        wrong = self.missed.total()
        return (wrong + 1) / (self.given.total() - wrong + 3)


def collect(sittings: Iterable[Sitting]) -> Answers:
    """Everybody's first answers, counted."""
    found = Answers()
    for sitting in sorted(sittings, key=lambda one: (one.started_at, one.id)):
        sheet = found.sheets.setdefault(sitting.person_id, Sheet())
        for reply in sitting.replies:
            question = (sitting.course, reply.item)
            if sheet.met(question):
                continue
            found.given[question] += 1
            if reply.right:
                sheet.right.add(question)
            else:
                sheet.wrong[question] = reply.response
                found.missed[question] += 1
                found.erred[question, reply.response] += 1
    return found


def likeness(found: Answers, first: Sheet, second: Sheet, *, near: bool) -> Likeness:
    """How alike two people answered; `near`: they are colleagues, who agree more often than strangers."""
    talked = TALKED if near else 0.0
    same = tuple(sorted(q for q, response in first.wrong.items() if second.wrong.get(q) == response))
    compared = sum(second.met(q) for q in first.wrong) + sum(second.met(q) for q in first.right)
    return Likeness(compared, same, max(_weight(found, first, second, talked), _weight(found, second, first, talked)))


def _weight(found: Answers, source: Sheet, other: Sheet, talked: float) -> float:
    """How many times more probable (natural logarithm) `other`'s answers are if she copied from `source`."""
    ease = other.odds / found.odds
    by_course: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(COPIED))
    for question, response in source.wrong.items():
        if other.met(question):
            chance = talked + (1 - talked) * _moved(found.share(question, response), ease)
            _add(by_course[question[0]], chance, agrees=other.wrong.get(question) == response)
    for question in source.right:
        if other.met(question):
            chance = talked + (1 - talked) * (1 - _moved(found.share(question, None), ease))
            _add(by_course[question[0]], chance, agrees=question in other.right)
    return sum(_half(max(sums)) for sums in by_course.values())


def _add(sums: list[float], chance: float, *, agrees: bool) -> None:
    chance = min(HIGHEST_SHARE, chance)
    for place, copied in enumerate(COPIED):
        sums[place] += log(copied / chance + 1 - copied) if agrees else log(1 - copied)


def _half(weight: float) -> float:
    """The mean of copied and not copied, without overflow."""
    return weight - log(2) + log(1 + exp(-weight)) if weight > 0 else log((exp(weight) + 1) / 2)


def _moved(share: float, ease: float) -> float:
    odds = ease * share / (1 - share)
    return min(HIGHEST_SHARE, odds / (1 + odds))


@dataclass(frozen=True, slots=True)
class _Marks:
    """A sheet as bits: one a question met, one a question missed, one a wrong answer; and how often she errs."""

    met: int
    missed: int
    wrong: int
    error: float


def pairs(found: Answers, new: Collection[UUID] | None = None) -> Iterator[tuple[UUID, UUID]]:
    """Pairs alike enough to be weighed, at least one of them in `new` (None: whoever)."""
    marks = _marks(found)
    people = sorted(marks)
    fresh = people if new is None else [one for one in people if one in new]
    chosen = set(fresh)
    for place, first in enumerate(people):
        mine = marks[first]
        for second in people[place + 1 :] if first in chosen else fresh[bisect_right(fresh, first) :]:
            hers = marks[second]
            same = (mine.wrong & hers.wrong).bit_count()
            if same < LEAST_SAME:
                continue
            erred = min((mine.missed & hers.met).bit_count(), (hers.missed & mine.met).bit_count())
            if same < LEAST_LIKE * erred:
                continue
            met = (mine.met & hers.met).bit_count()
            right = (mine.met & hers.met & ~(mine.missed | hers.missed)).bit_count()
            unlike = mine.error * (1 - hers.error) + hers.error * (1 - mine.error)
            if met - right - same <= MOST_UNLIKE * unlike * met:
                yield first, second


def _marks(found: Answers) -> dict[UUID, _Marks]:
    questions = {question: 1 << place for place, question in enumerate(sorted(found.given))}
    answers = {answer: 1 << place for place, answer in enumerate(sorted(found.erred))}
    return {
        person_id: _Marks(
            sum(questions[q] for q in (*sheet.right, *sheet.wrong)),
            sum(questions[q] for q in sheet.wrong),
            sum(answers[key] for key in sheet.wrong.items()),
            sheet.odds / (1 + sheet.odds),
        )
        for person_id, sheet in found.sheets.items()
    }


def find_copies(
    sittings: Iterable[Sitting], workplaces: Mapping[UUID, str], year: int, new: Collection[UUID] | None = None
) -> list[Finding]:
    """One finding a pair and year."""
    found = collect(sittings)
    findings = []
    for first, second in pairs(found, new):
        near = bool(workplaces.get(first)) and workplaces.get(first) == workplaces.get(second)
        alike = likeness(found, found.sheets[first], found.sheets[second], near=near)
        if alike.weight >= log(TIMES_NEAR if near else TIMES_FAR):
            findings.append(_finding(found, first, second, alike, near, year))
    return findings


def _finding(found: Answers, first: UUID, second: UUID, alike: Likeness, near: bool, year: int) -> Finding:
    power = min(MOST_POWER, alike.weight / log(10))
    wrong = found.sheets[first].wrong
    evidence = {
        "compared": alike.compared,
        "same": [
            {"course": q[0], "item": q[1], "response": wrong[q], "share": round(found.share(q, wrong[q]), 3)}
            for q in alike.same
        ],
        "times_power": int(power),
        "colleagues": near,
    }
    return Finding(Kind.COPY, f"{first}:{second}:{year}", (first, second), round(alike.weight / log(10), 3), evidence)
