"""Files of a log directory as C2SP tlog-tiles lays them out. Nothing read here is trusted."""

import os
import stat
from pathlib import Path

from verifier.notes import Invalid

WIDTH = 256
ENTRIES = "entries"
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe must not keep us waiting


def tile_name(level: int | str, number: int, width: int = WIDTH) -> str:
    """Where a tile lies under the log's directory; `level` is ENTRIES for bundles of entries."""
    digits = str(number).zfill(-(-len(str(number)) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join(["tile", str(level), *("x" + part for part in parts[:-1]), parts[-1]]) + (
        f".p/{width}" if width < WIDTH else ""
    )


def read_file(path: Path, limit: int) -> bytes:
    """A file's bytes, at most one more than the limit; raises Invalid if it is none, OSError if unreadable."""
    try:
        with os.fdopen(os.open(path, FLAGS), "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        pass
    raise Invalid("missing")


def read_tile(folder: Path, level: int | str, number: int, width: int) -> tuple[str, int, bytes]:
    """Name, width and bytes of a tile; the full one stands in for a partial one that is gone. Raises Invalid."""
    name, limit = tile_name(level, number, width), WIDTH * (2 + 0xFFFF if level == ENTRIES else 32)
    for wide in (width, WIDTH):
        try:
            return tile_name(level, number, wide), wide, read_file(folder / tile_name(level, number, wide), limit)
        except Invalid:
            continue
    raise Invalid(f"{name}: missing", number * WIDTH * (1 if level == ENTRIES else WIDTH ** int(level)))


def read_hashes(folder: Path, level: int, number: int, width: int) -> bytes:
    """The hashes of a tile, 32 bytes each; raises Invalid, or OSError if it cannot be read."""
    name, wide, data = read_tile(folder, level, number, width)
    if len(data) != 32 * wide:
        index = (number * WIDTH + min(len(data) // 32, width - 1)) * WIDTH**level
        raise Invalid(f"{name}: {len(data)} bytes or more where {32 * wide} belong", index)
    return data[: 32 * width]


def read_entries(folder: Path, number: int, width: int) -> list[bytes]:
    """The entries of a bundle; raises Invalid, or OSError if it cannot be read."""
    name, wide, data = read_tile(folder, ENTRIES, number, width)
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < wide:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : end])
        at = end
    spare, end = len(data) - at, number * WIDTH + len(entries)
    if spare < 0:
        raise Invalid(f"{name}: its last entry is cut off, {-spare} bytes are missing", end - 1)
    if spare or len(entries) < wide:
        raise Invalid(f"{name}: {len(entries)} entries and {spare} more bytes, not {wide} entries", end - (spare > 0))
    return entries[:width]
