"""How long values find room: shrink to 85 %, then wrap, then push down; never cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SHRINK = 0.85
SMALLEST = 3.2  # mm, about 9 pt: nothing on a certificate is smaller

# No line begins with one of these, and none ends with one of those.
_NOT_FIRST = frozenset("，。、；：！？）》」』】〉”’·％%…—")
_NOT_LAST = frozenset("（《「『【〈“‘")
_PIECES = re.compile(r"[0-9A-Za-z.,+\-/:₀-₉⁰-⁹]+|\s+|.", re.DOTALL)

Measure = Callable[[str, float], float]
"""Width in mm of a text at a size in mm."""


class NoRoomError(ValueError):
    """The values of a certificate do not fit on its page, even at the smallest sizes."""


@dataclass(frozen=True)
class Fitted:
    """A value broken into lines, and the size that it needs."""

    lines: tuple[str, ...]
    size: float

    @property
    def leading(self) -> float:
        """Distance between two baselines in mm."""
        return 1.36 * self.size

    @property
    def extra(self) -> float:
        """Height below the first baseline in mm."""
        return (len(self.lines) - 1) * self.leading


def fit(text: str, size: float, room: float, measure: Measure, smallest: float = SMALLEST) -> Fitted:
    """`text` in at most `room` mm: as it is, else smaller, else on several lines."""
    width = measure(text, size)
    if width <= room:
        return Fitted((text,), size)
    least = min(size, max(SHRINK * size, smallest))
    needed = size * room / width
    if needed >= least and measure(text, needed) <= room:
        return Fitted((text,), needed)
    return Fitted(_wrap(text, least, room, measure), least)


def _wrap(text: str, size: float, room: float, measure: Measure) -> tuple[str, ...]:
    """As few lines as possible, of about the same length."""
    pieces = _pieces(text, room, size, measure)
    lines = _fill(pieces, size, room, measure)
    narrow, wide = room / 2, room
    for _ in range(8):  # enough for a millimetre on 217
        middle = (narrow + wide) / 2
        if len(_fill(pieces, size, middle, measure)) > len(lines):
            narrow = middle
        else:
            wide = middle
    even = _fill(pieces, size, wide, measure)
    return tuple(even if max(measure(line, size) for line in even) <= room else lines)


def _fill(pieces: Sequence[str], size: float, room: float, measure: Measure) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in pieces:
        if line and measure((line + piece).rstrip(), size) > room:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str, room: float, size: float, measure: Measure) -> list[str]:
    """Where a line may break: between Chinese signs, between words, never before a
    closing or after an opening mark. A word wider than the room is broken anywhere."""
    pieces: list[str] = []
    for piece in _PIECES.findall(text):
        parts = list(piece) if measure(piece, size) > room else [piece]
        for part in parts:
            if pieces and (part[0] in _NOT_FIRST or pieces[-1][-1] in _NOT_LAST):
                pieces[-1] += part
            else:
                pieces.append(part)
    return pieces


@dataclass(frozen=True)
class Row:
    """One row of the page: what draws it at a baseline, and the room that it takes."""

    draw: Callable[[float], None]
    gap: float
    """From the baseline above, when there is room enough."""
    least: float
    """The same when there is not."""
    extra: float = 0.0
    """From its first to its last baseline."""


def place(rows: Sequence[Row], first: float, last: float) -> list[float] | None:
    """The first baseline of each row between `first` and `last` mm from the top.

    The first row stands at `first`; gaps give way evenly when the rows need more
    room. None when they do not fit at their least.
    """
    taken = sum(row.extra for row in rows)
    wanted = sum(row.gap for row in rows[1:])
    least = sum(row.least for row in rows[1:])
    room = last - first - taken
    if room < least:
        return None
    give = 1.0 if room >= wanted else (room - least) / (wanted - least)
    baselines = [first]
    for above, row in pairwise(rows):
        baselines.append(baselines[-1] + above.extra + row.least + give * (row.gap - row.least))
    return baselines
