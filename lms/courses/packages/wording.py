"""How a course is worded: whether its English is English, and whether its sentences are short."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from lms.courses.packages import blocks, markdown
from lms.courses.packages.course_file import CourseFile
from lms.courses.packages.fields import Findings
from lms.courses.packages.media_files import Drawings
from lms.courses.packages.package import Lesson, LessonText
from lms.courses.packages.reading_time import LETTER, WORD
from lms.items.base import Item
from lms.kernel.text import msg

LONG = {"zh": 45, "en": 25}
"""Characters (Chinese) or words (English) of a mean sentence, above which a hint is given."""
FEWEST = 5
"""Sentences from which a mean says something."""

_ENDS = {"zh": re.compile("[。！？；\n]"), "en": re.compile(r"[.!?;](?=\s|$)|\n")}
_COUNTED = {"zh": LETTER, "en": WORD}
_LATIN = re.compile("[A-Za-z]")
_MARKUP = re.compile(r"\[\^[\w-]+\]|^\s*:::\s*[\w-]*|(?:media/|https?://)[!-'*-~]*")
"""What is written in letters and is no word: a note's sign, the name of a box, an address."""
_QUOTED = re.compile(r"“[^“”]*”|\"[^\"]*\"|《[^《》]*》|\([^()]*\)|（[^（）]*）|`[^`]*`")
_NO_WORDS = frozenset(["style", "metadata"])


def judge_wording(
    course: CourseFile, lessons: tuple[Lesson, ...], items: tuple[Item, ...], drawings: Drawings, findings: Findings
) -> None:
    """Errors of publishing for what is plainly not translated, warnings where Chinese may stand on purpose, hints for
    long sentences."""
    _judge_course(course)
    for item in items:
        english = list(_english_of(item.as_dict()))
        chinese = next((text for text in english if LETTER.search(text)), None)
        if chinese is not None:
            tell = findings.unfit if any(map(_untranslated, english)) else findings.warn
            tell("", 0, msg("题目 {code} 的英文里有中文：{words}", code=item.code, words=_words(chinese)))
    for lesson in lessons:
        for language, text in lesson.texts.items():
            _judge_text(language, text, findings)
    for path, root in drawings.items():
        if path.endswith(".en.svg"):
            words = " ".join(_drawn_words(root))
            if LETTER.search(words):
                tell = findings.unfit if _untranslated(words) else findings.warn
                tell(path, 0, msg("英文图里有中文：{words}", words=_words(words)))


def _drawn_words(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        if element.tag.rpartition("}")[2] not in _NO_WORDS:
            yield element.text or ""
        yield element.tail or ""


def _judge_course(course: CourseFile) -> None:
    """Every `en` of course.toml."""
    document = course.document

    def walk(value: object, path: tuple[str | int, ...]) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                walk(inner, (*path, str(key)))
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                walk(inner, (*path, number))
        elif path and path[-1] == "en" and isinstance(value, str) and LETTER.search(value):
            tell = document.unfit if _untranslated(value) else document.warn
            tell(path, msg("英文里有中文：{words}", words=_words(value)))

    walk(document.data, ())


def _english_of(value: Any) -> Iterator[str]:
    """Every text under a key `en`, however deep."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "en" and isinstance(inner, str):
                yield inner
            else:
                yield from _english_of(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _english_of(inner)


def _judge_text(language: str, text: LessonText, findings: Findings) -> None:
    if language == "en":
        if LETTER.search(text.title):
            tell = findings.unfit if _untranslated(text.title) else findings.warn
            tell(text.file, 1, msg("英文课题里有中文：{words}", words=_words(text.title)))
        for line, words in enumerate(text.body.split("\n"), text.first_line):
            if LETTER.search(words):
                tell = findings.unfit if _untranslated(words) else findings.warn
                tell(text.file, line, msg("英文课文里有中文：{words}", words=_words(words)))
    elif text.body.strip() and not LETTER.search(text.body):
        known = sum(len(_COUNTED["en"].findall(one)) for one in _sentences("en", text))
        tell = findings.unfit if known >= FEWEST else findings.warn
        tell(text.file, text.first_line, msg("中文课文里没有中文，还没有翻译"))
    lengths = [found for one in _sentences(language, text) if (found := len(_COUNTED[language].findall(one)))]
    if len(lengths) >= FEWEST and sum(lengths) > LONG[language] * len(lengths):
        mean = round(sum(lengths) / len(lengths))
        said = (
            msg("句子平均 {mean} 个字，{most} 个字以内更好读", mean=mean, most=LONG["zh"])
            if language == "zh"
            else msg("英文句子平均 {mean} 个词，{most} 个词以内更好读", mean=mean, most=LONG["en"])
        )
        findings.hint(text.file, text.first_line, said)


def _sentences(language: str, text: LessonText) -> Iterator[str]:
    """The sentences of paragraphs and boxes; tables and headings are not sentences."""
    for block in blocks.split(text.body, text.file, text.first_line, Findings()):
        if isinstance(block, blocks.Check):
            continue
        inside = ""
        for token in markdown.parse(block.text):
            if token.type.endswith("_open") and token.type.startswith(("paragraph", "heading", "th", "td")):
                inside = token.type
            elif token.type == "inline" and inside.startswith("paragraph"):
                yield from _ENDS[language].split(markdown.plain_text(token))


def _untranslated(text: str) -> bool:
    """Whether an English text is plainly Chinese: Chinese outside quotes and brackets, and no Latin letter but those
    of marks and addresses. Chinese beside English may be a term or a name: a person must look."""
    words = _QUOTED.sub("", _MARKUP.sub("", text))
    return bool(LETTER.search(words)) and not _LATIN.search(words)


def _words(text: str) -> str:
    """The first Chinese of a text with a little around it, as the author finds it again."""
    found = LETTER.search(text)
    at = found.start() if found else 0
    return " ".join(text[max(at - 4, 0) : at + 16].split())
