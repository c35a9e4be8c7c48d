"""Common Cartridge 1.1 to 1.3 (.imscc): pages become lessons, QTI banks and tests become questions.

Content only. Discussions, tools of others, assignments and files that are no page are told, not taken.
"""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from lms.courses.imports import qti
from lms.courses.imports.brought import LINKS, Brought, Losses, refuse
from lms.courses.imports.cutting import require_count, title_of, written
from lms.courses.imports.page import Block, Writer, tree_of
from lms.courses.imports.parcel import Parcel
from lms.courses.imports.pictures import Pictures
from lms.courses.imports.questions import tables
from lms.courses.imports.spelling import Run, paragraph
from lms.courses.imports.xml import every, read_xml, text_at
from lms.courses.packages.item_files import MAX_ITEMS
from lms.kernel.text import Message, msg

MANIFEST = "imsmanifest.xml"
_BASE = ("$IMS-CC-FILEBASE$", "%24IMS-CC-FILEBASE%24", "$IMS_CC_FILEBASE$")
_PAGES = (".html", ".htm", ".xhtml")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".svg")
_LEFT: tuple[tuple[str, Message], ...] = (
    ("imsdt", msg("讨论没有带来")),
    ("imsbasiclti", msg("外部工具（LTI）没有带来")),
    ("learning-application", msg("另一个系统自己的设置没有带来")),
    ("associatedcontent", msg("另一个系统自己的设置没有带来")),
    ("assignment", msg("作业没有带来")),
)


def read(parcel: Parcel, file: str, title: str) -> Brought:
    """What a cartridge brings. Raises BadPackageError."""
    root = read_xml(parcel, MANIFEST)
    said = next((text_at(one, ".") or text_at(one, "string") or text_at(one, "langstring")
                 for one in every(root, "title") if (text_at(one, ".") or list(one))), "")  # fmt: skip
    brought = Brought("cartridge", title_of(said) or title)
    _Reader(parcel, root, brought).run()
    if not brought.lessons and not brought.items:
        raise refuse(msg("里面没有可以带来的课文和题目"), file)
    require_count(brought.lessons)
    return brought


class _Reader:
    """One pass over a manifest: what the organisation lists in its order, then what it does not list."""

    def __init__(self, parcel: Parcel, root: Element, brought: Brought) -> None:
        self.parcel, self.root, self.brought = parcel, root, brought
        self.losses: Losses = brought.losses
        self.pictures = Pictures(brought.media, brought.losses)
        self.resources = {one.get("identifier", ""): one for one in every(root, "resource")}
        self.done: set[str] = set()
        self.links: list[Block] = []

    def run(self) -> None:
        for title, name in self._listed():
            self._take(name, title)
        for name in self.resources:
            self._take(name, "")
        if self.links:
            self.brought.lessons += written(LINKS["zh"], self.links, self.losses)

    def _listed(self) -> Iterator[tuple[str, str]]:
        for item in every(self.root, "item"):
            name = item.get("identifierref", "")
            if name:
                yield title_of(text_at(item, "title")), name
            elif item.find("item") is not None and text_at(item, "title"):
                self.losses.add(msg("单元的层次没有带来，课按先后排好了"), MANIFEST)

    def _take(self, name: str, title: str) -> None:
        resource = self.resources.get(name)
        if resource is None or name in self.done:
            return
        self.done.add(name)
        sort = resource.get("type", "").lower()
        path = self._path(resource)
        if "imsqti" in sort:
            self._questions(path, title)
        elif "imswl" in sort:
            self._link(path, title)
        elif sort == "webcontent":
            self._page(path, title)
        else:
            strange = msg("不认识的内容没有带来：{type}", type=sort[:60])
            message = next((message for part, message in _LEFT if part in sort), strange)
            self.losses.add(message, path)

    def _path(self, resource: Element) -> str:
        said = resource.get("href", "") or next((one.get("href", "") for one in resource.iter("file")), "")
        return posixpath.normpath(unquote(said.partition("?")[0])) if said else ""

    def _page(self, path: str, title: str) -> None:
        if path.lower().endswith(_PICTURES):
            return  # comes with the page that shows it
        if not path.lower().endswith(_PAGES):
            self.losses.add(msg("附件没有带来：只带课文、图片和题目"), path)
            return
        if path not in self.parcel:
            self.losses.add(msg("清单里写了这个文件，包里没有"), path)
            return
        html = text_in(self.parcel.read(path), path, self.losses)
        writer = Writer(path, self.losses, lambda address: self._picture(address, path))
        blocks = writer.write(tree_of(html, path, self.losses))
        heading = next((block for block in blocks if block.level == 1), None)
        name = title or (title_of(heading.text) if heading else "") or title_of(posixpath.basename(path))
        if heading is not None and title_of(heading.text) == name:
            blocks.remove(heading)
        if blocks:
            self.brought.lessons += written(name, blocks, self.losses, path)

    def _picture(self, address: str, page: str) -> str | None:
        return picture_in(self.parcel, self.pictures, self.losses, address, page)

    def _link(self, path: str, title: str) -> None:
        if path not in self.parcel:
            self.losses.add(msg("清单里写了这个文件，包里没有"), path)
            return
        root = read_xml(self.parcel, path)
        url = next((one.get("href", "") for one in every(root, "url")), "")
        name = title or title_of(text_at(root, "title")) or url[:80]
        if url.startswith(("http://", "https://")) and not set(url) & set(" <>\"'()\\"):
            self.links.append(Block(paragraph([Run(name, link=url)])))
        else:
            self.losses.add(msg("链接没有带来：不是 http 或 https 开头的地址"), path)

    def _questions(self, path: str, title: str) -> None:
        if path not in self.parcel:
            self.losses.add(msg("清单里写了这个文件，包里没有"), path)
            return
        root = read_xml(self.parcel, path)
        name = title or title_of(qti.title(root)) or title_of(posixpath.basename(path))
        found = qti.read(root, path, self.losses)
        add_questions(self.brought, name, tables(found, "", path, self.losses, MAX_ITEMS - len(self.brought.items)))
        if next(every(root, "assessment"), None) is not None:
            self.losses.add(msg("测验的时间、次数等设置没有带来，题目在题库里"), path)


def add_questions(brought: Brought, topic: str, found: list[dict[str, object]]) -> None:
    """Put questions into a drawer of their own."""
    if not found:
        return
    known = next((name for name, title in brought.topics.items() if title == topic), None)
    name = known or f"t{len(brought.topics) + 1}"
    brought.topics[name] = topic
    brought.items += [{**one, "topic": name} for one in found]


def text_in(data: bytes, path: str, losses: Losses) -> str:
    """The text of a page: UTF-8, else GB 18030 (pages from Chinese systems), told where letters are lost."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    losses.add(msg("有些字认不出来，编码不是 UTF-8"), path)
    return data.decode("utf-8", errors="replace")


def picture_in(parcel: Parcel, pictures: Pictures, losses: Losses, address: str, page: str) -> str | None:
    """The address in a lesson of a picture that a page of an archive shows."""
    said = address.strip()
    if said.lower().startswith("data:"):
        return pictures.add_data(said, page)
    if "://" in said or said.startswith("//"):
        losses.add(msg("图片在别的网站上，没有带来"), page)
        return None
    plain = unquote(said.partition("?")[0].partition("#")[0])
    folder = posixpath.dirname(page)
    for base in _BASE:
        if plain.startswith(base):
            plain, folder = plain.removeprefix(base).lstrip("/"), "web_resources"
    for path in (posixpath.normpath(posixpath.join(folder, plain)), posixpath.normpath(plain)):
        if path in parcel:
            return pictures.add(parcel.read(path), path)
    losses.add(msg("图片不在文件里，没有带来：{name}", name=said[:80]), page)
    return None
