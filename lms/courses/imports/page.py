"""A page of HTML as the house's Markdown. What a lesson cannot have is cleaned away and told.

In three steps: an allow-list throws out what is not text, table, list or picture, a small tree is built of the rest
(`page_tree`), and the tree is written as Markdown in which every word means itself.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lms.courses.imports.brought import Losses
from lms.courses.imports.page_tree import (
    BLOCKS,
    PLAYED,
    SHOWN,
    Node,
    holds_block,
    inside,
    pictures_in,
    played_at,
    set_apart,
    text_of,
    without_lists,
    without_tables,
)
from lms.courses.imports.spelling import Run, paragraph, plain, quoted
from lms.courses.packages.bodies import MAX_COLUMNS
from lms.kernel.text import msg

_LINK = re.compile(r"(?:https?://[^\s<>\"'()\\]{1,2000}|tel:[0-9+-]{1,40})", re.IGNORECASE)
_HEADS = ("h1", "h2", "h3", "h4", "h5", "h6")

FindPicture = Callable[[str], str | None]
"""The address in a page → the address in a lesson; None for a picture that there is not."""
FindFile = Callable[[str], str | None]
"""The same for a file that a page links to or plays: None where the address means no file, "" for one that cannot come
(which was told)."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page that stands by itself; a heading has a level, and is the words alone."""

    text: str
    level: int = 0


@dataclass(slots=True)
class Marks:
    """Which links are marks of footnotes: `names` by their target, and those that were met."""

    names: dict[str, str] = field(default_factory=dict)
    met: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Writer:
    """Writes one page; `where` is the name under which losses are told."""

    where: str
    losses: Losses
    picture: FindPicture
    file: FindFile = lambda address: None
    marks: Marks = field(default_factory=Marks)
    _blocks: list[Block] = field(default_factory=list)
    _linked: list[Block] = field(default_factory=list)

    def write(self, root: Node) -> list[Block]:
        """The page as blocks of Markdown."""
        self._flow(root.children)
        return self._blocks

    def _add(self, text: str) -> None:
        if text.strip():
            self._blocks.append(Block(text))
        self._blocks += self._linked  # a file that these words link to stands right behind them
        self._linked.clear()

    def _flow(self, nodes: Sequence[Node], lead: str = "") -> None:
        """Blocks one after the other; what stands between them is a paragraph."""
        loose: list[Node] = []
        for node in nodes:
            if node.tag not in BLOCKS and not holds_block(node):
                loose.append(node)
                continue
            self._paragraph(loose, lead)
            loose = []
            self._block(node, lead)
        self._paragraph(loose, lead)

    def _block(self, node: Node, lead: str) -> None:
        tag = node.tag
        if tag in _HEADS and not lead:
            words = " ".join(text_of(node).split())
            if words:
                self._blocks.append(Block(words, int(tag[1])))
            for one in pictures_in(node):
                self._figure(one, "")
        elif tag in _HEADS or tag == "dt":
            self._paragraph([Node("strong", children=[Node("", text_of(node))]), *pictures_in(node)], lead)
        elif tag in ("ul", "ol"):
            self._list(node, lead)
        elif tag == "table":
            self._table(node)
        elif tag == "figure":
            self._figure_with_caption(node)
        elif tag == "blockquote":
            self._flow(node.children, "> ")
        elif tag == "pre":
            for line in text_of(node, keep=True).splitlines()[:2000]:
                self._paragraph([Node("", line)], lead)
        elif tag != "hr":
            self._flow(node.children, lead)

    def _paragraph(self, nodes: Sequence[Node], lead: str) -> None:
        """Words with their pictures behind them: a picture is a paragraph of its own."""
        if not nodes:
            return
        text = paragraph(self._runs(nodes))
        self._add("\n".join(lead + line for line in text.split("\n")) if text else "")
        for node in nodes:
            for one in pictures_in(node):
                self._figure(one, "")

    def _runs(self, nodes: Sequence[Node], bold: bool = False, italic: bool = False, link: str = "") -> list[Run]:
        found: list[Run] = []
        for node in nodes:
            if node.tag == "":
                found.append(Run(node.text, bold, italic, link))
            elif node.tag == "br":
                found.append(Run("\n", bold, italic, link))
            elif node.tag == "a":
                found += self._link(node, bold, italic)
            elif node.tag in ("sup", "sub"):
                found += self._raised(node, bold, italic, link)
            elif node.tag not in (*SHOWN, "table"):
                inner = self._runs(node.children, bold or node.tag in ("strong", "b"),
                                   italic or node.tag in ("em", "i"), link)  # fmt: skip
                found += [*inner, Run(" ", bold, italic, link)] if node.tag in BLOCKS else inner
        return found

    def _link(self, node: Node, bold: bool, italic: bool) -> list[Run]:
        href = node.attrs.get("href", "").strip()
        if href.startswith("#"):
            name = self.marks.names.get(href[1:])
            if name is not None:
                self.marks.met.append(name)
                return [Run(name, mark=True)]
            return self._runs(node.children, bold, italic)
        if _LINK.fullmatch(href):
            return self._runs(node.children, bold, italic, href)
        address = self.file(href) if href else None
        if address:
            words = " ".join(text_of(node).split())[:300] or href.rpartition("/")[2][:80]
            self._linked.append(Block(f"![{plain(words)}]({address})"))
        elif href and address is None:
            self.losses.add(msg("指向文件内部或邮箱的链接没有带来，文字还在"), self.where)
        return self._runs(node.children, bold, italic)

    def _raised(self, node: Node, bold: bool, italic: bool, link: str) -> list[Run]:
        """10⁹ and H₂O have letters of their own; a mark of a footnote goes on as it is."""
        inner = self._runs(node.children, bold, italic, link)
        if any(one.mark for one in inner):
            return [one for one in inner if one.mark]
        words = "".join(one.text for one in inner)
        raised = words.translate(_SUPER if node.tag == "sup" else _SUB)
        if words.strip() and not all(char in _RAISED for char in raised):
            self.losses.add(msg("上标、下标没有带来，文字还在：{text}", text=words[:40]), self.where)
            return inner
        return [Run(raised, bold, italic, link)]

    def _list(self, node: Node, lead: str, indent: str = "") -> None:
        lines: list[str] = []
        after: list[Node] = []
        self._list_lines(node, indent, lines, after)
        self._add("\n".join(lead + line for line in lines))
        for one in after:
            if one.tag in SHOWN:
                self._figure(one, "")
            else:
                self._table(one)

    def _list_lines(self, node: Node, indent: str, lines: list[str], after: list[Node]) -> None:
        number = _start(node)
        for item in node.children:
            if item.tag in ("ul", "ol"):  # a list right inside of a list
                self._list_lines(item, indent + "  ", lines, after)
                continue
            if item.tag != "li":
                continue
            sign = f"{number}. " if node.tag == "ol" else "- "
            inner = indent + " " * len(sign)
            text = paragraph(self._runs([without_lists(item)])).split("\n")
            lists = [one for one in inside(item) if one.tag in ("ul", "ol")]
            if text == [""] and not lists:
                after += set_apart(item)
                continue
            lines.append(indent + sign + text[0])
            lines += [inner + line for line in text[1:]]
            for one in lists:
                self._list_lines(one, inner, lines, after)
            after += set_apart(item)
            number += 1

    def _figure(self, node: Node, caption: str) -> None:
        if node.tag in PLAYED:
            self._played(node, caption)
            return
        address = self.picture(node.attrs.get("src", ""))
        if address is None:
            return
        alt = " ".join(node.attrs.get("alt", "").split())[:300]
        if not alt:
            self.losses.add(msg("图片没有文字说明，收进来以后请补上"), self.where)
        self._add(f"![{plain(alt)}]({address}{quoted(caption)})")

    def _played(self, node: Node, caption: str) -> None:
        said = played_at(node)
        address = self.file(said) if said else None
        if address is None:
            self.losses.add(msg("录音、录像没有带来"), self.where)
        elif address:
            words = " ".join((caption or node.attrs.get("title", "")).split())[:300] or said.rpartition("/")[2][:80]
            self._add(f"![{plain(words)}]({address})")

    def _figure_with_caption(self, node: Node) -> None:
        pictures = list(pictures_in(node))
        captions = [one for one in inside(node) if one.tag == "figcaption"]
        caption = " ".join(text_of(captions[0]).split())[:300] if captions else ""
        if len(pictures) == 1 and not any(one.tag == "table" for one in inside(node)):
            self._figure(pictures[0], caption)
        else:
            self._flow(node.children)

    def _table(self, node: Node) -> None:
        rows = [one for one in inside(node) if one.tag == "tr"]
        cells = [[cell for cell in row.children if cell.tag in ("td", "th")] for row in rows]
        for one in inside(node):
            if one.tag == "caption":
                self._paragraph(one.children, "")
        if len(cells) == 1 and len(cells[0]) == 1:  # a box around a few words
            self._flow(cells[0][0].children)
            return
        grid = self._grid(cells)
        if not grid:
            return
        width = max(len(row) for row in grid)
        if width > MAX_COLUMNS:
            self.losses.add(msg("一张表有 {width} 列，手机上最多放 {most} 列：表带来了，请拆一拆", width=width,
                                most=MAX_COLUMNS), self.where)  # fmt: skip
        lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in grid]
        self._add("\n".join([lines[0], "|" + "---|" * width, *lines[1:]]))
        for row in cells:
            for cell in row:
                for one in inside(cell):
                    if one.tag in SHOWN:
                        self._figure(one, "")
                    elif one.tag == "table":
                        self._table(one)

    def _grid(self, rows: Sequence[Sequence[Node]]) -> list[list[str]]:
        """The cells as text; one that was merged stands in the first of its places, the others are empty."""
        grid: list[list[str]] = []
        below: dict[int, int] = {}  # column → rows that a cell above still covers
        for row in rows[:500]:
            line: list[str] = []
            for cell in row[:40]:
                while below.get(len(line), 0):
                    below[len(line)] -= 1
                    line.append("")
                wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
                if wide > 1 or high > 1:
                    self.losses.add(msg("合并的单元格拆开了，空出来的格子是空的"), self.where)
                text = paragraph(self._runs([without_tables(cell)])).replace("\\\n", " ").replace("\n", " ")
                for place in range(wide):
                    if high > 1:
                        below[len(line)] = high - 1
                    line.append("" if place else text)
            if any(line):
                grid.append(line[:40])
        return grid


_SUPER = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SUB = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_RAISED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ \n®™°")


def _span(cell: Node, name: str) -> int:
    said = cell.attrs.get(name, "1")
    return min(max(int(said), 1), 20) if said.isascii() and said.isdigit() and len(said) < 5 else 1


def _start(node: Node) -> int:
    said = node.attrs.get("start", "1")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 5 else 1
