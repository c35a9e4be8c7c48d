"""Two people's changes of one text, put together. Pure.

A text is cut into sentences and lines, and each side's changes are found against the text that both began with.
Where only one side changed something, that change stands; where both changed the same place differently, both texts
are kept side by side for a person to choose.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_PAIRS = 100_000
_ENDS = re.compile(r"(?<=[\n。！？；])|(?<=[.!?;] )")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the merged text; `theirs` is None where the two agree."""

    mine: str
    theirs: str | None = None

    @property
    def disputed(self) -> bool:
        return self.theirs is not None


@dataclass(frozen=True, slots=True)
class Merged:
    """The text in parts, in order."""

    parts: tuple[Part, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is disputed."""
        return not any(part.disputed for part in self.parts)

    @property
    def text(self) -> str:
        """Everything, of disputed places my text."""
        return "".join(part.mine for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Change:
    """Pieces [start, end) of the base became others; start == end puts something in before `start`."""

    start: int
    end: int
    pieces: tuple[str, ...]


def merge(base: str, mine: str, theirs: str) -> Merged:
    """What two texts made of a third, put together."""
    if mine == theirs:
        return Merged((Part(mine),))
    before = pieces(base)
    ours, others = _changes(before, pieces(mine)), _changes(before, pieces(theirs))
    found: list[Part] = []
    at = 0
    for start, end, left, right in _groups(ours, others):
        found.append(Part("".join(before[at:start])))
        found.append(_decided(before, start, end, left, right))
        at = end
    found.append(Part("".join(before[at:])))
    return Merged(tuple(_joined(found)))


def pieces(text: str) -> list[str]:
    """A text cut behind every sentence and line; joined they are the text."""
    return [piece for piece in _ENDS.split(text) if piece]


def _changes(before: Sequence[str], after: Sequence[str]) -> list[_Change]:
    """What is to be done to `before`. Ends that are the same are cut off first; where the rest repeats itself so often
    that comparing would take seconds, it is one change."""
    most = min(len(before), len(after))
    head = next((at for at in range(most) if before[at] != after[at]), most)
    tail = next((at for at in range(most - head) if before[-1 - at] != after[-1 - at]), most - head)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if _pairs(old, new) > MOST_PAIRS:
        return [_Change(head, head + len(old), tuple(new))]
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [_Change(head + i1, head + i2, tuple(new[j1:j2])) for tag, i1, i2, j1, j2 in found if tag != "equal"]


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    """How often a piece of one stands in the other: what one look for the longest common stretch costs."""
    counts = Counter(new)
    return sum(counts[piece] for piece in old)


def _groups(
    ours: Sequence[_Change], others: Sequence[_Change]
) -> Iterator[tuple[int, int, list[_Change], list[_Change]]]:
    """Changes that meet, with the stretch of the base that they cover together, in order."""
    both = [(change, True) for change in ours] + [(change, False) for change in others]
    both.sort(key=lambda one: (one[0].start, one[0].end))
    group: list[tuple[_Change, bool]] = []
    end = 0
    for change, mine in both:
        if group and not _meets(change, group[0][0].start, end):
            yield group[0][0].start, end, *_sides(group)
            group = []
        end = max(end, change.end) if group else change.end
        group.append((change, mine))
    if group:
        yield group[0][0].start, end, *_sides(group)


def _sides(group: Sequence[tuple[_Change, bool]]) -> tuple[list[_Change], list[_Change]]:
    return [change for change, mine in group if mine], [change for change, mine in group if not mine]


def _meets(change: _Change, start: int, end: int) -> bool:
    """Whether a change, not before `start`, touches [start, end). Two that put something in at one place meet: their
    order is nobody's to guess."""
    return change.start < end or change.start == change.end == start == end


def _decided(before: Sequence[str], start: int, end: int, left: list[_Change], right: list[_Change]) -> Part:
    mine, theirs = _applied(before, start, end, left), _applied(before, start, end, right)
    if not right or mine == theirs:
        return Part(mine)
    return Part(theirs) if not left else Part(mine, theirs)


def _applied(before: Sequence[str], start: int, end: int, changes: Sequence[_Change]) -> str:
    found: list[str] = []
    at = start
    for change in changes:
        found += before[at : change.start]
        found += change.pieces
        at = change.end
    return "".join([*found, *before[at:end]])


def _joined(parts: Sequence[Part]) -> Iterator[Part]:
    """Neighbours that agree as one part; empty ones left out."""
    text = ""
    for part in parts:
        if part.disputed:
            if text:
                yield Part(text)
            yield part
            text = ""
        else:
            text += part.mine
    if text:
        yield Part(text)
