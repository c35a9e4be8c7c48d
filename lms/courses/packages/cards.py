"""`card.<lang>.md`: the pocket card of a course, one printed page in every language."""

import re

from lms.courses.packages import front
from lms.courses.packages.course_file import NAME, CourseFile
from lms.courses.packages.fields import Document, Findings, Table, decode
from lms.courses.packages.lesson_files import MAX_BODY, MAX_BRACKETS, judge_known
from lms.courses.packages.package import CARD, LANGUAGES, Lesson, LessonText
from lms.courses.packages.reading_time import LETTER, WORD
from lms.courses.packages.tree import Tree
from lms.kernel.text import msg

FILE = re.compile(r"card\.(?P<language>zh|en)\.md")
MOST = {"zh": 700, "en": 420}
"""Characters (Chinese) or words (English): what a printed page holds in letters that can be read."""
_COUNTED = {"zh": LETTER, "en": WORD}


def read_card(tree: Tree, course: CourseFile, findings: Findings) -> Lesson | None:
    """The card as a lesson without checks; None, with problems, where a package has none or not in every language."""
    found = [(match["language"], path) for path in sorted(tree) if (match := FILE.fullmatch(path))]
    read = {language: _read(path, tree[path], course, findings) for language, path in found}
    texts = {language: one for language, one in read.items() if one is not None}
    if not found or len(texts) < len(found):
        return None
    for language in LANGUAGES:
        if language not in texts:
            findings.error(found[0][1], 0, msg("缺少另一种语言的卡片：card.{language}.md", language=language))
            return None
    if texts["zh"][1] != texts["en"][1]:
        findings.error(texts["en"][0].file, 1, msg("{key} 和另一种语言写的不一样", key="sources"))
    return Lesson(0, CARD, 0, (), texts["zh"][1], {language: text for language, (text, _) in texts.items()})


def _read(path: str, data: bytes, course: CourseFile, findings: Findings) -> tuple[LessonText, tuple[str, ...]] | None:
    text = decode(path, data, findings)
    parts = front.split(text) if text is not None else None
    if parts is None:
        if text is not None:
            findings.error(path, 1, msg("卡片开头要有一段用 +++ 围起来的说明（title、sources）"))
        return None
    said, body = parts
    document = Document(path, said, findings, line_offset=1)
    if document.data is None:
        return None
    table = Table(document, document.data)
    table.known(("title", "sources"))
    sources = table.strings("sources", NAME)
    judge_known(table, "sources", sources, {source.id for source in course.sources})
    language = path.split(".")[1]
    if len(body) > MAX_BODY or body.count("[") > MAX_BRACKETS:
        findings.error(path, 0, msg("一篇最多 {size} 个字符、{count} 个方括号", size=MAX_BODY, count=MAX_BRACKETS))
        return None
    count = len(_COUNTED[language].findall(body))
    if count > MOST[language]:
        told = msg("卡片要印在一页上，最多 {most} 字（词），现在 {count}", most=MOST[language], count=count)
        findings.unfit(path, 0, told)
    return LessonText(path, table.string("title", r"[^\n]{1,120}"), body, said.count("\n") + 3), sources
