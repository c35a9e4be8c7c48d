"""Markdown of lessons into safe HTML: markdown-it without raw HTML, then an allow-list.

Our own additions: bold that works beside full-width punctuation, no blanks from line ends between
Chinese characters, numbers that stay with their unit, figures, source marks, terms.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from lms.courses.packages.package import Medium
from lms.courses.packages.recording import MediaFile

SOURCE_MARK = re.compile(r"\[\^([a-z0-9-]{1,60})\]")
_TERM = re.compile(r"\[\[([a-z0-9-]{1,60})(?:\|([^\[\]|\n]{1,60}))?\]\]")
"""`[[id]]`, or `[[id|other words]]` where the sentence wants another form of the word."""
_LINK = re.compile(r"(?:https?://|tel:)[^\s]+$")
_UNITS = (
    "mmHg mmol/L mg/dL μmol/L kg/m² kg cm mm mL ml mg μg g L IU mV 学分 学时"
    " 分钟 小时 个月 个 天 周 岁 年 次 人 题 分 片 支 课 条 项 克 毫克 毫升 千克 公斤 厘米 步"
    " year years week weeks month months day days hour hours minute minutes times"
)
_UNIT = re.compile("(?<=[0-9]) (?=(?:" + "|".join(re.escape(unit) for unit in _UNITS.split()) + ")(?![A-Za-z]))")
_TAGS = {
    *("p", "h2", "h3", "ul", "ol", "li", "strong", "em", "br", "blockquote", "a", "sup", "div"),
    *("table", "thead", "tbody", "tr", "th", "td", "figure", "img", "figcaption"),
    *("picture", "source", "video", "audio", "track", "details", "summary"),
}
_ATTRIBUTES = {
    "a": {"href", "rel", "aria-label"},
    "img": {"src", "width", "height", "alt", "loading", "decoding"},
    "source": {"src", "srcset", "sizes", "type"},
    "video": {"controls", "preload", "playsinline", "width", "height"},
    "audio": {"controls", "preload"},
    "track": {"kind", "srclang", "label", "src"},
    "details": {"open"},
    "div": {"tabindex", "role", "aria-label"},
    "th": {"scope"},
    "ol": {"start"},
}
_CLASSES = {"a": {"term"}, "div": {"scroll"}, "td": {"r", "num"}, "th": {"r", "num"}}

FindMedium = Callable[[str], Medium | None]


@dataclass
class Page:
    """What rendering one lesson in one language collects on its way through the blocks."""

    find_medium: FindMedium
    table_label: str
    source_label: str
    words: Mapping[str, str] = field(default_factory=dict)  # of the terms, by id
    find_player: Callable[[str, str, str], str] = lambda address, title, caption: ""
    sizes: Mapping[str, Sequence[MediaFile]] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    heading: str = ""

    def number(self, source: str) -> int:
        if source not in self.marks:
            self.marks.append(source)
        return self.marks.index(source) + 1

    def term(self, name: str) -> int:
        if name not in self.terms:
            self.terms.append(name)
        return self.terms.index(name) + 1


def _wide(char: str) -> bool:
    return bool(char) and unicodedata.east_asian_width(char) in "WF"


class _Inline(StateInline):
    """Flanking by CJK rules (commonmark-spec#650): ** opens and closes beside 。and （."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - markdown-it's name
        scanned = super().scanDelims(start, canSplitWord)
        end = start + scanned.length
        before = self.src[start - 1] if start else " "
        after = self.src[end] if end < self.posMax else " "
        if not (_wide(before) or _wide(after)):
            return scanned
        opens, closes = not after.isspace(), not before.isspace()
        if canSplitWord:
            return Scanned(opens, closes, scanned.length)
        return Scanned(
            (opens and scanned.can_open) or opens,
            (closes and scanned.can_close) or closes,
            scanned.length,
        )


class _InlineParser(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _Inline(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _source_mark(state: StateInline, silent: bool) -> bool:
    match = SOURCE_MARK.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.push("source_mark", "", 0).content = match[1]
    state.pos = match.end()
    return True


def _term(state: StateInline, silent: bool) -> bool:
    match = _TERM.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("term", "", 0)
        token.content, token.meta = (match[2] or "").strip(), {"id": match[1]}
    state.pos = match.end()
    return True


def _figures(state: StateCore) -> None:
    """A picture that is a paragraph of its own becomes a figure."""
    tokens: list[Token] = []
    at = 0
    while at < len(state.tokens):
        token = state.tokens[at]
        inline = state.tokens[at + 1] if token.type == "paragraph_open" else None
        if inline is not None and inline.children and [child.type for child in inline.children] == ["image"]:
            picture = inline.children[0]
            picture.type, picture.block, picture.map = "figure", True, token.map
            tokens.append(picture)
            at += 3
            continue
        tokens.append(token)
        at += 1
    state.tokens = tokens


def _texts(state: StateCore) -> None:
    for token in state.tokens:
        children = token.children or []
        for at, child in enumerate(children):
            if child.type == "text":
                child.content = _UNIT.sub("\u00a0", child.content)
            elif child.type == "softbreak" and _wide(_edge(children, at, -1)) and _wide(_edge(children, at, 1)):
                child.type, child.content, child.markup = "text", "", "\n"


def _edge(children: Sequence[Token], at: int, step: int) -> str:
    """The character beside a line end, looking through marks of emphasis."""
    at += step
    while 0 <= at < len(children):
        if children[at].type == "term" and not children[at].content:
            return "词"  # the term's own word, which is Chinese where the other side of the line end is
        if children[at].content and children[at].type != "source_mark":
            return children[at].content[-1 if step < 0 else 0]
        at += step
    return ""


def _cells(state: StateCore) -> None:
    """Alignment as a class (the page's policy forbids style attributes), heads with a scope."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open"):
            style = token.attrs.pop("style", "")
            if style == "text-align:right":
                token.attrs["class"] = "r num"
            if token.type == "th_open":
                token.attrs["scope"] = "col"


class _Renderer(RendererHTML):
    def source_mark(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        page = _page(env)
        number = page.number(tokens[idx].content)
        label = escape(f"{page.source_label} {number}")
        return f'<sup><a href="#s{number}" aria-label="{label}">[{number}]</a></sup>'

    def term(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        page, name = _page(env), str(tokens[idx].meta["id"])
        shown = escape(tokens[idx].content or page.words.get(name, name))
        return f'<a class="term" href="#t{page.term(name)}">{shown}</a>' if name in page.words else shown

    def figure(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        page, address = _page(env), str(token.attrs.get("src", ""))
        medium = page.find_medium(address)
        alt, caption = token.content, str(token.attrs.get("title", ""))
        if medium is None:
            return page.find_player(address, alt, caption)
        shown = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
        return (
            f'<figure>{_smaller(page.sizes.get(medium.sha, ()))}<img src="{medium.address}" width="{medium.width}"'
            f' height="{medium.height}" alt="{escape(alt)}" loading="lazy" decoding="async">'
            f"{'</picture>' if page.sizes.get(medium.sha) else ''}{shown}</figure>\n"
        )

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return escape(tokens[idx].content)

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        _page(env).heading = plain_text(tokens[idx + 1])
        return f"<{tokens[idx].tag}>"

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        page = _page(env)
        label = page.heading or page.table_label
        return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<a href="{escape(str(tokens[idx].attrs.get("href", "")))}" rel="noopener noreferrer">'


def _smaller(sizes: Sequence[MediaFile]) -> str:
    """The beginning of a picture of which a browser takes the WebP that is wide enough, or the file itself."""
    if not sizes:
        return ""
    choice = ", ".join(f"{one.address} {one.width}w" for one in sizes)
    return f'<picture><source type="image/webp" srcset="{choice}" sizes="(min-width: 48em) 640px, 94vw">'


def _page(env: MutableMapping[str, object]) -> Page:
    page = env["page"]
    assert isinstance(page, Page)  # put there by render()
    return page


WORDS = ("text", "code_inline", "term")
"""Tokens inside a line that hold words."""


def plain_text(inline: Token) -> str:
    """The words of an inline token without any marks."""
    return "".join(child.content for child in inline.children or [] if child.type in WORDS)


def _parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    markdown.inline = _InlineParser()
    markdown.enable(["table"])
    markdown.disable(
        [
            "code",
            "fence",
            "hr",
            "html_block",
            "html_inline",
            "lheading",
            "reference",
            "backticks",
            "autolink",
        ]
    )
    markdown.inline.ruler.before("link", "source_mark", _source_mark)
    markdown.inline.ruler.before("link", "term", _term)
    markdown.core.ruler.push("figures", _figures)
    markdown.core.ruler.push("texts", _texts)
    markdown.core.ruler.push("cells", _cells)
    markdown.validateLink = lambda url: bool(_LINK.match(url)) or url.startswith("media/")  # type: ignore[method-assign]
    return markdown


_MARKDOWN = _parser()


def parse(text: str) -> list[Token]:
    """Tokens with line maps, for whoever judges the text."""
    return _MARKDOWN.parse(text, {})


def render(text: str, page: Page) -> str:
    """Safe HTML of one block of Markdown."""
    return clean(str(_MARKDOWN.render(text, {"page": page})))


def clean(html: str) -> str:
    """Only what a lesson may contain. The second wall: nothing here trusts the first."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "tel"},
        link_rel=None,
    )
