"""A lesson's page as elements, for EPUB and PDF alike: what learners see, without what only a screen needs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement

from lms.books.imprint import Book
from lms.courses.editions import ONE_ORDER
from lms.courses.packages.lesson_html import render_lesson
from lms.courses.packages.package import Lesson, Package
from lms.courses.packages.players import printed
from lms.items.base import Item
from lms.kernel.i18n import translate
from lms.kernel.text import msg

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_VOID = {"br", "img"}
_KEPT = {"href", "alt", "width", "height", "src", "id", "scope", "start", "class"}
_SCREEN = {"svg", "path"}


@dataclass(frozen=True)
class Chapter:
    """One lesson in one language; `body` is a <section>."""

    language: str
    number: int
    title: str
    minutes: int
    body: Element

    @property
    def name(self) -> str:
        return f"{self.language}-{self.number:02d}"


def said(text: str) -> str:
    """The text without signs that XML cannot hold."""
    return _NOT_XML.sub("", text)


def chapters(book: Book, language: str) -> Iterator[Chapter]:
    """The lessons of a book in one language; one that is not written in it yet is passed over."""
    for lesson in book.package.lessons:
        if language in lesson.texts:
            yield Chapter(
                language, lesson.position, said(lesson.titles[language]), lesson.minutes,
                _body(book.package, lesson, language),
            )  # fmt: skip


def _body(package: Package, lesson: Lesson, language: str) -> Element:
    body = Element("section")
    count = 0
    for place, part in enumerate(render_lesson(package, lesson, language, show=printed)):
        if place % 2 == 0:
            _read(part, body)
            continue
        item = package.item(part)
        if item is not None:
            count += 1
            body.append(_check(item, count, language))
    return body


def _read(html: str, into: Element) -> None:
    reader = _Reader(into)
    reader.feed(html)
    reader.close()


class _Reader(HTMLParser):
    """HTML of our own lessons into elements: drawings and buttons are left out."""

    def __init__(self, root: Element) -> None:
        super().__init__()
        self._open = [root]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._silent or tag in _SCREEN or (tag == "a" and "btn" in given.get("class", "")):
            self._silent += tag not in _VOID
            return
        kept = {name: said(value) for name, value in given.items() if name in _KEPT}
        element = SubElement(self._open[-1], tag, kept)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            self._silent -= 1
        elif len(self._open) > 1 and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        at = self._open[-1]
        if len(at):
            at[-1].tail = (at[-1].tail or "") + said(data)
        else:
            at.text = (at.text or "") + said(data)


def _check(item: Item, number: int, language: str) -> Element:
    """A self-check with its answer and why."""
    order = item.shuffled(ONE_ORDER)
    shown, opened = item.present(language, order), item.explain(language, order, item.right())
    box = Element("section", {"class": "check"})
    SubElement(box, "p", {"class": "label"}).text = translate(msg("自测 {number}", number=number), language)
    SubElement(box, "p", {"class": "stem"}).text = said(shown.stem)
    choices = SubElement(box, "ul") if shown.choices else box
    for choice in shown.choices:
        SubElement(choices, "li").text = said(choice.text)
    answer = SubElement(box, "p", {"class": "answer"})
    SubElement(answer, "strong").text = translate(msg("答案："), language)
    answer[0].tail = said(opened.answer)
    SubElement(box, "p").text = said(opened.explanation)
    return box
