"""The lower part of a certificate: who answers for it, seal, number and QR code."""

from __future__ import annotations

from lms.certificates.drawing.code import SIDE, draw_code
from lms.certificates.drawing.flow import Row
from lms.certificates.drawing.sheet import SOFT, VERMILION, Sheet, Style
from lms.certificates.drawing.writing import (
    LEFT,
    RIGHT,
    Column,
    Writer,
    day,
    field,
    label_style,
)
from lms.certificates.facts import CertificateFacts

FIRST, LAST = 157.0, 193.0

_SEAL_X, _SEAL_Y, _SEAL_RADIUS = 184.0, 172.0, 19.0
_UNIT = Column(LEFT, 62, _SEAL_X - _SEAL_RADIUS - 4, label_style(4.2), Style(4.6))
_NUMBER = Column(LEFT, 54.5, _SEAL_X - _SEAL_RADIUS - 4, label_style(3.2), Style(3.2))
_CODE_Y = 151.6


def rows(writer: Writer, facts: CertificateFacts) -> list[Row]:
    """The three units (each named, even when they are the same), date and number."""
    named = [
        field("授分单位", facts.granting_unit),
        field("举办单位", facts.holding_unit),
        field("发证机构", facts.issuing_unit),
    ]
    units = [unit for unit in named if unit]
    absent = len(named) - len(units)
    return [
        *(writer.row([(_UNIT, unit)], 8, 5.8) for unit in units),
        writer.row([(_UNIT, field("发证日期", day(facts.issued_on)))], 8.7, 6),
        # The number keeps its place at the foot when a unit above is absent.
        writer.row([(_NUMBER, field("证书编号", facts.number))], 11.3 + 8 * absent, 6),
    ]


def draw_seal_place(sheet: Sheet) -> None:
    """An empty place for a real seal; an imitation would be a forgery."""
    sheet.dashed_ring(_SEAL_X, _SEAL_Y, _SEAL_RADIUS, VERMILION, 1.2)
    sheet.text(_SEAL_X, _SEAL_Y - 1, "发证机构盖章处", Style(3.4, colour=VERMILION), "centre")
    sheet.text(_SEAL_X, _SEAL_Y + 4, "（直径 38 毫米）", Style(3.2, colour=VERMILION), "centre")


def draw_check(sheet: Sheet, facts: CertificateFacts) -> None:
    """QR code to the verification page, and the code that page shows too."""
    quiet = draw_code(sheet, facts.verify_url, RIGHT - SIDE, _CODE_Y)
    below = _CODE_Y + SIDE + quiet
    sheet.text(RIGHT, below + 3.1, "扫码查验，以网页为准", Style(3.2, colour=SOFT), "right")
    sheet.text(RIGHT, LAST, f"查验码 {facts.check_code}", Style(3.2), "right")
