"""Common Cartridge 1.1 to 1.3 (.imscc): pages become lessons, QTI banks and tests become questions.

Content only. Discussions, tools of others and assignments are told, not taken.
"""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from lms.courses.imports import qti
from lms.courses.imports.brought import Brought
from lms.courses.imports.cutting import title_of
from lms.courses.imports.gathering import NOT_THERE, Gathering, title_or
from lms.courses.imports.page_tree import text_in
from lms.courses.imports.parcel import Parcel
from lms.courses.imports.xml import every, read_xml, text_at
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
    reader = _Reader("cartridge", title_of(said) or title, parcel)
    reader.run(root)
    return reader.whole(file)


class _Reader(Gathering):
    """One pass over a manifest: what the organisation lists in its order, then what it does not list."""

    def run(self, root: Element) -> None:
        self.resources = {one.get("identifier", ""): one for one in every(root, "resource")}
        self.done: set[str] = set()
        self.loose: dict[str, str] = {}  # files that are no page, with their title
        for title, name in self._listed(root):
            self._take(name, title)
        for name in self.resources:
            self._take(name, "")
        for path, title in self.loose.items():
            if path not in self.attachments:  # else it stands where a page links to it
                self.file(title, path, path)

    def _listed(self, root: Element) -> Iterator[tuple[str, str]]:
        for item in every(root, "item"):
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
        if path not in self.parcel:
            self.losses.add(NOT_THERE, path)
            return
        if not path.lower().endswith(_PAGES):
            self.loose[path] = title or posixpath.basename(path)
            return
        html = text_in(self.parcel.read(path), path, self.losses)
        blocks = self.blocks(html, path, lambda address: self._picture(address, path),
                             lambda address: self._linked(address, path))  # fmt: skip
        heading = next((block for block in blocks if block.level == 1), None)
        name = title_or(title, heading.text if heading else "", posixpath.basename(path))
        if heading is not None and title_of(heading.text) == name:
            blocks.remove(heading)
        self.lesson(name, blocks, path)

    def _picture(self, address: str, page: str) -> str | None:
        """The address in a lesson of a picture that a page shows."""
        said = address.strip()
        if said.lower().startswith("data:"):
            return self.pictures.add_data(said, page)
        if "://" in said or said.startswith("//"):
            self.losses.add(msg("图片在别的网站上，没有带来"), page)
            return None
        path = self._meant(said, page)
        if path:
            return self.pictures.add(self.parcel.read(path), path)
        self.losses.add(msg("图片不在文件里，没有带来：{name}", name=said[:80]), page)
        return None

    def _linked(self, address: str, page: str) -> str | None:
        """The address in a lesson of a file that a page links to; None for another page, or what is elsewhere."""
        said = address.strip()
        path = "" if "://" in said or said.startswith("//") else self._meant(said, page)
        return self.attachments.add(path, path) if path and not path.lower().endswith(_PAGES) else None

    def _meant(self, said: str, page: str) -> str:
        """The member that an address in a page means; nothing where there is none."""
        plain = unquote(said.partition("?")[0].partition("#")[0])
        folder = posixpath.dirname(page)
        for base in _BASE:
            if plain.startswith(base):
                plain, folder = plain.removeprefix(base).lstrip("/"), "web_resources"
        found = (posixpath.normpath(posixpath.join(folder, plain)), posixpath.normpath(plain))
        return next((path for path in found if path in self.parcel), "")

    def _link(self, path: str, title: str) -> None:
        root = self.xml(path)
        if root is not None:
            url = next((one.get("href", "") for one in every(root, "url")), "")
            self.link(title_or(title, text_at(root, "title")), url, path)

    def _questions(self, path: str, title: str) -> None:
        root = self.xml(path)
        if root is None:
            return
        name = title_or(title, qti.title(root), posixpath.basename(path))
        self.questions(name, qti.read(root, path, self.losses), path)
        if next(every(root, "assessment"), None) is not None:
            self.losses.add(msg("测验的时间、次数等设置没有带来，题目在题库里"), path)
