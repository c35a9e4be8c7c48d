"""The book's typeface and styles, and text as ReportLab's paragraphs want it."""

from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.fonts import addMapping
from reportlab.lib.styles import ParagraphStyle

from lms.certificates.coverage import BOLD, REGULAR
from lms.certificates.drawing.typeface import FontPaths, Typeface, load, without_glyph

INK, SOFT, GREEN, RED, AMBER = (HexColor(one) for one in ("#1b2724", "#4b5854", "#0f5c4c", "#a5221b", "#c4650f"))
PALE, LINE = HexColor("#f2f5f4"), HexColor("#8a9692")
LOST = "□"
"""Stands for a sign that the typeface lacks."""


class Letters:
    """One language's styles."""

    def __init__(self, language: str) -> None:
        self.face: Typeface = load(FontPaths(REGULAR, BOLD))
        for bold in (0, 1):
            for italic in (0, 1):
                addMapping(self.face.regular, bold, italic, self.face.bold if bold else self.face.regular)
        wrap: dict[str, Any] = {"wordWrap": "CJK"} if language == "zh" else {}
        plain = ParagraphStyle(
            "plain", fontName=self.face.regular, fontSize=10.5, leading=17, textColor=INK, spaceAfter=6, **wrap
        )

        def style(name: str, **how: Any) -> ParagraphStyle:
            return ParagraphStyle(name, parent=plain, **how)

        heavy = self.face.bold
        self.plain = plain
        self.lead = style("lead", keepWithNext=1)
        self.small = style("small", fontSize=8.5, leading=13, textColor=SOFT, spaceAfter=3)
        self.cell = style("cell", fontSize=9.5, leading=14, spaceAfter=0)
        self.number = style("number", fontSize=9.5, leading=14, spaceAfter=0, alignment=2)
        self.head = style("head", fontName=heavy, fontSize=9.5, leading=14, spaceAfter=0)
        self.caption = style("caption", fontSize=8.5, leading=13, textColor=SOFT, alignment=1, spaceAfter=9)
        self.title = style("title", fontName=heavy, fontSize=24, leading=34, spaceBefore=120, spaceAfter=12)
        self.h1 = style("h1", fontName=heavy, fontSize=17, leading=25, textColor=GREEN, spaceAfter=9, keepWithNext=1)
        self.h2 = style("h2", fontName=heavy, fontSize=13, leading=20, spaceBefore=10, spaceAfter=5, keepWithNext=1)
        self.h3 = style("h3", fontName=heavy, fontSize=11, leading=17, spaceBefore=6, spaceAfter=4, keepWithNext=1)
        self.mark = style(
            "mark", fontName=heavy, textColor=AMBER, borderColor=AMBER, borderWidth=1, borderPadding=6, spaceBefore=14,
            spaceAfter=14,
        )  # fmt: skip
        self.entry = style("entry", fontSize=10.5, leading=19, spaceAfter=0)

    def clear(self, text: str) -> str:
        """The text with a box for each sign that the typeface lacks, as ReportLab's markup."""
        return escape(self.plainly(text))

    def plainly(self, text: str) -> str:
        """The same without markup."""
        plain = text.replace("\n", " ").replace("\t", " ")
        for sign in without_glyph(self.face, plain):
            plain = plain.replace(sign, LOST)
        return plain
