"""The apricot branch, the blossom over the title and the double frame."""

from __future__ import annotations

from math import asin, cos, degrees, radians, sin

from lms.certificates.drawing.sheet import GREEN, HEIGHT, PAPER, WIDTH, Sheet

_PETAL = "#fbe6d6"
_RIM = "#c9793a"
_BARK = "#7a6a58"

# Petals are five circles of radius 1 around a centre, this far out; they meet at _VALLEY.
_REACH = 1.68
_VALLEY = 1.21

# The branch in its own units (0–206 across), its place and scale on the sheet.
_SPRIG_X, _SPRIG_Y, _SPRIG_SCALE = 231.0, 14.5, 0.26
_TWIGS: tuple[tuple[float, tuple[float, ...]], ...] = (
    (3, (203, 14, 176, 20, 158, 22, 138, 36, 118, 50, 104, 60, 84, 64)),
    (2, (84, 64, 66, 68, 52, 74, 36, 90)),
    (1.8, (138, 36, 132, 24, 122, 18, 108, 16)),
    (1.8, (112, 55, 116, 70, 112, 82, 104, 92)),
    (1.5, (166, 23, 170, 34, 168, 42, 162, 50)),
    (1.5, (62, 71, 54, 62, 46, 58, 36, 57)),
)
_FLOWERS = ((106, 15, 5.59, 20), (84, 62, 6.88, -10), (102, 96, 6.02, 30), (160, 54, 4.73, 0))
_BUDS = ((35, 91, 5), (35, 57, 4), (131, 30, 3.5), (122, 48, 3))


def ground(sheet: Sheet) -> None:
    """Paper, frame and branch: all that lies under the words."""
    sheet.areas([(0, 0, WIDTH, HEIGHT)], PAPER)
    sheet.box(10, 10, WIDTH - 20, HEIGHT - 20, GREEN, 0.9)
    sheet.box(12.2, 12.2, WIDTH - 24.4, HEIGHT - 24.4, GREEN, 0.25)
    _sprig(sheet)
    blossom(sheet, 148.5, 28.5, 2.67, line=0.4)


def blossom(sheet: Sheet, x: float, y: float, petal: float, *, turn: float = 0.0, line: float = 0.3) -> None:
    """Five petals of radius `petal` mm around (x, y), turned clockwise by degrees."""
    # Half the angle of a petal's circle that is hidden under its neighbours.
    hidden = degrees(asin(_VALLEY * sin(radians(36))))
    arcs = []
    for place in range(5):
        out = 90 - turn - 72 * place
        arcs.append(
            (
                x + _REACH * petal * cos(radians(out)),
                y - _REACH * petal * sin(radians(out)),
                petal,
                out + 180 - hidden,
                -(360 - 2 * hidden),
            )
        )
    sheet.arcs(arcs, _RIM, line, _PETAL)
    for place in range(5):
        out = radians(90 - turn - 72 * place)
        inner, outer = 0.27 * petal, 0.97 * petal
        sheet.stroke(
            [
                (x + inner * cos(out), y - inner * sin(out)),
                (x + outer * cos(out), y - outer * sin(out)),
            ],
            _RIM,
            line,
        )


def _sprig(sheet: Sheet) -> None:
    def at(x: float, y: float) -> tuple[float, float]:
        return _SPRIG_X + x * _SPRIG_SCALE, _SPRIG_Y + y * _SPRIG_SCALE

    for width, numbers in _TWIGS:
        points = [at(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
        bends = [(points[index], points[index + 1], points[index + 2]) for index in range(1, len(points), 3)]
        sheet.curve(points[0], bends, _BARK, width * _SPRIG_SCALE)
    for x, y, petal, turn in _FLOWERS:
        blossom(sheet, *at(x, y), petal * _SPRIG_SCALE, turn=turn)
    for x, y, radius in _BUDS:
        sheet.ring(*at(x, y), radius * _SPRIG_SCALE, _RIM, 0.3, _PETAL)
