"""One page measured in millimetres from its top left corner, as the design is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from lms.certificates.drawing.typeface import Typeface

WIDTH = 297.0
HEIGHT = 210.0
MM = 72 / 25.4  # points

Align = Literal["left", "centre", "right"]

PAPER = "#fffdf8"
GREEN = "#0f5c4c"
INK = "#14211e"
SOFT = "#4b5854"
LINE = "#d9ded8"
VERMILION = "#a5221b"


@dataclass(frozen=True)
class Style:
    """How a piece of text looks; `size` and `spacing` (between signs) in mm."""

    size: float
    bold: bool = False
    colour: str = INK
    spacing: float = 0.0

    def sized(self, size: float) -> Style:
        """The same in another size, its spacing in proportion."""
        return Style(size, self.bold, self.colour, self.spacing * size / self.size)


class Sheet:
    """Draws on a canvas in millimetres, y downward."""

    def __init__(self, canvas: Canvas, typeface: Typeface) -> None:
        self.canvas = canvas
        self.typeface = typeface

    def width_of(self, text: str, style: Style) -> float:
        """Width of `text` in mm, without the spacing after its last sign."""
        width = float(pdfmetrics.stringWidth(text, self._font(style), style.size))
        return width + style.spacing * max(len(text) - 1, 0)

    def text(self, x: float, y: float, text: str, style: Style, align: Align = "left") -> None:
        """Write `text` with its baseline at `y`, from, around or up to `x`."""
        if align != "left":
            x -= self.width_of(text, style) / (2 if align == "centre" else 1)
        line = self.canvas.beginText(x * MM, (HEIGHT - y) * MM)
        line.setFont(self._font(style), style.size * MM)
        line.setCharSpace(style.spacing * MM)
        line.setFillColor(_ink(style.colour))
        line.textOut(text)
        self.canvas.drawText(line)

    def ring(self, x: float, y: float, radius: float, colour: str, width: float, fill: str | None = None) -> None:
        """A circle around (x, y)."""
        self._pen(colour, width, fill)
        self.canvas.circle(x * MM, (HEIGHT - y) * MM, radius * MM, stroke=1, fill=int(bool(fill)))

    def dashed_ring(self, x: float, y: float, radius: float, colour: str, dash: float) -> None:
        """An empty circle of dashes."""
        self.canvas.saveState()
        self.canvas.setDash(dash * MM, dash * MM)
        self.ring(x, y, radius, colour, 0.35)
        self.canvas.restoreState()

    def box(self, x: float, y: float, wide: float, high: float, colour: str | None, width: float = 0.3) -> None:
        """The outline of a rectangle with its top left corner at (x, y)."""
        self._pen(colour, width, None)
        self.canvas.rect(x * MM, (HEIGHT - y - high) * MM, wide * MM, high * MM, stroke=1, fill=0)

    def areas(self, boxes: Iterable[tuple[float, float, float, float]], colour: str) -> None:
        """Filled rectangles (left, top, width, height), all of one colour, in one stroke of ink."""
        path = self.canvas.beginPath()
        for x, y, wide, high in boxes:
            path.rect(x * MM, (HEIGHT - y - high) * MM, wide * MM, high * MM)
        self._pen(None, 0, colour)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def stroke(self, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        """A line through `points`."""
        path = self.canvas.beginPath()
        path.moveTo(*self._at(points[0]))
        for point in points[1:]:
            path.lineTo(*self._at(point))
        self._paint(path, colour, width, None)

    def curve(
        self,
        start: tuple[float, float],
        bends: Sequence[tuple[tuple[float, float], tuple[float, float], tuple[float, float]]],
        colour: str,
        width: float,
    ) -> None:
        """A line of cubic Bézier pieces, each (control, control, end)."""
        path = self.canvas.beginPath()
        path.moveTo(*self._at(start))
        for first, second, end in bends:
            path.curveTo(*self._at(first), *self._at(second), *self._at(end))
        self._paint(path, colour, width, None)

    def arcs(
        self,
        circles: Sequence[tuple[float, float, float, float, float]],
        colour: str,
        width: float,
        fill: str,
    ) -> None:
        """A closed outline of arcs (centre x, y, radius, start and extent in degrees,
        counter-clockwise from three o'clock), joined in order."""
        path = self.canvas.beginPath()
        add: Any  # the library's stubs allow whole degrees only
        for index, (x, y, radius, start, extent) in enumerate(circles):
            left, bottom = self._at((x - radius, y + radius))
            right, top = self._at((x + radius, y - radius))
            add = path.arcTo if index else path.arc
            add(left, bottom, right, top, start, extent)
        path.close()
        self._paint(path, colour, width, fill)

    def _paint(self, path: PDFPathObject, colour: str, width: float, fill: str | None) -> None:
        self._pen(colour, width, fill)
        self.canvas.setLineCap(1)
        self.canvas.setLineJoin(1)
        self.canvas.drawPath(path, stroke=1, fill=int(bool(fill)))

    def _pen(self, colour: str | None, width: float, fill: str | None) -> None:
        if colour:
            self.canvas.setStrokeColor(_ink(colour))
            self.canvas.setLineWidth(width * MM)
        if fill:
            self.canvas.setFillColor(_ink(fill))

    def _at(self, point: tuple[float, float]) -> tuple[float, float]:
        return point[0] * MM, (HEIGHT - point[1]) * MM

    def _font(self, style: Style) -> str:
        return self.typeface.bold if style.bold else self.typeface.regular


@lru_cache(maxsize=32)
def _ink(colour: str) -> Color:
    """The library's colour for #rrggbb: it parses slowly, and a page asks hundreds of times."""
    return HexColor(colour)
