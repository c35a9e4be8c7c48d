"""What is not written yet in a course: English or Chinese, sources, explanations. Pure."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lms.courses.packages import front
from lms.courses.packages.checker import COURSE_FILE
from lms.courses.packages.lesson_files import FILE
from lms.courses.packages.package import LANGUAGES
from lms.courses.packages.tree import Tree
from lms.courses.writing.item_tables import lacks_english


@dataclass(frozen=True, slots=True)
class Missing:
    """How many lessons, questions and lines of the course's description lack a language; how many lessons and questions
    name no source; how many questions have no explanation."""

    untranslated: int
    unsourced: int
    unexplained: int


def missing(tree: Tree) -> Missing:
    """Count what is not written. A file that cannot be read counts nothing: the checker names it."""
    lessons = list(_lessons(tree))
    items = [item for path, data in sorted(tree.items()) if path.startswith("items/") for item in _items(data)]
    texts = sum(1 for one in _texts(_read(tree.get(COURSE_FILE, b""))) if len(_there(one)) == 1)
    return Missing(
        untranslated=texts + sum(len(languages) == 1 for languages, _ in lessons) + sum(map(lacks_english, items)),
        unsourced=sum(not sources for _, sources in lessons) + sum(not one.get("sources") for one in items),
        unexplained=sum(not _there(one.get("explanation")) for one in items),
    )


def _read(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except (ValueError, RecursionError):
        return {}


def _items(data: bytes) -> list[dict[str, Any]]:
    rows = _read(data).get("item")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _lessons(tree: Tree) -> Iterator[tuple[set[str], bool]]:
    """Each lesson: the languages in which something is written, and whether it names a source."""
    groups: dict[tuple[str, str], list[tuple[str, dict[str, Any], str]]] = {}
    for path, data in sorted(tree.items()):
        match = FILE.fullmatch(path)
        parts = front.split(data.decode(errors="replace")) if match else None
        if match and parts:
            one = match["language"], _read(parts[0].encode()), parts[1]
            groups.setdefault((match["position"], match["slug"]), []).append(one)
    for found in groups.values():
        written = {language for language, said, body in found if said.get("title") and body.strip()}
        yield written, any(said.get("sources") for _, said, _ in found)


def _texts(value: object) -> Iterator[Mapping[str, Any]]:
    """Every text with languages inside a value."""
    if isinstance(value, dict):
        if set(value) & set(LANGUAGES):
            yield value
        else:
            for one in value.values():
                yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _there(text: object) -> set[str]:
    """The languages in which a text is written."""
    return {one for one in LANGUAGES if str(text.get(one) or "").strip()} if isinstance(text, dict) else set()
