"""A chapter's elements as what ReportLab lays out: paragraphs, lists, tables that may break, pictures, boxes."""

from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from reportlab.lib.colors import white
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, ListFlowable, ListItem, LongTable, Paragraph, Spacer, Table

from lms.books.imprint import Book
from lms.books.pdf.letters import GREEN, LINE, PALE, RED, Letters
from lms.books.pdf.pictures import NotDrawnError, Picture
from lms.courses.packages.package import Medium
from lms.kernel.i18n import translate
from lms.kernel.text import msg

WIDTH, HEIGHT, PICTURE_HEIGHT = 174 * mm, 257 * mm, 190 * mm
HEADING = 20 * mm
"""Room left for a heading above a box that fills the rest of a page."""
TALL = 700
"""Signs that may be more than fits between the head and the foot of a page beside other things."""
PAGEFUL = 1200
"""Signs that fit on a page by themselves."""
_INLINE = {"strong": "b", "b": "b", "em": "i", "sup": "super"}
_BARS = {"emg": RED, "key": GREEN, "check": GREEN}


class _Box(Table):
    """A frame around the things in it: it goes to the next page rather than be cut, if one page can hold it."""

    def split(self, width: float, height: float) -> Any:
        """The parts before and after the page's end; none: all of it goes to the next page."""
        if self.wrap(width, height)[1] <= HEIGHT - HEADING:
            return []
        return super().split(width, height)


class Teller:
    """Tells one chapter; `mark` sets its notes apart from those of the others."""

    def __init__(self, book: Book, letters: Letters, language: str, mark: str) -> None:
        self._letters, self._language, self._mark = letters, language, mark
        self._tree = book.tree
        self._media: dict[str, Medium] = {medium.address: medium for medium in book.package.media}

    def blocks(self, parent: Element, width: float = WIDTH) -> list[Flowable]:
        """Everything in an element that holds blocks."""
        found: list[Flowable] = []
        loose = self._letters.clear((parent.text or "").strip())
        for element in parent:
            if element.tag == "b" and not loose.strip():  # what stands over a call-out or the sources
                found.append(Paragraph(f"<b>{self._words(element).strip()}</b>", self._letters.lead))
                loose = self._letters.clear((element.tail or "").strip())
                continue
            if element.tag in ("b", "strong", "a", "em", "sup", "span", "br"):
                loose += self._inline(element) + self._letters.clear(element.tail or "")
                continue
            if loose.strip():
                found.append(Paragraph(loose, self._letters.plain))
                loose = ""
            found += self._block(element, width)
        if loose.strip():
            found.append(Paragraph(loose, self._letters.plain))
        return found

    def _block(self, element: Element, width: float) -> list[Flowable]:
        tag, kind = element.tag, element.get("class", "")
        if tag in ("h2", "h3"):
            return [Paragraph(self._words(element), getattr(self._letters, tag))]
        if tag == "p":
            look = self._letters.h3 if kind in ("label", "stem") else self._letters.plain
            return [Paragraph(self._words(element), look)]
        if tag in ("ul", "ol"):
            return self._list(element, width)
        if tag == "figure":
            return self._figure(element, width)
        if tag == "table":
            return [self._table(element, width), Spacer(1, 9)]
        if kind.split(" ")[0] in ("call", "check") or tag == "blockquote":
            return self._box(element, kind.split(), width)
        return self.blocks(element, width)

    def _words(self, element: Element) -> str:
        said = self._letters.clear(element.text or "")
        return said + "".join(self._inline(one) + self._letters.clear(one.tail or "") for one in element)

    def _inline(self, element: Element) -> str:
        said, tag = self._words(element), _INLINE.get(element.tag)
        if element.tag == "br":
            return "<br/>"
        href = element.get("href", "")
        if element.tag == "a" and href:
            target = f"#{self._mark}-{href[1:]}" if href.startswith("#") else href
            return f'<a href={quoteattr(target)} color="#0f5c4c">{said}</a>'
        return f"<{tag}>{said}</{tag}>" if tag else said

    def _list(self, element: Element, width: float) -> list[Flowable]:
        """Line by line: a heading is kept with the first, as it would not be with a whole ListFlowable."""
        small = bool(element.get("class"))
        items: list[Any] = []
        for line in element:
            nested = [child for child in line if child.tag in ("ul", "ol", "p", "table", "figure")]
            words = "" if nested else self._words(line)
            if name := line.get("id"):
                words = f'<a name="{self._mark}-{name}"/>{words}'
            look = self._letters.small if small else self._letters.plain
            inside: Any = self.blocks(line, width - 20) if nested else [Paragraph(words, look)]
            items.append(ListItem(inside, leftIndent=18))
        how: dict[str, Any] = {"bulletType": "bullet", "start": "•"}
        if element.tag == "ol":
            how = {"bulletType": "1", "start": int(element.get("start") or 1)}
        size = 8.5 if small else 10.5
        how |= {"bulletFontName": self._letters.face.regular, "bulletFontSize": size, "leftIndent": 18}
        lines: list[Flowable] = ListFlowable(items, **how).split(0, 0) if items else []
        return lines

    def _figure(self, element: Element, width: float) -> list[Flowable]:
        image = element.find("img")
        caption = element.find("figcaption")
        said = self._words(caption) if caption is not None else ""
        below = [Paragraph(said, self._letters.caption)] if said else [Spacer(1, 9)]
        medium = self._media.get(image.get("src", "")) if image is not None else None
        if image is None or medium is None:
            return []
        try:
            data = self._tree[f"media/{medium.name}"]
            picture: Any = Picture(medium, data, self._letters, width, PICTURE_HEIGHT)
            picture.keepWithNext = bool(said)
            return [picture, *below]
        except (NotDrawnError, KeyError):
            words = translate(msg("这张图印不出来，请在网上看。图里是："), self._language)
            text = self._letters.clear(words + image.get("alt", ""))
            return [self._framed([Paragraph(text, self._letters.small)], LINE, width), *below]

    def _table(self, element: Element, width: float) -> Flowable:
        heads = [list(row) for row in element.iterfind("thead/tr")]
        rows = [*heads, *(list(row) for row in element.iterfind("tbody/tr"))]
        columns = max((len(row) for row in rows), default=1)
        cells = [[self._cell(one) for one in row] + [""] * (columns - len(row)) for row in rows]
        weights = [max(6, *(min(40, _length(row[at])) for row in rows if at < len(row))) for at in range(columns)]
        widths = [width * weight / sum(weights) for weight in weights]
        style: list[Any] = [
            ("GRID", (0, 0), (-1, -1), 0.5, LINE), ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, len(heads) - 1), PALE),
        ]  # fmt: skip
        style = style if heads else style[:2]
        tall = any(_weight(one) > TALL / columns for row in rows for one in row)
        return LongTable(cells, widths, repeatRows=len(heads), style=style, splitInRow=int(tall))

    def _cell(self, element: Element) -> Flowable:
        right = "num" in element.get("class", "")
        look = self._letters.head if element.tag == "th" else self._letters.number if right else self._letters.cell
        return Paragraph(self._words(element), look)

    def _box(self, element: Element, kinds: Iterable[str], width: float) -> list[Flowable]:
        rows = [line for one in element for line in (one if one.tag in ("ul", "ol") else [one])]
        # The first two stay together (a title with what it is the title of).
        tall = any(_weight(one) > PAGEFUL for one in rows) or sum(map(_weight, rows[:2])) > PAGEFUL
        tall = tall or len(element.text or "") > PAGEFUL
        if tall or element.find("ol[@class]") is not None:
            return self.blocks(element, width)  # too long for a frame, which breaks only between two things
        colour = next((_BARS[kind] for kind in kinds if kind in _BARS), LINE)
        return [self._framed(self.blocks(element, width - 24), colour, width), Spacer(1, 9)]

    def _framed(self, inside: list[Flowable], colour: object, width: float) -> Flowable:
        """A box that, longer than a page, may break between any two of the things in it."""
        ground = PALE if colour in (LINE, RED) else white
        style: list[Any] = [
            ("BACKGROUND", (0, 0), (-1, -1), ground), ("LEFTPADDING", (0, 0), (-1, -1), 12),
            ("LINEBEFORE", (0, 0), (0, -1), 3, colour), ("BOX", (0, 0), (-1, -1), 0.4, colour),
            ("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ("NOSPLIT", (0, 0), (0, min(1, len(inside) - 1))),
        ]  # fmt: skip
        return _Box([[one] for one in inside] or [[""]], [width], style=style)


def _weight(element: Element) -> int:
    """About how many signs of room a thing takes; each list line or row begins a new one."""
    return _length(element) // 2 + 40 * sum(1 for _ in element.iter())


def _length(element: Element) -> int:
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in "".join(element.itertext()))
