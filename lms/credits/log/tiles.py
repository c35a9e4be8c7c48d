"""A tree as static files (c2sp.org/tlog-tiles): which files a tree of a size has, and what they hold. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRIES = "entries"
LONGEST = 0xFFFF


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of hashes; level 0 holds leaves, each hash of a level above one full tile below it."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def start(self) -> int:
        """The place of its first hash within its level."""
        return self.number * WIDTH

    @property
    def full(self) -> bool:
        return self.width == WIDTH

    @property
    def path(self) -> str:
        """Where it lies."""
        return f"tile/{self.level}/{self._name}"

    @property
    def entries_path(self) -> str:
        """Where the entries of a tile of level 0 lie."""
        return f"tile/{ENTRIES}/{self._name}"

    @property
    def _name(self) -> str:
        digits = str(self.number)
        digits = digits.zfill((len(digits) + 2) // 3 * 3)
        parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        return name if self.full else f"{name}.p/{self.width}"


def new_tiles(old: int, new: int) -> Iterator[Tile]:
    """The tiles that a tree of size `new` has and one of size `old` had not, level by level."""
    level = 0
    while new:
        for number in range(old // WIDTH, (new + WIDTH - 1) // WIDTH):
            tile = Tile(level, number, min(WIDTH, new - number * WIDTH))
            if tile.start + tile.width > old:
                yield tile
        level, old, new = level + 1, old // WIDTH, new // WIDTH


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after the other, each behind its length."""
    parts = []
    for entry in entries:
        if len(entry) > LONGEST:
            raise ValueError("an entry is too long for a bundle")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)
