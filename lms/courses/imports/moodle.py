"""A Moodle course backup (.mbz): pages, books and labels become lessons, the question bank becomes questions.

Content only. People, roles, grades, logs, code and settings are never read; what else is there is told.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from lms.courses.imports.brought import Brought
from lms.courses.imports.cutting import title_of
from lms.courses.imports.gathering import NOT_THERE, Gathering, title_or
from lms.courses.imports.moodle_questions import read_questions
from lms.courses.imports.parcel import Parcel
from lms.courses.imports.xml import every, read_xml, text_at
from lms.kernel.text import Message, msg

BACKUP = "moodle_backup.xml"
_FOLDER = re.compile(r"(?:activities|sections)/[A-Za-z0-9_]{1,60}")
_NAMES: dict[str, Message] = {
    "forum": msg("讨论没有带来"), "assign": msg("作业没有带来"), "lti": msg("外部工具（LTI）没有带来"),
    "quiz": msg("测验的时间、次数等设置没有带来，题目在题库里"),
    "scorm": msg("SCORM、H5P 是程序，没有带来"), "h5pactivity": msg("SCORM、H5P 是程序，没有带来"),
    "hvp": msg("SCORM、H5P 是程序，没有带来"),
}  # fmt: skip
_PEOPLE = ("users.xml", "roles.xml", "gradebook.xml", "grade_history.xml", "groups.xml", "completion.xml", "badges.xml")


def read(parcel: Parcel, file: str, title: str) -> Brought:
    """What a backup brings. Raises BadPackageError."""
    root = read_xml(parcel, BACKUP)
    said = next((" ".join((one.text or "").split()) for one in every(root, "original_course_fullname")), "")
    reader = _Reader("moodle", title_of(said) or title, parcel)
    reader.run(root)
    if "questions.xml" in parcel:
        for name, asked in read_questions(read_xml(parcel, "questions.xml"), reader.losses):
            reader.questions(title_of(name), asked, "questions.xml")
    if any(name in parcel for name in _PEOPLE):
        reader.losses.add(msg("人员、角色、分组、成绩和完成情况没有带来，也没有读"))
    return reader.whole(file)


class _Reader(Gathering):
    """The sections and activities of a backup in order."""

    def run(self, root: Element) -> None:
        self.stored = _stored(self.parcel)
        by_section: dict[str, list[Element]] = {}
        for activity in every(root, "activity"):
            by_section.setdefault(text_at(activity, "sectionid"), []).append(activity)
        for section in [one for one in every(root, "section") if one.find("sectionid") is not None]:
            self._section(section)
            for activity in by_section.pop(text_at(section, "sectionid"), []):
                self._activity(activity)
        for rest in by_section.values():
            for activity in rest:
                self._activity(activity)

    def _told(self, directory: str, name: str) -> tuple[str, Element | None]:
        """A file of an activity's or section's folder; told where there is none."""
        path = f"{directory}/{name}.xml"
        if not _FOLDER.fullmatch(directory):
            self.losses.add(NOT_THERE, path)
            return path, None
        return path, self.xml(path)

    def _section(self, section: Element) -> None:
        path, root = self._told(text_at(section, "directory"), "section")
        if root is not None:
            name = text_at(root, "name").replace("$@NULL@$", "") or text_at(section, "title")
            self._page(name, root.findtext("summary") or "", path, "course")

    def _activity(self, activity: Element) -> None:
        sort, title = text_at(activity, "modulename"), text_at(activity, "title")
        directory = text_at(activity, "directory")
        if sort not in ("page", "book", "label", "url", "resource", "folder"):
            message = _NAMES.get(sort, msg("不认识的内容没有带来：{type}", type=sort[:60]))
            self.losses.add(message, f"{directory}（{title}）" if title else directory)
            return
        path, root = self._told(directory, sort)
        if root is None:
            return
        context = root.get("contextid", "")
        if sort == "page":
            body = next((one.findtext("content") or "" for one in every(root, "page")), "")
            self._page(title, body, path, context)
        elif sort == "label":
            body = next((one.findtext("intro") or "" for one in every(root, "label")), "")
            self._page(title, body, path, context)
        elif sort == "book":
            for chapter in every(root, "chapter"):
                name = text_at(chapter, "title") or title
                self._page(name, chapter.findtext("content") or "", path, context)
        elif sort in ("resource", "folder"):
            self._files(title, root, path, context)
        else:
            self.link(title, next((text_at(one, "externalurl") for one in every(root, "url")), ""), path)

    def _page(self, title: str, html: str, path: str, context: str) -> None:
        if html.strip():
            blocks = self.blocks(html, path, lambda address: self._picture(address, path, context),
                                 lambda address: self._linked(address, context))  # fmt: skip
            self.lesson(title_or(title, blocks[0].text if blocks else "", self.brought.title), blocks, path)

    def _picture(self, address: str, page: str, context: str) -> str | None:
        said = address.strip()
        if said.lower().startswith("data:"):
            return self.pictures.add_data(said, page)
        if not said.startswith("@@PLUGINFILE@@"):
            self.losses.add(msg("图片在别的网站上，没有带来"), page)
            return None
        name, path = self._meant(said, context)
        if not path:
            self.losses.add(msg("图片不在文件里，没有带来：{name}", name=name[:80]), page)
            return None
        return self.pictures.add(self.parcel.read(path), name)

    def _linked(self, address: str, context: str) -> str | None:
        """The address in a lesson of a file that a page links to or plays; None for what is elsewhere."""
        said = address.strip()
        name, path = self._meant(said, context) if said.startswith("@@PLUGINFILE@@") else ("", "")
        return self.attachments.add(path, name) if path else None

    def _meant(self, said: str, context: str) -> tuple[str, str]:
        """The stored file that an address means: its name, and the member (nothing where there is none)."""
        name = unquote(said.partition("?")[0].partition("#")[0]).rpartition("/")[2]
        sha = self.stored.get((context, name)) or self.stored.get(("", name))
        path = _place(sha) if sha else ""
        return name, path if path in self.parcel else ""

    def _files(self, title: str, root: Element, path: str, context: str) -> None:
        """The files of an activity that gives some out, behind what it says about them."""
        intro = next((one.findtext("intro") or "" for one in root), "")
        said = self.blocks(intro, path, lambda address: self._picture(address, path, context),
                           lambda address: self._linked(address, context))  # fmt: skip
        own = [(name, _place(sha)) for (where, name), sha in self.stored.items() if where == context]
        if not context or not own:
            self.losses.add(NOT_THERE, f"{path}（{title}）")
        for name, place in own if context else ():
            if place in self.parcel:
                self.file(title if len(own) == 1 else name, place, name, said)
                said = []
            else:
                self.losses.add(NOT_THERE, name)


def _place(sha: str) -> str:
    return f"files/{sha[:2]}/{sha}"


def _stored(parcel: Parcel) -> dict[tuple[str, str], str]:
    """The stored files of pages: by the context of their activity and their name, and by their name alone."""
    if "files.xml" not in parcel:
        return {}
    found: dict[tuple[str, str], str] = {}
    for context, name, sha in _listed(read_xml(parcel, "files.xml")):
        found[(context, name)] = sha
        found.setdefault(("", name), sha)
    return found


def _listed(root: Element) -> Iterator[tuple[str, str, str]]:
    for one in every(root, "file"):
        sha = text_at(one, "contenthash")
        # What people handed in or drew up lies in other areas, and is none of a course's content.
        kept = text_at(one, "filearea") in ("content", "intro", "chapter", "summary", "section", "overviewfiles")
        # A folder is a file called "." there.
        if kept and re.fullmatch(r"[0-9a-f]{40}", sha) and text_at(one, "filename") != ".":
            yield text_at(one, "contextid"), text_at(one, "filename"), sha
