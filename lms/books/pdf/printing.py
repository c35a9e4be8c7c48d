"""The whole book on A4: title, contents, lessons, sources; the same book gives the same bytes."""

import io
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph, Spacer, Table
from reportlab.platypus.tableofcontents import TableOfContents

from lms.books import front
from lms.books.imprint import Book
from lms.books.pdf.letters import SOFT, Letters
from lms.books.pdf.story import HEIGHT, WIDTH, Teller
from lms.books.shape import Chapter, chapters
from lms.kernel.i18n import translate
from lms.kernel.text import msg

SIDE, FOOT = 18 * mm, 22 * mm
MOST_PAGES = 1500
_SHOWN = 16  # signs of the fingerprint on every page; the whole stands on the first


def printed(book: Book) -> bytes:
    """The PDF."""
    out = io.BytesIO()
    letters = {language: Letters(language) for language in book.languages}
    _Paper(out, book, letters[book.languages[0]]).multiBuild(_story(book, letters))
    return out.getvalue()


class _Paper(BaseDocTemplate):
    """A4 with a foot on every page; headings of lessons go into the contents and the outline."""

    def __init__(self, out: io.BytesIO, book: Book, letters: Letters) -> None:
        first = book.languages[0]
        title = letters.plainly(book.package.title[first])
        super().__init__(
            out, pagesize=A4, title=title, author=letters.plainly(book.imprint.centre[first]), invariant=1,
            lang={"zh": "zh-CN", "en": "en"}[first], displayDocTitle=True,
        )  # fmt: skip
        frame = Frame(SIDE, FOOT, WIDTH, HEIGHT, 0, 0, 0, 0)
        self.addPageTemplates([PageTemplate("page", [frame], onPage=self._foot)])
        said = [title, front.edition(book, first)]
        if not book.package.reviewed:
            said.append(front.review(book, first))
        self._said, self._face = "　".join(said), letters.face.regular
        self._hash = book.imprint.content_hash[:_SHOWN]

    def _foot(self, canvas: Any, _document: object) -> None:
        canvas.saveState()
        canvas.setFillColor(SOFT)
        canvas.setFont(self._face, 8)
        canvas.drawString(SIDE, 13 * mm, self._fitting(canvas, self._said, WIDTH - 40))
        canvas.drawRightString(A4[0] - SIDE, 13 * mm, str(canvas.getPageNumber()))
        canvas.drawString(SIDE, 9 * mm, self._hash)
        canvas.restoreState()

    def afterPage(self) -> None:  # noqa: N802 - the library's name
        """A layout that finds no end is given up."""
        if self.page > MOST_PAGES:
            raise ValueError("a book of too many pages")

    def _fitting(self, canvas: Any, text: str, room: float) -> str:
        while canvas.stringWidth(text, self._face, 8) > room:
            text = text[:-2] + "…"
        return text

    def afterFlowable(self, flowable: Any) -> None:  # noqa: N802 - the library's name
        """Note where a lesson begins."""
        key = getattr(flowable, "begins", None)
        if key:
            text = flowable.getPlainText()
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key, 0)
            self.notify("TOCEntry", (0, flowable.text, self.page, key))


def _story(book: Book, letters: dict[str, Letters]) -> list[Flowable]:
    story: list[Flowable] = []
    for language in book.languages:
        story += [*_title(book, letters[language], language), PageBreak()]
    first = book.languages[0]
    contents = TableOfContents()
    contents.levelStyles = [letters[first].entry]
    contents.dotsMinLevel = 0
    story += [Paragraph(translate(msg("目录"), first), letters[first].h1), contents]
    for language in book.languages:
        for chapter in chapters(book, language):
            story += [PageBreak(), *_chapter(book, letters[language], chapter)]
        story += [PageBreak(), *_sources(book, letters[language], language)]
    return story


def _begin(text: str, look: Any, key: str) -> Any:
    found: Any = Paragraph(text, look)
    found.begins = key
    return found


def _title(book: Book, letters: Letters, language: str) -> list[Flowable]:
    package = book.package
    story: list[Flowable] = [
        Paragraph(letters.clear(package.title[language]), letters.title),
        Paragraph(letters.clear(package.summary[language]), letters.plain),
    ]
    if not package.reviewed:
        story.append(Paragraph(letters.clear(front.review(book, language)), letters.mark))
    rows = [
        [Paragraph(letters.clear(one), look) for one, look in ((name, letters.small), (value, letters.cell))]
        for name, value in front.facts(book, language)
    ]
    table = Table(rows, [32 * mm, WIDTH - 32 * mm], style=[("VALIGN", (0, 0), (-1, -1), "TOP")])
    story += [Spacer(1, 8), table, Paragraph(translate(msg("学完您能"), language), letters.h2)]
    return [*story, *(Paragraph("• " + letters.clear(one.text[language]), letters.plain) for one in package.objectives)]


def _chapter(book: Book, letters: Letters, chapter: Chapter) -> list[Flowable]:
    number = translate(msg("第 {number} 课", number=chapter.number), chapter.language)
    title = letters.clear(f"{number}　{chapter.title}")
    teller = Teller(book, letters, chapter.language, chapter.name)
    return [_begin(title, letters.h1, chapter.name), *teller.blocks(chapter.body)]


def _sources(book: Book, letters: Letters, language: str) -> list[Flowable]:
    title = letters.clear(translate(msg("课程依据"), language))
    story = [_begin(title, letters.h1, f"{language}-sources")]
    for number, one in enumerate(book.package.sources, 1):
        story.append(Paragraph(letters.clear(f"{number}. {front.source(one, language)} {one.url}"), letters.small))
    return story
