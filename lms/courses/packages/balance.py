"""Whether questions give their answers away: where the key stands, how long it is, stems that are alike; and objectives
that hardly anything asks for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from lms.courses.packages.fields import Findings
from lms.courses.packages.marks import MARK
from lms.courses.packages.package import Objective
from lms.courses.packages.reading_time import LETTER
from lms.items.base import Item
from lms.items.single_choice import SingleChoice
from lms.kernel.text import msg

OPTIONS = 4
MOST_LONGEST = 0.4
"""Share of questions whose key is longer than every other option, above which length tells."""
FEWEST = 12
"""Questions from which a share says something."""
UNEVEN = 11.34
"""Chi-squared of four places (three degrees of freedom) that chance exceeds once in a hundred times."""
ALIKE = 0.7
"""Share of their pairs of neighbouring letters that two stems have in common, above which they are alike."""
FEWEST_LETTERS, MOST_LETTERS = 8, 300
MOST_COMPARED, MOST_TOLD = 500, 20
FEWEST_ASKED = 2


@dataclass(frozen=True, slots=True)
class Balance:
    """`places`: how often the key is the first, second, third, fourth of four options; `longest`: of how many of
    `chosen` single choices the key is longer than every other option."""

    places: tuple[int, ...]
    longest: int
    chosen: int

    @property
    def chi_squared(self) -> float:
        """Of the places against all being alike; 0 where there are none."""
        expected = sum(self.places) / OPTIONS
        return sum((count - expected) ** 2 / expected for count in self.places) if expected else 0.0

    @property
    def longest_share(self) -> float:
        return self.longest / self.chosen if self.chosen else 0.0


def balance(items: Iterable[Item]) -> Balance:
    """How the keys of single choices stand, by the Chinese text."""
    places: Counter[int] = Counter()
    longest = chosen = 0
    for item in items:
        if not isinstance(item, SingleChoice):
            continue
        key = next(place for place, option in enumerate(item.options) if option.correct)
        lengths = [len(option.text["zh"]) for option in item.options]
        chosen += 1
        longest += all(lengths[key] > length for place, length in enumerate(lengths) if place != key)
        if len(item.options) == OPTIONS:
            places[key] += 1
    return Balance(tuple(places[place] for place in range(OPTIONS)), longest, chosen)


def alike(items: Sequence[Item]) -> Iterator[tuple[Item, Item]]:
    """Pairs of questions whose stems are nearly the same, of those that are written and long enough to tell."""
    written = (item for item in items if not MARK.search(item.stem["zh"]))
    long = [item for item in written if len(LETTER.findall(item.stem["zh"])) >= FEWEST_LETTERS][:MOST_COMPARED]
    pairs = [_pairs_of_letters(item.stem["zh"]) for item in long]
    for place, item in enumerate(long):
        for other in range(place):
            common = len(pairs[place] & pairs[other])
            if common > ALIKE * (len(pairs[place]) + len(pairs[other]) - common):
                yield long[other], item


def _pairs_of_letters(stem: str) -> frozenset[str]:
    return frozenset(first + second for first, second in pairwise(stem[:MOST_LETTERS]))


def judge_balance(items: Sequence[Item], objectives: Iterable[Objective], findings: Findings) -> None:
    """Hints only: an author may have her reasons."""
    found = balance(items)
    if found.chosen >= FEWEST and found.longest_share > MOST_LONGEST:
        share = round(100 * found.longest_share)
        findings.hint("", 0, msg("{share}% 的单选题里正确选项最长，看长短就能猜", share=share))
    if sum(found.places) >= FEWEST and found.chi_squared > UNEVEN:
        places = " ".join(map(str, found.places))
        findings.hint("", 0, msg("正确选项的位置不匀：第一到第四各 {places} 次", places=places))
    for first, second in islice(alike(items), MOST_TOLD):
        findings.hint("", 0, msg("{one} 和 {other} 的题干几乎一样", one=first.code, other=second.code))
    asked = Counter(item.objective for item in items if item.use == "assessment")
    for objective in objectives:
        if asked and asked[objective.id] < FEWEST_ASKED:
            findings.hint("", 0, msg("考目标 {name} 的题不到 {fewest} 道", name=objective.id, fewest=FEWEST_ASKED))
