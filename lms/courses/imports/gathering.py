"""What the readers of whole courses share: where pages, links and questions of another maker's course are gathered."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from lms.courses.imports.attachments import Attachments
from lms.courses.imports.brought import FILES, LINKS, Brought, Losses, refuse
from lms.courses.imports.cutting import require_count, title_of, written
from lms.courses.imports.page import Block, FindFile, FindPicture, Writer
from lms.courses.imports.page_tree import tree_of
from lms.courses.imports.parcel import Parcel
from lms.courses.imports.pictures import Pictures
from lms.courses.imports.questions import Asked, tables
from lms.courses.imports.spelling import Run, paragraph, plain
from lms.courses.imports.xml import read_xml
from lms.courses.packages.item_files import MAX_ITEMS
from lms.kernel.text import msg

NOT_THERE = msg("清单里写了这个文件，包里没有")


class Gathering:
    """What one course brings, while its archive is read."""

    def __init__(self, kind: str, title: str, parcel: Parcel) -> None:
        self.parcel = parcel
        self.brought = Brought(kind, title)
        self.losses: Losses = self.brought.losses
        self.pictures = Pictures(self.brought.media, self.losses)
        self.attachments = Attachments(parcel, self.brought, self.pictures)
        self._links: list[Block] = []
        self._given: list[Block] = []

    def xml(self, path: str) -> Element | None:
        """A file of the archive; told where it is missing. Raises BadPackageError."""
        if path not in self.parcel:
            self.losses.add(NOT_THERE, path)
            return None
        return read_xml(self.parcel, path)

    def blocks(self, html: str, path: str, picture: FindPicture, file: FindFile) -> list[Block]:
        """A page as blocks of Markdown. Raises BadPackageError."""
        return Writer(path, self.losses, picture, file).write(tree_of(html, path, self.losses))

    def lesson(self, title: str, blocks: list[Block], path: str) -> None:
        """One more lesson, if there is anything in it."""
        if blocks:
            self.brought.lessons += written(title, blocks, self.losses, path)

    def link(self, title: str, url: str, path: str) -> None:
        """One more line in the lesson of links, for an address of the web."""
        if url.startswith(("http://", "https://")) and not set(url) & set(" <>\"'()\\"):
            self._links.append(Block(paragraph([Run(title or url[:80], link=url)])))
        else:
            self.losses.add(msg("链接没有带来：不是 http 或 https 开头的地址"), path)

    def file(self, title: str, path: str, name: str, before: Sequence[Block] = ()) -> None:
        """One more file in the lesson of files, behind what is said about it. Raises BadPackageError."""
        address = self.attachments.add(path, name)
        if address:
            self._given += [*before, Block(f"![{plain(title or name)}]({address})")]

    def questions(self, topic: str, asked: Sequence[Asked], path: str) -> None:
        """Put questions into the drawer of this title."""
        brought = self.brought
        found = tables(asked, "", path, self.losses, MAX_ITEMS - len(brought.items))
        if not found:
            return
        known = next((name for name, title in brought.topics.items() if title == topic), None)
        name = known or f"t{len(brought.topics) + 1}"
        brought.topics[name] = topic
        brought.items += [{**one, "topic": name} for one in found]

    def whole(self, file: str) -> Brought:
        """All of it, files and links behind the lessons. Raises BadPackageError where there is nothing, or too much."""
        self.lesson(FILES["zh"], self._given, "")
        self.lesson(LINKS["zh"], self._links, "")
        if not self.brought.lessons and not self.brought.items:
            raise refuse(msg("里面没有可以带来的课文和题目"), file)
        require_count(self.brought.lessons)
        return self.brought


def title_or(*said: str) -> str:
    """The first of several titles that says anything."""
    return next((title for title in map(title_of, said) if title), "")
