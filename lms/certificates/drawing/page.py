"""Design A, 杏枝: one A4 page from the facts of one certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from threading import Lock
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from lms.certificates.coverage import BOLD, REGULAR
from lms.certificates.drawing import body, foot
from lms.certificates.drawing.flow import NoRoomError, Row, place
from lms.certificates.drawing.ornament import ground
from lms.certificates.drawing.sheet import (
    GREEN,
    HEIGHT,
    MM,
    SOFT,
    VERMILION,
    WIDTH,
    Sheet,
    Style,
)
from lms.certificates.drawing.typeface import FontPaths, load, without_glyph
from lms.certificates.drawing.writing import Writer
from lms.certificates.facts import CertificateFacts, Kind

VENDORED = FontPaths(REGULAR, BOLD)

_TITLES = {
    Kind.CREDIT: ("继续医学教育学分证书", "Certificate of Continuing Medical Education Credits"),
    Kind.COMPLETION: ("课程结业证书", "Certificate of Course Completion"),
}
_MIDDLE = WIDTH / 2
_TITLE = Style(13, bold=True, colour=GREEN, spacing=1.2)
_SUBTITLE = Style(3.6, colour=SOFT, spacing=0.2)
_SCALES = (1.0, 0.92, 0.85, 0.78, 0.7, 0.62, 0.55, 0.48)

# ReportLab keeps the state of a font per document in tables shared by all threads.
_one_at_a_time = Lock()


class CannotDrawError(ValueError):
    """Some characters have no glyph in the fonts; `missing` holds each of them once."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"no glyph for {missing}")
        self.missing = missing


def draw(facts: CertificateFacts, fonts: FontPaths = VENDORED) -> bytes:
    """The PDF of a certificate: the same facts and fonts give the same bytes.

    Raises CannotDrawError when a character has no glyph (an empty box on a certificate is
    worse than no certificate), NoRoomError when the values fit at no size.
    """
    with _one_at_a_time:
        typeface = load(fonts)
        missing = without_glyph(typeface, "".join(facts.texts()))
        if missing:
            raise CannotDrawError(missing)
        paper = BytesIO()
        # Without a first font of ours the page names an unembedded Helvetica.
        first_font: dict[str, Any] = {"initialFontName": typeface.regular}
        canvas = Canvas(
            paper,
            pagesize=(WIDTH * MM, HEIGHT * MM),
            invariant=True,
            lang="zh-CN",
            **first_font,
        )
        _describe(canvas, facts)
        _compose(Sheet(canvas, typeface), facts)
        canvas.showPage()
        canvas.save()
        return paper.getvalue()


def _describe(canvas: Canvas, facts: CertificateFacts) -> None:
    title, _ = _TITLES[facts.kind]
    canvas.setTitle(f"{title} {facts.number}")
    canvas.setAuthor(facts.issuing_unit)
    canvas.setSubject(facts.title)
    canvas.setKeywords(facts.number)
    canvas.setCreator("Xinglin")
    canvas.setProducer("ReportLab")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    # Invariant documents are dated 2000 by the library; ours say when they were issued.
    canvas.setDateFormatter(lambda *_moment: _pdf_date(facts.issued_on))


def _pdf_date(on: date) -> str:
    return f"D:{on:%Y%m%d}000000+08'00'"


def _compose(sheet: Sheet, facts: CertificateFacts) -> None:
    ground(sheet)
    if facts.demo:
        _mark_demonstration(sheet)
    title, subtitle = _TITLES[facts.kind]
    sheet.text(_MIDDLE, 51, title, _TITLE, "centre")
    sheet.text(_MIDDLE, 59, subtitle, _SUBTITLE, "centre")
    _settle(sheet, lambda writer: body.rows(writer, facts), body.FIRST, body.LAST)
    _settle(sheet, lambda writer: foot.rows(writer, facts), foot.FIRST, foot.LAST)
    foot.draw_seal_place(sheet)
    foot.draw_check(sheet, facts)


def _settle(sheet: Sheet, build: Callable[[Writer], Sequence[Row]], first: float, last: float) -> None:
    """Draw the rows at the largest scale at which all of them find room."""
    for scale in _SCALES:
        rows = build(Writer(sheet, scale))
        baselines = place(rows, first, last)
        if baselines is not None:
            for row, y in zip(rows, baselines, strict=True):
                row.draw(y)
            return
    raise NoRoomError("the certificate's values need more than one page")


def _mark_demonstration(sheet: Sheet) -> None:
    """In a frame of its own, as text: it is read aloud, copied and found by search."""
    sheet.box(22, 21, 50, 14.5, VERMILION, 0.4)
    sheet.text(47, 27.4, "演示 DEMONSTRATION", Style(4, True, VERMILION), "centre")
    sheet.text(47, 32.8, "人物和机构均为虚构，无效力", Style(3.2, colour=VERMILION), "centre")
