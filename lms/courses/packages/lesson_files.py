"""`lessons/NN-name.<lang>.md`: front matter, and the same lesson in every language."""

import re
from dataclasses import dataclass

from lms.courses.packages import front
from lms.courses.packages.course_file import NAME, CourseFile
from lms.courses.packages.fields import Document, Findings, Table, decode
from lms.courses.packages.package import LANGUAGES, Lesson, LessonText
from lms.courses.packages.tree import Tree
from lms.kernel.text import msg

MAX_MINUTES = 8
MAX_BODY = 40_000
"""Characters; eight minutes of reading are about 3,200; see reading_time."""
MAX_BRACKETS = 400
"""Open brackets that never close cost a Markdown reader the square of their number."""
RESERVED = ("attempts", "card")
"""Addresses beside the lessons of an enrolment, and what the pocket card is called."""

FILE = re.compile(r"lessons/(?P<position>[0-9]{2})-(?P<slug>[a-z0-9][a-z0-9-]{0,59})\.(?P<language>zh|en)\.md")


@dataclass(frozen=True)
class LessonFile:
    """One file: what its front matter says, and its body."""

    position: int
    slug: str
    language: str
    minutes: int
    objectives: tuple[str, ...]
    sources: tuple[str, ...]
    text: LessonText


def read_lessons(tree: Tree, course: CourseFile, findings: Findings) -> tuple[Lesson, ...]:
    """All lessons in order, each with every language; problems for the others."""
    groups: dict[tuple[int, str], dict[str, LessonFile]] = {}
    for path in sorted(tree):
        if not path.startswith("lessons/"):
            continue
        match = FILE.fullmatch(path)
        if match is None:
            findings.error(path, 0, msg("课文文件名要像 01-name.zh.md：两位序号、小写英文名、语言"))
            continue
        file = _read(path, tree[path], match, course, findings)
        if file is not None:
            groups.setdefault((file.position, file.slug), {})[file.language] = file
    lessons = [_lesson(files, findings) for _, files in sorted(groups.items())]
    _judge_order(lessons, findings)
    return tuple(lessons)


def _read(path: str, data: bytes, match: re.Match[str], course: CourseFile, findings: Findings) -> LessonFile | None:
    text = decode(path, data, findings)
    if text is None:
        return None
    parts = front.split(text)
    if parts is None:
        findings.error(
            path,
            1,
            msg("课文开头要有一段用 +++ 围起来的说明（title、minutes、objectives、sources）"),
        )
        return None
    said, body = parts
    document = Document(path, said, findings, line_offset=1)
    if document.data is None:
        return None
    table = Table(document, document.data)
    table.known(("title", "minutes", "objectives", "sources"))
    objectives = table.strings("objectives", NAME)
    sources = table.strings("sources", NAME)
    judge_known(table, "objectives", objectives, {objective.id for objective in course.objectives})
    judge_known(table, "sources", sources, {source.id for source in course.sources})
    if len(body) > MAX_BODY or body.count("[") > MAX_BRACKETS:
        findings.error(path, 0, msg("一篇最多 {size} 个字符、{count} 个方括号", size=MAX_BODY, count=MAX_BRACKETS))
        return None
    return LessonFile(
        position=int(match["position"]),
        slug=match["slug"],
        language=match["language"],
        minutes=table.integer("minutes", 1, MAX_MINUTES),
        objectives=objectives,
        sources=sources,
        text=LessonText(path, table.string("title", r"[^\n]{1,120}"), body, said.count("\n") + 3),
    )


def judge_known(table: Table, key: str, names: tuple[str, ...], known: set[str]) -> None:
    """Names that course.toml must have."""
    for index, name in enumerate(names):
        if name not in known:
            table.document.error((key, index), msg("course.toml 里没有 {name}", name=name))


def _lesson(files: dict[str, LessonFile], findings: Findings) -> Lesson:
    first = next(iter(files.values()))
    for language in LANGUAGES:
        if language not in files:
            findings.error(first.text.file, 0, msg("这一课缺少 {language} 的文件", language=language))
    for other in list(files.values())[1:]:
        for key in ("minutes", "objectives", "sources"):
            if getattr(other, key) != getattr(first, key):
                findings.error(other.text.file, 1, msg("{key} 和另一种语言写的不一样", key=key))
    texts = {language: files[language].text for language in LANGUAGES if language in files}
    return Lesson(first.position, first.slug, first.minutes, first.objectives, first.sources, texts)


def _judge_order(lessons: list[Lesson], findings: Findings) -> None:
    if not lessons:
        findings.error("", 0, msg("还没有课文：lessons 文件夹里至少要有一课"))
    seen: set[str] = set()
    for expected, lesson in enumerate(lessons, 1):
        file = next(iter(lesson.texts.values())).file
        if lesson.position != expected:
            findings.error(file, 0, msg("课的序号要从 01 连着排，这里应是 {number}", number=f"{expected:02d}"))
            return
        if lesson.slug in RESERVED:
            findings.error(file, 0, msg("这个名字系统要用，请换一个：{slug}", slug=lesson.slug))
        if lesson.slug in seen:
            findings.error(file, 0, msg("两课用了同一个名字：{slug}", slug=lesson.slug))
        seen.add(lesson.slug)
