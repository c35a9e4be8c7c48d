"""What can be drawn is known before anything is drawn."""

from hashlib import sha256

from reportlab.pdfbase.ttfonts import TTFontFile

from lms.certificates import coverage
from lms.certificates.coverage import BOLD, FONTS, REGULAR, missing_characters


def test_rare_characters_of_names_are_known() -> None:
    assert missing_characters("买买提·艾力王㛃李䶮赵𬭎钱堃") == ""


def test_it_names_each_missing_character_once() -> None:
    assert missing_characters("吉𠮷𠮷\u0644a") == "𠮷\u0644"


def test_it_agrees_with_the_drawing_library() -> None:
    for path in (REGULAR, BOLD):
        drawn = TTFontFile(str(path)).charToGlyph
        assert coverage._characters(path) == {point for point, glyph in drawn.items() if glyph}


def test_the_fonts_are_the_ones_we_took() -> None:
    for line in (FONTS / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert sha256((FONTS / name).read_bytes()).hexdigest() == digest
