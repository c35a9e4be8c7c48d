"""The QR code, drawn as vectors: sharp on any printer."""

from __future__ import annotations

import segno

from lms.certificates.drawing.sheet import INK, PAPER, Sheet

QUIET = 4  # modules of empty paper that a reader needs on every side
SIDE = 30.0  # mm of the code itself, without the quiet zone


def draw_code(sheet: Sheet, link: str, x: float, y: float) -> float:
    """Draw `link` with its top left module at (x, y); gives the quiet zone in mm."""
    matrix = segno.make(link, error="m", boost_error=False, micro=False).matrix
    module = SIDE / len(matrix)
    quiet = QUIET * module
    sheet.areas([(x - quiet, y - quiet, SIDE + 2 * quiet, SIDE + 2 * quiet)], PAPER)
    # One rectangle a run of dark modules: no hairlines between neighbours.
    sheet.areas(
        [
            (x + start * module, y + row * module, length * module, module)
            for row, cells in enumerate(matrix)
            for start, length in _runs(cells)
        ],
        INK,
    )
    return quiet


def _runs(cells: bytearray) -> list[tuple[int, int]]:
    """Start and length of each run of dark cells."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(cells):
        if not dark:
            continue
        if runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((place, 1))
    return runs
