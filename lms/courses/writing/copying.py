"""The files of one course made the files of another: new code, address, title; its own question codes. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lms.courses.packages.checker import COURSE_FILE
from lms.courses.packages.package import NO_REVIEWER
from lms.courses.packages.tree import Tree
from lms.courses.writing.item_blocks import Unlike, cut
from lms.courses.writing.item_tables import next_code
from lms.courses.writing.toml_blocks import Name, OddlyWrittenError, Toml, edited, joined, split

_CHECK = re.compile(r"^(\s*:::+\s*check\s+)(\S+)(\s*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Named:
    """What a new course is called, whose it is, and when it is to be reviewed."""

    code: str
    slug: str
    title: Mapping[str, str]
    centre: str
    review_by: date
    subject: str = ""


def copied(tree: Tree, named: Named) -> Tree:
    """The files of a course as those of another. Sources stay; who reviewed the old one has not reviewed this one.
    A file of questions that is not written one `[[item]]` after the other keeps its codes.

    Raises OddlyWrittenError where course.toml cannot be changed part by part.
    """
    found = dict(tree)
    found[COURSE_FILE] = _described(tree[COURSE_FILE].decode(), named).encode()
    codes: dict[str, str] = {}
    for path in sorted(tree):
        if path.startswith("items/"):
            found[path] = _recoded(tree[path], named.code, codes)
    for path in tree:
        if path.startswith("lessons/"):
            found[path] = _CHECK.sub(
                lambda hit: hit[1] + codes.get(hit[2], hit[2]) + hit[3], tree[path].decode()
            ).encode()
    return found


def _described(text: str, named: Named) -> str:
    head, blocks = split(text)
    values: dict[Name, Toml] = {
        ("code",): named.code, ("slug",): named.slug, ("centre",): named.centre, ("reviewer",): NO_REVIEWER,
        ("review_by",): named.review_by,
    }  # fmt: skip
    if named.subject:
        values["subject",] = named.subject
    for path, value in values.items():
        head = edited(head, (), False, path, value)
    for language, title in named.title.items():
        at = next((at for at, block in enumerate(blocks) if block.name == ("title",) and not block.many), None)
        if at is None:
            head = edited(head, (), False, ("title", language), title)
        else:
            block = blocks[at]
            new = edited(block.text, ("title",), False, (language,), title)
            blocks[at] = type(block)(block.name, block.many, block.lead, new, block.tail)
    return joined(head, blocks)


def _recoded(data: bytes, course: str, codes: dict[str, str]) -> bytes:
    """A file of questions with codes of the new course, noted in `codes`."""
    try:
        text = data.decode()
        for index in range(len(cut(text).blocks)):
            blocks = cut(text)
            table = blocks.blocks[index].table
            old, use = str(table.get("code", "")), str(table.get("use", ""))
            if old and old not in codes:
                codes[old] = next_code(codes.values(), course, use)
                text = blocks.changed(index, {**table, "code": codes[old]})
    except (UnicodeDecodeError, Unlike):
        return data
    return text.encode()


__all__ = ["Named", "OddlyWrittenError", "copied"]
