"""Labels and values of the certificate, written at one scale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lms.certificates.drawing.flow import SMALLEST, Fitted, Row, fit
from lms.certificates.drawing.sheet import SOFT, Sheet, Style

LEFT = 40.0  # the text column, mm
RIGHT = 257.0

_TIGHT = 0.8  # below this scale even the smallest size gives way: never cut


@dataclass(frozen=True)
class Value:
    """One field: its label and what stands beside it."""

    label: str
    text: str


@dataclass(frozen=True)
class Column:
    """Where a field stands: left edges of label and value, right edge, and sizes in mm."""

    label_x: float
    value_x: float
    right: float
    label: Style
    value: Style


class Writer:
    """Fits values at one scale (1.0 is the design's) and turns them into rows."""

    def __init__(self, sheet: Sheet, scale: float) -> None:
        self.sheet = sheet
        self.scale = scale
        self.smallest = SMALLEST * min(1.0, scale / _TIGHT)

    def fit(self, text: str, style: Style, room: float) -> Fitted:
        """`text` in `room` mm; the style's size is scaled first."""

        def measure(piece: str, size: float) -> float:
            return self.sheet.width_of(piece, style.sized(size))

        size = max(style.size * self.scale, min(self.smallest, style.size))
        return fit(text, size, room, measure, self.smallest)

    def lines(self, x: float, y: float, fitted: Fitted, style: Style) -> None:
        """Write fitted lines downward from the baseline `y`."""
        for index, line in enumerate(fitted.lines):
            # The ink of an opening 《 fills the right half of its square: hang it out.
            hang = fitted.size / 2 if line.startswith("《") else 0.0
            self.sheet.text(x - hang, y + index * fitted.leading, line, style.sized(fitted.size))

    def row(self, fields: list[tuple[Column, Value | None]], gap: float, least: float) -> Row:
        """One row of fields side by side; a missing value leaves its place empty."""
        placed = [
            (column, value, self.fit(value.text, column.value, column.right - column.value_x))
            for column, value in fields
            if value is not None
        ]

        def draw(y: float) -> None:
            for column, value, fitted in placed:
                size = min(column.label.size, max(column.label.size * self.scale, self.smallest))
                self.sheet.text(column.label_x, y, value.label, column.label.sized(size))
                self.lines(column.value_x, y, fitted, column.value)

        extra = max((fitted.extra for _, _, fitted in placed), default=0.0)
        return Row(draw, gap, least * self.scale, extra)


def field(label: str, text: str | None) -> Value | None:
    """A field, or None when there is nothing to say."""
    return Value(label, text) if text else None


def label_style(size: float) -> Style:
    """The quiet style of labels."""
    return Style(size, colour=SOFT)


def day(on: date) -> str:
    """2026年10月8日, as Chinese documents write it."""
    return f"{on.year}年{on.month}月{on.day}日"
