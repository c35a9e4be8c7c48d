"""How well the rules find what was planted in an invented county, without a database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lms.credits.flags.population import Population, county
from lms.credits.flags.rules.copies import find_copies
from lms.credits.flags.rules.devices import find_devices
from lms.credits.flags.rules.facts import Finding, Kind
from lms.credits.flags.rules.paces import find_paces

MEASURED = (Kind.COPY, Kind.PACE, Kind.DEVICE)
BAR_RECALL, BAR_PRECISION = 0.9, 0.5
SIZE = 500
"""People of one county; the rules compare people of one county only."""


@dataclass(slots=True)
class Score:
    """Of one kind: people planted and those of them found, flags raised and those of them that meet a planted one."""

    planted: int = 0
    found: int = 0
    flags: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.flags if self.flags else 1.0

    def add(self, other: "Score") -> None:
        """Sum up."""
        self.planted += other.planted
        self.found += other.found
        self.flags += other.flags
        self.right += other.right

    def answer(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "planted": self.planted,
            "found": self.found,
            "flags": self.flags,
            "right": self.right,
            "recall": round(self.recall, 3),
            "precision": round(self.precision, 3),
        }


@dataclass(slots=True)
class Measured:
    """The scores of all counties together."""

    people: int
    seed: int
    scores: dict[Kind, Score] = field(default_factory=lambda: {kind: Score() for kind in MEASURED})

    @property
    def total(self) -> Score:
        """All kinds together."""
        whole = Score()
        for score in self.scores.values():
            whole.add(score)
        return whole

    @property
    def holds(self) -> bool:
        """Whether all kinds together reach the bars. Somebody who copies from one who errs nowhere leaves no trace, so
        that copying by itself stays near the bar; each kind is printed."""
        return self.total.recall >= BAR_RECALL and self.total.precision >= BAR_PRECISION

    def answer(self) -> dict[str, Any]:
        """As JSON."""
        kinds = {kind.value: score.answer() for kind, score in self.scores.items()}
        return {"people": self.people, "seed": self.seed, **kinds, "total": self.total.answer(), "holds": self.holds}


def judged(made: Population) -> list[Finding]:
    """What the rules find in a population."""
    return [
        *find_copies(made.sittings, made.workplaces, 2025),
        *find_paces(made.sittings),
        *find_devices(made.sittings, made.uses, made.workplaces, 2025),
    ]


def measure(people: int, seed: int, tell: Callable[[int], None] = lambda done: None) -> Measured:
    """Plant counties of SIZE people until there are so many, and judge each by itself."""
    measured = Measured(people, seed)
    done = number = 0
    while done < people:
        size = min(SIZE, people - done)
        made = county(size, seed * 1000 + number)
        for kind, score in _scores(made, judged(made)).items():
            measured.scores[kind].add(score)
        done, number = done + size, number + 1
        tell(done)
    return measured


def _scores(made: Population, findings: list[Finding]) -> dict[Kind, Score]:
    found = {}
    for kind in MEASURED:
        planted: set[UUID] = made.planted[kind]
        flags = [one for one in findings if one.kind == kind]
        reached = {person for one in flags for person in one.people} & planted
        right = sum(1 for one in flags if planted & set(one.people))
        found[kind] = Score(len(planted), len(reached), len(flags), right)
    return found
