"""A page of HTML as a small tree of what a lesson can have; `nh3` throws out the rest, which is told."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

from lms.courses.imports.brought import Losses, refuse
from lms.courses.imports.spelling import run_text
from lms.kernel.text import Message, msg

MOST_DEPTH = 100
MOST_SIGNS = 60_000
"""Tags in a page; a book of 400 pages has about 30,000."""
MOST_PAGE = 6 * 1024 * 1024
_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "section", "article", "main", "aside", "header", "footer"),
    *("br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "figure", "figcaption", "address"),
    *("strong", "b", "em", "i", "a", "sup", "sub", "img", "details", "summary"), *("video", "audio", "source"),
    *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"),
}
_ATTRIBUTES = {
    "a": {"href", "id"}, "video": {"src", "title"}, "audio": {"src", "title"}, "source": {"src"},
    "li": {"id"}, "img": {"src", "alt", "title"},
    "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "h1": {"class"}, "ol": {"start"},
}  # fmt: skip
_GONE = {"script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "select", "textarea",
         "title", "canvas", "head", "button"}  # fmt: skip
BLOCKS = frozenset(_TAGS - {"strong", "b", "em", "i", "a", "sup", "sub", "img", "br", "video", "audio", "source"})
PLAYED = ("video", "audio")
SHOWN = ("img", *PLAYED)
"""What stands by itself in a lesson, behind the words around it."""
_VOID = frozenset({"br", "hr", "img", "source"})
_SOUGHT = re.compile(
    r"<\s*(script|style|iframe|object|embed|applet|form|input|svg|math|canvas)\b"
    r"|[\s/\"'](on[a-z]{3,30})\s*=\s*[\"'a-z]|\b(javascript|vbscript)\s*:",
    re.IGNORECASE,
)
_WORDS: dict[str, Message] = {
    "script": msg("脚本没有带来"), "style": msg("字体、颜色等样式没有带来"),
    "frame": msg("嵌在页面里的别的网页没有带来"), "form": msg("填写的表单没有带来"),
    "drawing": msg("写在页面里的图（SVG、画布）没有带来"), "math": msg("公式没有带来，请照原样重新写"),
}  # fmt: skip
_SORTS = {
    "script": "script", "style": "style", "iframe": "frame", "object": "frame", "embed": "frame", "applet": "frame",
    "form": "form", "input": "form", "svg": "drawing", "canvas": "drawing",
    "math": "math",
}  # fmt: skip


@dataclass(slots=True)
class Node:
    """An element or (tag "") a text."""

    tag: str
    text: str = ""
    attrs: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)


class _Builder(HTMLParser):
    """The tree of HTML that nh3 wrote: every tag is closed."""

    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("div")
        self._file, self._open = file, [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, attrs={name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)
            if len(self._open) > MOST_DEPTH:
                raise refuse(msg("网页套得太深，读不了"), self._file)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(Node("", run_text(data)))


def tree_of(html: str, file: str, losses: Losses) -> Node:
    """A page without anything that is no text, table, list or picture. Raises BadPackageError."""
    if len(html) > MOST_PAGE:
        raise refuse(msg("文件太大，每个不超过 {size} MB", size=MOST_PAGE // 1024**2), file)
    if html.count("<") > MOST_SIGNS or html.count("&") > 4 * MOST_SIGNS:
        raise refuse(msg("内容太多，读不完。请分成几个小一点的文件。"), file)
    _tell_sought(html, file, losses)
    clean = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, clean_content_tags=_GONE, link_rel=None, strip_comments=True,
        url_schemes={"http", "https", "tel", "data", "mailto"},
    )  # fmt: skip
    builder = _Builder(file)
    builder.feed(clean)
    builder.close()
    return builder.root


def text_in(data: bytes, path: str, losses: Losses) -> str:
    """The text of a page: UTF-8, else GB 18030 (pages from Chinese systems), told where letters are lost."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    losses.add(msg("有些字认不出来，编码不是 UTF-8"), path)
    return data.decode("utf-8", errors="replace")


def _tell_sought(html: str, file: str, losses: Losses) -> None:
    """Tell of what the allow-list throws out, each sort once, with the line where it is first."""
    told: set[str] = set()
    for match in _SOUGHT.finditer(html):
        sort = _SORTS[match[1].lower()] if match[1] else "script"
        if sort not in told:
            told.add(sort)
            losses.add(_WORDS[sort], file, html.count("\n", 0, match.start()) + 1)


def inside(node: Node) -> Iterator[Node]:
    """Everything inside of a node, but not inside of a list, table or film in it."""
    for child in node.children:
        yield child
        if child.tag not in ("ul", "ol", "table", *PLAYED):
            yield from inside(child)


def played_at(node: Node) -> str:
    """The address of a film or sound: its own, else the first of those it offers."""
    own = node.attrs.get("src", "")
    return own or next((one.attrs.get("src", "") for one in node.children if one.tag == "source"), "")


def pictures_in(node: Node) -> Iterator[Node]:
    """Every picture, film and sound inside of a node, however deep."""
    if node.tag in SHOWN:
        yield node
        return
    for child in node.children:
        yield from pictures_in(child)


def set_apart(item: Node) -> list[Node]:
    """What cannot stand in an item of a list."""
    return [one for one in inside(item) if one.tag in (*SHOWN, "table")]


def without_lists(node: Node) -> Node:
    """The node without what is told after the words of an item of a list."""
    kept = [without_lists(child) for child in node.children if child.tag not in ("ul", "ol", "table")]
    return Node(node.tag, node.text, node.attrs, kept)


def without_tables(node: Node) -> Node:
    """The node without tables in it."""
    kept = [without_tables(child) for child in node.children if child.tag != "table"]
    return Node(node.tag, node.text, node.attrs, kept)


def holds_block(node: Node) -> bool:
    """Whether something stands by itself inside of a node."""
    return node.tag not in PLAYED and any(child.tag in BLOCKS or holds_block(child) for child in node.children)


def text_of(node: Node, *, keep: bool = False) -> str:
    """The words of a node; `keep` its line ends."""
    if node.tag == "":
        return node.text
    if node.tag in PLAYED:
        return ""  # what stands inside is for browsers that play nothing
    if node.tag == "br":
        return "\n" if keep else " "
    inner = "".join(text_of(child, keep=keep) for child in node.children)
    return f" {inner} " if node.tag in BLOCKS and not keep else inner
