"""Which lessons and questions of a draft use an objective, a topic, a source or a term."""

import re
from collections.abc import Mapping
from uuid import UUID

from lms.courses.packages.lesson_files import FILE
from lms.courses.packages.package import Package
from lms.courses.writing.files import tree_of
from lms.courses.writing.lessons import lessons_of
from lms.kernel.i18n import in_locale, translate
from lms.kernel.text import msg

_MARKS = {
    "sources": re.compile(r"\[\^([^\]\s]{1,60})\]"),
    "terms": re.compile(r"\[\[([^\[\]|\s]{1,60})(?:\|[^\[\]]{0,60})?\]\]"),
}
Uses = Mapping[tuple[str, str], list[str]]
"""By the name of the list and the id: titles of lessons and codes of questions."""


def uses_of(draft_id: UUID, package: Package | None) -> Uses:
    """Everything that is used, with who uses it."""
    found: dict[tuple[str, str], list[str]] = {}

    def note(kind: str, name: str, who: str) -> None:
        names = found.setdefault((kind, name), [])
        if who not in names:
            names.append(who)

    marks = _marks(draft_id)
    for lesson in lessons_of(draft_id):
        who = translate(msg("课文《{title}》", title=in_locale(lesson.titles) or lesson.slug))
        for name in lesson.objectives:
            note("objectives", name, who)
        for name in lesson.sources:
            note("sources", name, who)
        for kind, name in marks.get(lesson.slug, ()):
            note(kind, name, who)
    for rule in package.assessment.draw if package and package.assessment else ():
        note("topics", rule.topic, translate(msg("考试的抽题")))
    for item in package.items if package else ():
        who = translate(msg("题目 {code}", code=item.code))
        note("objectives", item.objective, who)
        note("topics", item.topic, who)
        for name in item.sources:
            note("sources", name, who)
    return found


def _marks(draft_id: UUID) -> dict[str, list[tuple[str, str]]]:
    """The sources and terms that each lesson marks in its text, in any language: lists' names and ids."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path, data in tree_of(draft_id).items():
        match = FILE.fullmatch(path)
        if match is not None:
            text, here = data.decode(errors="replace"), found.setdefault(match["slug"], [])
            here += [(kind, name) for kind, mark in _MARKS.items() for name in sorted(set(mark.findall(text)))]
    return found
