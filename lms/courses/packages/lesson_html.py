"""One lesson in one language as HTML, cut where the self-checks stand."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

from lms.courses.packages import blocks, markdown, pictures
from lms.courses.packages.fields import Findings
from lms.courses.packages.package import Lesson, Package, Source
from lms.courses.packages.players import player
from lms.courses.packages.recording import MediaFile, Recording
from lms.courses.packages.recording_files import by_name

Parts = tuple[str, ...]
"""HTML, code of a check, HTML, code, …, HTML: even places are safe HTML, odd places codes."""

_WORDS = {
    "zh": {
        "table": "表格",
        "source": "依据",
        "sources": "本课依据",
        "terms": "本课的词",
        "colon": "：",
        "call": "拨打 120",
        "official": "读自原文",
        "secondary": "读自转载",
        "link": "查看原文",
        "comma": "，",
        "stop": "。",
        "year": "{}年",
    },
    "en": {
        "table": "Table",
        "source": "Source",
        "sources": "Sources of this lesson",
        "terms": "Words of this lesson",
        "colon": ": ",
        "call": "Call 120",
        "official": "read in the original",
        "secondary": "read in a reprint",
        "link": "Open the original",
        "comma": ", ",
        "stop": ". ",
        "year": "{}",
    },
}
_ICONS = {
    "emg": "M6.5 3.5l3 .5 1.5 4-2 1.8c1 2.2 3 4.2 5.2 5.2l1.8-2 4 1.5.5 3c-.3 1.7-1.5 3-3.5 3"
    "C10 20.5 3.5 14 3.5 7c0-2 1.3-3.2 3-3.5z",
    "key": "M7 3.5h10v17l-5-4-5 4z",
    "law": "M12 4v16M7 20h10M5 7h14M5 7l-3 7h6zM19 7l-3 7h6z",
    "source": "M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12h6M9 16h6",
    "local": "M12 21.5c-4-4.5-6.5-8-6.5-11.5a6.5 6.5 0 0 1 13 0c0 3.5-2.5 7-6.5 11.5z"
    "M12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
    "note": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v6M12 7.5v.2",
}
_CLASSES = {"emg": "call emg no", "key": "call key ok", "law": "call law wait"}


def render_lesson(
    package: Package,
    lesson: Lesson,
    language: str,
    sizes: Mapping[str, Sequence[MediaFile]] | None = None,
    show: Callable[[Recording, str, str, str], str] = player,
) -> Parts:
    """The lesson's parts. Everything an author wrote is escaped or passed the allow-list. `sizes`: smaller WebP
    files of pictures, by the picture's SHA. `show`: how recordings are shown; on paper they cannot be played."""
    page = _page(package, language, sizes, show)
    parts = _drawn(lesson, language, page)
    parts[-1] += _term_list(package, page.terms, language)
    parts[-1] += _source_list(package, lesson, page.marks, language)
    return tuple(parts)


def render_card(package: Package, card: Lesson, language: str) -> tuple[str, str]:
    """The pocket card, and apart from it its words and sources, which need not be printed."""
    page = _page(package, language, None, player)
    body = "".join(_drawn(card, language, page))
    return body, _term_list(package, page.terms, language) + _source_list(package, card, page.marks, language)


def _page(
    package: Package,
    language: str,
    sizes: Mapping[str, Sequence[MediaFile]] | None,
    show: Callable[[Recording, str, str, str], str],
) -> markdown.Page:
    media = pictures.by_name(package.media)
    recordings = by_name(package.recordings)

    def find_player(address: str, title: str, caption: str) -> str:
        recording = pictures.resolve(address, language, recordings)
        return show(recording, title, caption, language) if recording else ""

    words = _WORDS[language]
    return markdown.Page(
        find_medium=lambda address: pictures.resolve(address, language, media),
        table_label=words["table"],
        source_label=words["source"],
        words={term.id: term.word[language] for term in package.terms},
        find_player=find_player,
        sizes=sizes or {},
    )


def _drawn(lesson: Lesson, language: str, page: markdown.Page) -> list[str]:
    """HTML and codes of checks in turn."""
    text, words = lesson.texts[language], _WORDS[language]
    parts = [""]
    for block in blocks.split(text.body, text.file, text.first_line, Findings()):
        if isinstance(block, blocks.Check):
            parts += [block.code, ""]
        elif isinstance(block, blocks.CallOut):
            parts[-1] += _call_out(block, page, words)
        else:
            parts[-1] += markdown.render(block.text, page)
    return parts


def _icon(kind: str) -> str:
    return f'<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="{_ICONS[kind]}"/></svg>'


def _call_out(box: blocks.CallOut, page: markdown.Page, words: Mapping[str, str]) -> str:
    button = ""
    if box.kind == "emg":
        button = f'<a class="btn no wide" href="tel:120">{_icon("emg")}{words["call"]}</a>'
    return (
        f'<div class="{_CLASSES.get(box.kind, "call")}">'
        f"<b>{_icon(box.kind)} {escape(box.title)}</b>\n"
        f"{markdown.render(box.text, page)}{button}</div>\n"
    )


def _term_list(package: Package, names: Sequence[str], language: str) -> str:
    """What the words mean that the text marks, in the order in which it does; the marks lead here."""
    known, words = {term.id: term for term in package.terms}, _WORDS[language]
    rows = "".join(
        f'<p id="t{number}"><b>{escape(known[name].word[language])}</b>{words["colon"]}'
        f"{escape(known[name].meaning[language])}</p>\n"
        for number, name in enumerate(names, 1)
    )
    return f'<div class="call"><b>{_icon("note")} {words["terms"]}</b>\n{rows}</div>\n' if rows else ""


def _source_list(package: Package, lesson: Lesson, marks: Sequence[str], language: str) -> str:
    """Sources in order of their numbers; those the text does not mark stand at the end."""
    known = {source.id: source for source in package.sources}
    names = [*marks, *(name for name in lesson.sources if name not in marks)]
    rows = "".join(
        f'<li id="s{number}">{_source(known[name], language)}</li>\n'
        for number, name in enumerate(names, 1)
        if name in known
    )
    if not rows:
        return ""
    title = _WORDS[language]["sources"]
    return f'<div class="call"><b>{_icon("source")} {title}</b><ol class="sm">{rows}</ol></div>\n'


def _source(source: Source, language: str) -> str:
    words = _WORDS[language]
    facts = [
        source.title[language],
        source.issuer[language],
        words["year"].format(source.year),
        source.section[language],
    ]
    said = words["comma"].join(escape(fact) for fact in facts if fact) + words["stop"]
    link = ""
    if source.url:
        link = f'<a href="{escape(source.url)}" rel="noopener noreferrer">{words["link"]}</a> '
    return f'{said}{link}<span class="soft nb">{words[source.certainty]}</span>'
