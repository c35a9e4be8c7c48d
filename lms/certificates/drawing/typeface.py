"""The two embedded fonts, loaded once per process, with a right way back to Unicode."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_BLOCK = 100  # a CMap lists at most one hundred mappings between begin and end


class FontPaths(NamedTuple):
    """TrueType files of the two weights."""

    regular: Path
    bold: Path


class Typeface(NamedTuple):
    """Names under which the two weights are registered with ReportLab."""

    regular: str
    bold: str


class CertificateFont(TTFont):
    """A TrueType font whose text can be copied and searched in every plane.

    ReportLab writes the way back from glyphs to characters with four hexadecimal
    digits, which cuts characters beyond U+FFFF into two wrong ones: 赵𬭎 would look
    right and be found by nobody. The map must hold UTF-16, so we write it ourselves.
    """

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - the library's name
        """Add the font to the document, then replace the maps it wrote."""
        subsets = [list(subset) for subset in self.state[doc].subsets]
        super().addObjects(doc)
        for number, subset in enumerate(subsets):
            name = doc.idToObject["BasicFonts"].dict[f"{doc.fontMapping[self.fontName][1:]}+{number}"].BaseFont
            doc.idToObject[f"toUnicodeCMap:{name}"].content = unicode_map(subset)


def unicode_map(characters: Sequence[int]) -> str:
    """The ToUnicode CMap of one font subset: place in the subset to UTF-16BE.

    Places that hold no character (code point 0) get no line.
    """
    lines = [
        f"<{place:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>"
        for place, point in enumerate(characters)
        if point
    ]
    body: list[str] = []
    for start in range(0, len(lines), _BLOCK):
        block = lines[start : start + _BLOCK]
        body += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<00> <FF>",
            "endcodespacerange",
            *body,
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )


@lru_cache(maxsize=4)
def load(paths: FontPaths) -> Typeface:
    """Register both weights (about 0.2 s and 95 MB the first time)."""
    names = Typeface(str(paths.regular), str(paths.bold))
    for name in names:
        pdfmetrics.registerFont(CertificateFont(name, name))
    return names


def without_glyph(typeface: Typeface, text: str) -> str:
    """The characters of `text` that one of the two weights lacks, each once."""
    fonts: list[Any] = [pdfmetrics.getFont(name) for name in typeface]
    faces = [font.face.charToGlyph for font in fonts]
    return "".join(dict.fromkeys(sign for sign in text if any(ord(sign) not in face for face in faces)))
