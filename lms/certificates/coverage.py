"""Which characters the certificate fonts can draw, without loading any drawing code.

Reads only the `cmap` table of the two fonts (a few hundred kilobytes, once per
process), so that a web process can check a name without the memory of ReportLab.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

FONTS = Path(__file__).parent / "fonts"
REGULAR = FONTS / "NotoSansSC_400Regular.ttf"
BOLD = FONTS / "NotoSansSC_700Bold.ttf"

_FULL_UNICODE = 12  # cmap subtable format: 32-bit ranges


def missing_characters(text: str) -> str:
    """The characters of `text` that no certificate font can draw, each once, in order."""
    drawable = _drawable()
    return "".join(dict.fromkeys(sign for sign in text if ord(sign) not in drawable))


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    return _characters(REGULAR) & _characters(BOLD)


def _characters(path: Path) -> frozenset[int]:
    """The code points with a glyph, from the font's full Unicode cmap.

    Raises ValueError when the file has no such table.
    """
    with path.open("rb") as font:
        table = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", table, 2)
    for index in range(count):
        (start,) = struct.unpack_from(">I", table, 4 + 8 * index + 4)
        (layout,) = struct.unpack_from(">H", table, start)
        if layout == _FULL_UNICODE:
            return _ranges(table, start)
    raise ValueError(f"{path.name}: no full Unicode cmap")


def _ranges(table: bytes, start: int) -> frozenset[int]:
    (groups,) = struct.unpack_from(">I", table, start + 12)
    found: set[int] = set()
    for first, last, glyph in struct.iter_unpack(">III", table[start + 16 : start + 16 + 12 * groups]):
        # Glyph 0 is the empty box itself.
        found.update(range(first if glyph else first + 1, last + 1))
    return frozenset(found)


def _table(font: BinaryIO, tag: bytes) -> bytes:
    header = font.read(12)
    (count,) = struct.unpack_from(">H", header, 4)
    directory = font.read(16 * count)
    for name, _checksum, offset, length in struct.iter_unpack(">4sIII", directory):
        if name == tag:
            font.seek(offset)
            return font.read(length)
    raise ValueError(f"the font has no {tag.decode()} table")
