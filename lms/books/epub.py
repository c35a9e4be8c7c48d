"""EPUB 3 of a course. The same book gives the same bytes: nothing is said of when and where it was made."""

import io
import stat
import zipfile
from collections.abc import Iterable
from datetime import UTC
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from lms.books import front
from lms.books.imprint import EPUB, Book
from lms.books.shape import Chapter, chapters, said
from lms.courses.packages.package import Medium
from lms.kernel.i18n import translate
from lms.kernel.text import msg

XHTML, OPS = "http://www.w3.org/1999/xhtml", "http://www.idpf.org/2007/ops"
OPF, DC = "http://www.idpf.org/2007/opf", "http://purl.org/dc/elements/1.1/"
TAGS = {"zh": "zh-CN", "en": "en"}
_SCHEMA = (
    ("schema:accessMode", "textual"), ("schema:accessMode", "visual"), ("schema:accessModeSufficient", "textual"),
    ("schema:accessibilityFeature", "alternativeText"), ("schema:accessibilityFeature", "tableOfContents"),
    ("schema:accessibilityFeature", "structuralNavigation"), ("schema:accessibilityFeature", "readingOrder"),
    ("schema:accessibilityHazard", "none"),
)  # fmt: skip
_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>\
<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"""
_STYLE = """body { line-height: 1.6; margin: 0 4%; }
img { max-width: 100%; height: auto; }
figure { margin: 1em 0; text-align: center; }
figcaption, .sources { font-size: .85em; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; }
th, td { border: 1px solid #8a9692; padding: .3em .5em; text-align: left; vertical-align: top; }
td.num, th.num { text-align: right; }
.call { border-left: .3em solid #8a9692; background: #f2f5f4; color: #1b2724; padding: .5em .8em; margin: 1em 0; }
.emg { border-color: #a5221b; background: #fbe9e6; }
.key { border-color: #0f5c4c; }
.check { border: 1px solid #0f5c4c; padding: .5em .8em; margin: 1.2em 0; }
.stem, .label { font-weight: bold; }
.mark { border: 2px solid #c4650f; padding: .5em .8em; font-weight: bold; }
.hash { overflow-wrap: anywhere; }
"""

for _prefix, _space in (("", XHTML), ("epub", OPS), ("dc", DC)):
    register_namespace(_prefix, _space)


def bind(book: Book) -> bytes:
    """The whole file."""
    parts = {language: list(chapters(book, language)) for language in book.languages}
    media = _shown(book.package.media, parts.values())
    pages: dict[str, bytes] = {"title.xhtml": _title_page(book)}
    for language, mine in parts.items():
        for chapter in mine:
            pages[f"{chapter.name}.xhtml"] = _chapter_page(chapter)
        pages[f"{language}-sources.xhtml"] = _sources_page(book, language)
    files = {
        "META-INF/container.xml": _CONTAINER.encode(),
        "EPUB/package.opf": _package(book, list(pages), media),
        "EPUB/nav.xhtml": _nav(book, parts),
        "EPUB/style.css": _STYLE.encode(),
        **{f"EPUB/{name}": data for name, data in pages.items()},
    }
    names = {medium.sha: medium.name for medium in book.package.media}
    for medium in media:
        files[f"EPUB/{_place(medium)}"] = book.tree[f"media/{names[medium.sha]}"]
    return _zipped(files)


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {"mimetype": b"application/epub+zip", **files}.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, data, compresslevel=6)
    return out.getvalue()


def _place(medium: Medium) -> str:
    return f"media/{medium.sha}.{medium.extension}"


def _shown(media: Iterable[Medium], parts: Iterable[list[Chapter]]) -> list[Medium]:
    """The pictures that one of the chapters shows."""
    bodies = [chapter.body for mine in parts for chapter in mine]
    asked = {str(image.get("src")) for body in bodies for image in body.iter("img")}
    return list({medium.sha: medium for medium in media if medium.address in asked}.values())


def _page(title: str, language: str, kind: str) -> tuple[Element, Element]:
    """A page and its body."""
    page = Element(f"{{{XHTML}}}html", {"lang": TAGS[language], "xml:lang": TAGS[language]})
    head = SubElement(page, f"{{{XHTML}}}head")
    SubElement(head, f"{{{XHTML}}}title").text = said(title)
    SubElement(head, f"{{{XHTML}}}link", {"rel": "stylesheet", "type": "text/css", "href": "style.css"})
    body = SubElement(page, f"{{{XHTML}}}body", {f"{{{OPS}}}type": kind})
    return page, body


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    found = SubElement(parent, f"{{{XHTML}}}{tag}", {name.rstrip("_"): value for name, value in attributes.items()})
    found.text = said(text)
    return found


def _whole(page: Element) -> bytes:
    text = tostring(page, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n{text}\n'.encode()


def _title_page(book: Book) -> bytes:
    first = book.languages[0]
    page, body = _page(book.package.title[first], first, "frontmatter")
    for language in book.languages:
        part = _add(body, "section", lang=TAGS[language])
        part.set("xml:lang", TAGS[language])
        _add(part, "h1", book.package.title[language])
        _add(part, "p", book.package.summary[language])
        if not book.package.reviewed:
            _add(part, "p", front.review(book, language), class_="mark")
        lines = _add(part, "dl")
        for name, value in front.facts(book, language):
            _add(lines, "dt", name)
            _add(lines, "dd", value, class_="hash")
        _add(part, "h2", translate(msg("学完您能"), language))
        goals = _add(part, "ul") if book.package.objectives else part
        for goal in book.package.objectives:
            _add(goals, "li", goal.text[language])
    return _whole(page)


def _chapter_page(chapter: Chapter) -> bytes:
    page, body = _page(chapter.title, chapter.language, "bodymatter")
    _add(body, "p", translate(msg("第 {number} 课", number=chapter.number), chapter.language), class_="label")
    _add(body, "h1", chapter.title)
    body.append(_in_book(chapter.body))
    return _whole(page)


def _in_book(element: Element) -> Element:
    """An element and all within it as XHTML of the book: pictures at their place, marks as references to notes."""
    attributes = dict(element.attrib)
    if element.tag == "img":
        attributes["src"] = attributes["src"].removeprefix("/")
    elif element.tag == "a" and attributes.get("href", "").startswith("#"):
        attributes |= {f"{{{OPS}}}type": "noteref", "role": "doc-noteref"}
    elif element.tag == "ol" and attributes.pop("class", ""):
        attributes["class"] = "sources"
    found = Element(f"{{{XHTML}}}{element.tag}", attributes)
    found.text, found.tail = element.text, element.tail
    found.extend(_in_book(child) for child in element)
    return found


def _sources_page(book: Book, language: str) -> bytes:
    title = translate(msg("课程依据"), language)
    page, body = _page(title, language, "backmatter")
    _add(body, "h1", title)
    lines = _add(body, "ol", class_="sources") if book.package.sources else body
    for one in book.package.sources:
        line = _add(lines, "li", front.source(one, language) + " ")
        if one.url:
            _add(line, "a", one.url, href=said(one.url))
    return _whole(page)


def _nav(book: Book, parts: dict[str, list[Chapter]]) -> bytes:
    first = book.languages[0]
    title = translate(msg("目录"), first)
    page, body = _page(title, first, "frontmatter")
    nav = _add(body, "nav", id="toc", role="doc-toc")
    nav.set(f"{{{OPS}}}type", "toc")
    _add(nav, "h1", title)
    rows = _add(nav, "ol")
    _add(_add(rows, "li"), "a", book.package.title[first], href="title.xhtml")
    for language, mine in parts.items():
        for chapter in mine:
            link = _add(_add(rows, "li"), "a", f"{chapter.number}. {chapter.title}", href=f"{chapter.name}.xhtml")
            link.set("lang", TAGS[language])
            link.set("xml:lang", TAGS[language])
        _add(_add(rows, "li"), "a", translate(msg("课程依据"), language), href=f"{language}-sources.xhtml")
    return _whole(page)


def _package(book: Book, pages: list[str], media: list[Medium]) -> bytes:
    first = book.languages[0]
    root = Element("package", {"xmlns": OPF, "version": "3.0", "unique-identifier": "id", "xml:lang": TAGS[first]})
    about = SubElement(root, "metadata")
    key = book.imprint.key(EPUB, "-".join(book.languages))
    _dc(about, "identifier", f"urn:uuid:{uuid5(NAMESPACE_URL, key)}", id="id")
    for language in book.languages:
        _dc(about, "title", book.package.title[language], **{"xml:lang": TAGS[language]})
    for language in book.languages:
        _dc(about, "language", TAGS[language])
    at = book.imprint.at.astimezone(UTC)
    _dc(about, "creator", book.imprint.centre[first])
    _dc(about, "contributor", front.review(book, first), id="reviewer")
    _dc(about, "date", f"{at:%Y-%m-%d}")
    _dc(about, "description", f"{book.package.summary[first]} {front.edition(book, first)}")
    for one in book.package.sources:
        _dc(about, "source", front.source(one, first))
    _meta(about, "dcterms:modified", f"{at:%Y-%m-%dT%H:%M:%SZ}")
    SubElement(about, "meta", {"property": "role", "refines": "#reviewer", "scheme": "marc:relators"}).text = "rev"
    for name, value in (*_SCHEMA, ("schema:accessibilitySummary", translate(_SUMMARY, first))):
        _meta(about, name, value)
    manifest, spine = SubElement(root, "manifest"), SubElement(root, "spine")
    _item(manifest, "nav", "nav.xhtml", "application/xhtml+xml", properties="nav")
    _item(manifest, "style", "style.css", "text/css")
    for name in pages:
        known = "page-" + name.removesuffix(".xhtml")
        _item(manifest, known, name, "application/xhtml+xml")
        SubElement(spine, "itemref", {"idref": known})
    for medium in media:
        _item(manifest, f"picture-{medium.sha}", _place(medium), medium.mime)
    SubElement(spine, "itemref", {"idref": "nav", "linear": "no"})
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'.encode()


_SUMMARY = msg("每张图都有文字说明，有目录，按课文的先后读。")


def _dc(about: Element, name: str, value: str, **attributes: str) -> None:
    SubElement(about, f"{{{DC}}}{name}", attributes).text = said(value)


def _meta(about: Element, name: str, value: str) -> None:
    SubElement(about, "meta", {"property": name}).text = value


def _item(manifest: Element, known: str, href: str, mime: str, **more: str) -> None:
    SubElement(manifest, "item", {"id": known, "href": href, "media-type": mime, **more})
