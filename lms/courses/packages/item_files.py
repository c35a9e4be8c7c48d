"""`items/*.toml`: every question, its topic, objective and sources checked against the course."""

import re
from collections.abc import Mapping

from lms.courses.packages.course_file import CourseFile
from lms.courses.packages.fields import Document, Findings, decode
from lms.courses.packages.lines import Path
from lms.courses.packages.tree import Tree
from lms.items.base import Item, ItemFaults
from lms.items.registry import parse_item
from lms.kernel.text import Message, msg

MAX_ITEMS = 500

_STEP = re.compile(r"([A-Za-z0-9_]+)|\[([0-9]+)\]")


def read_items(tree: Tree, course: CourseFile, findings: Findings) -> tuple[Item, ...]:
    """All items in order of files and lines."""
    items: list[Item] = []
    seen: dict[str, str] = {}
    for path in sorted(tree):
        if not path.startswith("items/"):
            continue
        if not path.endswith(".toml"):
            findings.error(path, 0, msg("items 文件夹里只能有 .toml 文件"))
            continue
        text = decode(path, tree[path], findings)
        document = Document(path, text, findings) if text is not None else None
        if document is None or document.data is None:
            continue
        for index, item in _items_of(document, document.data):
            _judge(document, index, item, course, seen)
            items.append(item)
    if len(items) > MAX_ITEMS:
        findings.error("", 0, msg("题目太多，最多 {count} 题", count=MAX_ITEMS))
    return tuple(items)


def _items_of(document: Document, data: Mapping[str, object]) -> list[tuple[int, Item]]:
    for key in data:
        if key != "item":
            document.error((key,), msg("题目文件里只能有 [[item]]"))
    rows = data.get("item", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        document.error(("item",), msg("{key} 要写成一组 {example}", key="item", example="[[item]]"))
        return []
    found = []
    for index, row in enumerate(rows):
        try:
            found.append((index, parse_item(row)))
        except ItemFaults as faults:
            for fault in faults.faults:
                _report(
                    document,
                    ("item", index, *steps(fault.field)),
                    faults.code,
                    fault.field,
                    fault.message,
                )
    return found


def steps(field: str) -> Path:
    """`options[2].text.en` → ("options", 1, "text", "en"): faults count from one, as people do."""
    return tuple(match[1] or int(match[2]) - 1 for match in _STEP.finditer(field))


def _report(document: Document, path: Path, code: str, field: str, message: Message) -> None:
    document.error(path, msg("{code} 的 {field}：{fault}", code=code or "[[item]]", field=field, fault=message))


def _judge(document: Document, index: int, item: Item, course: CourseFile, seen: dict[str, str]) -> None:
    where: Path = ("item", index)
    folded = item.code.casefold()
    if folded in seen:
        document.error(
            (*where, "code"),
            msg("题号 {code} 在 {file} 里已经用过", code=item.code, file=seen[folded]),
        )
    seen.setdefault(folded, document.file)
    if item.topic not in {topic.id for topic in course.topics}:
        document.error((*where, "topic"), msg("没有这个主题：{topic}", topic=item.topic))
    if item.objective not in {objective.id for objective in course.objectives}:
        document.error((*where, "objective"), msg("course.toml 里没有 {name}", name=item.objective))
    known = {source.id for source in course.sources}
    for at, source in enumerate(item.sources):
        if source not in known:
            document.error((*where, "sources", at), msg("course.toml 里没有 {name}", name=source))
