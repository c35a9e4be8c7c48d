"""The numbers of an edition as values: kept as JSON, put together over editions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeAlias, TypeVar

from lms.improving.rules import LEAST, pooled

Text: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LessonNumbers:
    """How many touched a lesson, finished it, stopped there; `times`: first to last touch (courses.counting.EDGES)."""

    key: str
    title: Text
    touched: int
    finished: int
    stopped: int
    times: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to one thing (a question, a lesson's rating): `number` people, and how they are spread over `counts`.

    A question: right, not right. A rating: from 1 to 5. A goal in knowledge tests: asked, and right on each occasion.
    Where too few answered, `counts` is empty."""

    key: str
    title: Text
    number: int
    counts: tuple[int, ...]

    @property
    def told(self) -> bool:
        """Whether more than the number of answers is said."""
        return bool(self.counts)


@dataclass(frozen=True, slots=True)
class Numbers:
    """One edition, or several put together. `idle`: stopped before touching anything; `at_test`: at the assessment.
    `twice`, `thrice`: knowledge tests by goal (see gains); none in what was counted before there were any."""

    started: int
    finished: int
    stopped: int
    idle: int
    at_test: int
    times: tuple[int, ...]
    lessons: tuple[LessonNumbers, ...]
    checks: tuple[Answers, ...]
    items: tuple[Answers, ...]
    ratings: tuple[Answers, ...]
    twice: tuple[Answers, ...] = ()
    thrice: tuple[Answers, ...] = ()

    @property
    def going(self) -> int:
        return self.started - self.finished - self.stopped


def as_json(numbers: Numbers) -> dict[str, Any]:
    """As it is kept."""
    return asdict(numbers)


def from_json(kept: Mapping[str, Any]) -> Numbers:
    """As it was kept."""
    # What a later version counted besides is not for this one.
    found: dict[str, Any] = {one.name: kept[one.name] for one in fields(Numbers) if one.name in kept}
    found["times"] = tuple(kept["times"])
    for name in ("checks", "items", "ratings", "twice", "thrice"):
        found[name] = tuple(map(_answers, kept.get(name, ())))
    found["lessons"] = tuple(LessonNumbers(**{**one, "times": tuple(one["times"])}) for one in kept["lessons"])
    return Numbers(**found)


def _answers(one: Mapping[str, Any]) -> Answers:
    return Answers(one["key"], one["title"], one["number"], tuple(one["counts"]))


def together(editions: Sequence[Numbers]) -> Numbers:
    """Several editions, the newest first: lessons and questions of the same name are the same, worded as the
    newest says. Answers are put together as `rules.pooled` says."""
    return Numbers(
        started=sum(one.started for one in editions),
        finished=sum(one.finished for one in editions),
        stopped=sum(one.stopped for one in editions),
        idle=sum(one.idle for one in editions),
        at_test=sum(one.at_test for one in editions),
        times=_sums(one.times for one in editions),
        lessons=tuple(_lesson(same) for same in _by_key(one.lessons for one in editions)),
        checks=_pool(one.checks for one in editions),
        items=_pool(one.items for one in editions),
        ratings=_pool(one.ratings for one in editions),
        twice=_pool(one.twice for one in editions),
        thrice=_pool(one.thrice for one in editions),
    )


def told(numbers: Numbers) -> Numbers:
    """One edition as it may be shown: of few answers only their number."""
    return together([numbers])


def _lesson(same: Sequence[LessonNumbers]) -> LessonNumbers:
    return LessonNumbers(
        same[0].key,
        same[0].title,
        sum(one.touched for one in same),
        sum(one.finished for one in same),
        sum(one.stopped for one in same),
        _sums(one.times for one in same),
    )


def _pool(groups: Iterable[Sequence[Answers]]) -> tuple[Answers, ...]:
    found = []
    for same in _by_key(groups):
        number = sum(one.number for one in same)
        kept = [one for one, put in zip(same, pooled([one.number for one in same]), strict=True) if put]
        if sum(one.number for one in kept) < LEAST:
            found.append(Answers(same[0].key, same[0].title, number, ()))
            continue
        counted = sum(one.number for one in kept)
        found.append(Answers(same[0].key, same[0].title, counted, _sums(one.counts for one in kept)))
    return tuple(found)


K = TypeVar("K", LessonNumbers, Answers)


def _by_key(groups: Iterable[Sequence[K]]) -> list[list[K]]:
    """Things of the same key together; in the order of the newest edition, then what only older ones had."""
    found: dict[str, list[K]] = {}
    for group in groups:
        for one in group:
            found.setdefault(one.key, []).append(one)
    return list(found.values())


def _sums(rows: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*rows, strict=True))


