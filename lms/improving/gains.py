"""What learners knew before a course, after it and three months later: who is counted, and how it is told. Pure.

Only those count who took both tests (before, after), and of their questions only those that both asked. They are kept
as two groups that share nobody: `twice` came before and after, `thrice` three months later too. So every number that is
shown is a sum of groups that `rules.pooled` judged, and nobody can be found by subtracting one table from another.
"""

from collections.abc import Iterable, Mapping, Sequence

from lms.improving.numbers import Answers, Text
from lms.improving.rules import LEAST, OCCASIONS

WHOLE = ""
"""The key of the row about all goals together."""
Marks = Mapping[str, bool]


class Gathered:
    """Tests of one edition, added person by person."""

    def __init__(self, goal_of: Mapping[str, str]) -> None:
        """`goal_of`: the goal of each question of the edition, by code."""
        self._goal_of = goal_of
        self._groups: dict[int, dict[str, list[int]]] = {2: {}, 3: {}}

    def add(self, tests: Mapping[str, Marks]) -> None:
        """One round: her tests by occasion."""
        if "before" not in tests or "after" not in tests:
            return
        taken = [tests[name] for name in OCCASIONS if name in tests]
        common = self._goal_of.keys() & set.intersection(*(set(one) for one in taken))
        if not common:
            return
        for key in {WHOLE, *(self._goal_of[code] for code in common)}:
            codes = [code for code in common if key in (WHOLE, self._goal_of[code])]
            row = self._groups[len(taken)].setdefault(key, [0] * (len(taken) + 2))
            for place, number in enumerate((1, len(codes), *(sum(one[code] for code in codes) for one in taken))):
                row[place] += number

    def answers(self, group: int, titles: Mapping[str, Text]) -> tuple[Answers, ...]:
        """A group (2: before and after; 3: three months later too) by goal, in the order of `titles`: people, and
        (questions asked of them, right before, right after, right later)."""
        found = self._groups[group]
        return tuple(
            Answers(key, title, found[key][0], tuple(found[key][1:])) for key, title in titles.items() if key in found
        )


def gather(rounds: Iterable[Mapping[str, Marks]], goal_of: Mapping[str, str]) -> Gathered:
    """All rounds of an edition."""
    gathered = Gathered(goal_of)
    for tests in rounds:
        gathered.add(tests)
    return gathered


def pairs(twice: Sequence[Answers], thrice: Sequence[Answers]) -> tuple[Answers, ...]:
    """Everybody who came before and after, by goal, of what may be told: the groups that are told, put together."""
    groups: dict[str, list[Answers]] = {}
    for one in (*twice, *thrice):
        groups.setdefault(one.key, []).append(one)
    return summed([_joined(same) for same in groups.values()])


def _joined(same: Sequence[Answers]) -> Answers:
    told = [one for one in same if one.told]
    number = sum(one.number for one in told or same)
    counts = tuple(sum(column) for column in zip(*(one.counts[:3] for one in told), strict=True))
    return Answers(same[0].key, same[0].title, number, counts)


def summed(rows: Sequence[Answers]) -> tuple[Answers, ...]:
    """The row of all goals is what the rows of goals that are told add up to: a goal that is not told would else be
    what is left when the others are taken away."""
    told = [one.counts for one in rows if one.key != WHOLE and one.told]
    whole = tuple(sum(column) for column in zip(*told, strict=True))
    return tuple(
        Answers(one.key, one.title, one.number, whole if one.number >= LEAST else ()) if one.key == WHOLE else one
        for one in rows
    )
