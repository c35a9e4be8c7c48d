"""A Word document (.docx): headings begin lessons, tables, lists, pictures, footnotes and links come along.

mammoth reads the document and writes HTML; what it is given is checked first, and holds nothing but the text, its
styles and its pictures. Only the child imports this.
"""

import re
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import mammoth

from lms.courses.imports.brought import Brought, Lesson, Losses, Note, refuse
from lms.courses.imports.cutting import cut, require_count, title_of, written
from lms.courses.imports.page import Block, Marks, Writer
from lms.courses.imports.page_tree import Node, text_of, tree_of
from lms.courses.imports.parcel import BROKEN, Parcel
from lms.courses.imports.pictures import Pictures
from lms.courses.imports.spelling import plain
from lms.courses.imports.xml import every, parse, read_xml
from lms.kernel.text import Message, msg

DOCUMENT = "word/document.xml"
MOST_NOTE = 300
"""Characters of a footnote that may be a source; a longer one is a remark at the end of its lesson."""
_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|word/(?:document|styles|numbering|footnotes|endnotes)\.xml"
    r"|word/_rels/(?:document|footnotes|endnotes)\.xml\.rels"
)
_MEDIA = re.compile(r"word/media/[^/]{1,100}")
_STYLES = """
p[style-name='Title'] => h1.whole:fresh
p[style-name='标题'] => h1.whole:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='标题 1'] => h1:fresh
p[style-name='标题 2'] => h2:fresh
p[style-name='标题 3'] => h3:fresh
p[style-name='标题 4'] => h4:fresh
p[style-name='List Paragraph'] => p:fresh
p[style-name='caption'] => p:fresh
"""
ONE_LESSON = msg("没有找到标题样式，整篇成了一课：在 Word 里把每课的题目设成“标题 1”再传，就会分成几课")
_PREFIX = "xl-"
_NOTE = re.compile(rf"{_PREFIX}((?:foot|end)note-[0-9]+)")
_MARKS: tuple[tuple[re.Pattern[bytes], Message], ...] = (
    (re.compile(rb"<m:oMath\b"), msg("公式没有带来，请照原样重新写")),
    (re.compile(rb"<(?:c:chart|dgm:relIds|w:object|o:OLEObject)\b"), msg("图表、SmartArt 和嵌入的文件没有带来")),
    (re.compile(rb"<w:(?:ins|del|moveFrom) "), msg("文档里有修订：带来的是接受全部修订以后的样子")),
    (re.compile(rb"<w:commentReference\b"), msg("批注没有带来")),
    (re.compile(rb"<w:highlight\b|<w:color w:val=\"(?!auto|000000)"), msg("字的颜色和底色没有带来")),
)


class _Image(Protocol):
    def open(self) -> AbstractContextManager[BinaryIO]: ...


def read(parcel: Parcel, file: str, title: str) -> Brought:
    """What a document brings; `file` is its name. Raises BadPackageError."""
    brought = Brought("word", title)
    _tell_left(parcel, file, brought.losses)
    html = _html(_checked(parcel), file, Pictures(brought.media, brought.losses), brought.losses)
    tree = tree_of(html, file, brought.losses)
    whole, notes = _whole_title(tree), _taken_notes(tree)
    marks = Marks({target: name for target, (name, _) in notes.items()})
    writer = Writer(file, brought.losses, lambda address: address or None, marks=marks)
    brought.title, lessons = cut(writer.write(tree), whole or title)
    if not any(lesson for lesson in lessons):
        raise refuse(msg("文档里没有文字"), file)
    texts = dict(notes.values())
    numbers: dict[str, str] = {}
    for name, blocks in lessons:
        brought.lessons += _with_notes(name, blocks, texts, numbers, brought, file)
    if len(lessons) == 1 and len(brought.lessons) == 1:
        brought.losses.add(ONE_LESSON, file)
    require_count(brought.lessons)
    return brought


def _checked(parcel: Parcel) -> Path:
    """The document with only what is read of it, every part checked; on disk, for its pictures may be many."""
    out = parcel.folder / "document.zip"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in parcel.names:
            if _PARTS.fullmatch(name):
                data = parcel.read(name)
                parse(data, name)
                archive.writestr(name, data)
            elif _MEDIA.fullmatch(name):
                with archive.open(name, "w") as copy:
                    parcel.copy(name, copy)
    return out


def _tell_left(parcel: Parcel, file: str, losses: Losses) -> None:
    document = parcel.read(DOCUMENT)
    for pattern, message in _MARKS:
        if pattern.search(document):
            losses.add(message, file)
    if any("vbaProject" in name for name in parcel.names):
        losses.add(msg("宏没有带来"), file)
    for name in parcel.names:
        if re.fullmatch(r"word/(?:header|footer)[0-9]*\.xml", name):
            words = "".join(one.text or "" for one in every(read_xml(parcel, name), "t")).strip()
            if words:
                losses.add(msg("页眉、页脚没有带来：{text}", text=words[:40]), file)


def _html(document: Path, file: str, pictures: Pictures, losses: Losses) -> str:
    def picture(image: _Image) -> dict[str, str]:
        with image.open() as opened:
            address = pictures.add(opened.read(), file)
        return {"src": address} if address else {}

    convert: Callable[..., Any] = mammoth.convert_to_html
    try:
        with document.open("rb") as data:
            result = convert(
                data, convert_image=mammoth.images.img_element(picture), style_map=_STYLES,
                include_embedded_style_map=False, id_prefix=_PREFIX,
            )  # fmt: skip
    except (MemoryError, RecursionError):
        raise
    except Exception as fault:  # whatever a document that is none makes the reader say
        raise refuse(BROKEN, file) from fault
    if any("external" in str(one.message) or "image" in str(one.message).lower() for one in result.messages):
        losses.add(msg("有图片没有带来：它不在文件里，或者是读不了的格式（EMF、WMF）"), file)
    return str(result.value)


def _whole_title(tree: Node) -> str:
    """The words in the style "Title", taken out of the tree."""
    for node in tree.children:
        if node.tag == "h1" and node.attrs.get("class") == "whole":
            tree.children.remove(node)
            return title_of(text_of(node))
    return ""


def _taken_notes(tree: Node) -> dict[str, tuple[str, str]]:
    """The footnotes by the target of their marks, each with a name and its words, taken out of the tree."""
    found: dict[str, tuple[str, str]] = {}
    for node in list(tree.children):
        items = [item for item in node.children if item.tag == "li"]
        if node.tag == "ol" and items and all(_NOTE.fullmatch(item.attrs.get("id", "")) for item in items):
            tree.children.remove(node)
            for item in items:
                words = " ".join(text_of(item).replace("↑", " ").split())
                found[item.attrs["id"]] = (f"note-{len(found) + 1}", words)
    return found


def _with_notes(
    title: str, blocks: list[Block], texts: dict[str, str], numbers: dict[str, str], brought: Brought, file: str
) -> list[Lesson]:
    """A lesson with the sources that it names; a long footnote is a remark at its end."""
    remarks = []
    for name, words in texts.items():
        mark = f"[^{name}]"
        if len(words) > MOST_NOTE and any(mark in block.text for block in blocks):
            numbers.setdefault(name, str(len(numbers) + 1))
            sign = f"（注 {numbers[name]}）"
            blocks = [Block(block.text.replace(mark, sign), block.level) for block in blocks]
            remarks.append(Block(f"{sign}{plain(words)}"))
    lessons = []
    for lesson in written(title, [*blocks, *remarks], brought.losses, file):
        named = [name for name in texts if f"[^{name}]" in lesson.body]
        known = {note.id for note in brought.notes}
        brought.notes += [Note(name, texts[name]) for name in named if name not in known]
        lessons.append(Lesson(lesson.title, lesson.body, named))
    return lessons
