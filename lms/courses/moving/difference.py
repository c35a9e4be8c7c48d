"""What is different between two packages, so that a reader sees it: passages put in and taken out. Names of closed
lists stand in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from lms.courses.packages.captions import captions_text
from lms.courses.packages.package import LANGUAGES, Assessment, Lesson, Package, Source, Term, Text
from lms.courses.packages.recording import AUDIO, ENDINGS, FILM, HANDOUT, Captions, MediaFile, Recording
from lms.courses.rules import ANSWERS_SHOWN, AUDIENCE_NAMES, CERTAINTY_NAMES, SUBJECT_NAMES
from lms.courses.writing.merging import pieces
from lms.items.base import Item
from lms.items.registry import LABELS
from lms.kernel.i18n import translate
from lms.kernel.text import Message, msg

BOTH = ""
"""Language of what is the same in every language: numbers, names, addresses."""
MOST_PIECES = 4000
"""Pieces of one text that are compared; more is shown as taken out and put in."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text: kind is same, in (put in) or out (taken out)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that changed, in one language (or BOTH)."""

    label: Message
    language: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A lesson, a question, a source… state: new · gone · changed. `name` and `titles` say which."""

    name: str
    titles: Text
    state: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Difference:
    """All that changed, in the order in which a reader wants to know it."""

    rules: tuple[Line, ...]
    exam: tuple[Line, ...]
    lessons: tuple[Entry, ...]
    items: tuple[Entry, ...]
    sources: tuple[Entry, ...]
    goals: tuple[Entry, ...]
    terms: tuple[Entry, ...]
    media: tuple[Entry, ...]
    recordings: tuple[Entry, ...]

    @property
    def hours_changed(self) -> bool:
        return any(line.label.msgid == HOURS.msgid for line in self.rules)

    @property
    def empty(self) -> bool:
        named = (self.lessons, self.items, self.sources, self.goals, self.terms, self.media, self.recordings)
        return not any((self.rules, self.exam, *named))


HOURS = msg("学时")
_TITLE, _TEXT = msg("标题"), msg("课文内容")


def difference(before: Package, after: Package) -> Difference:
    """What somebody must know who has read `before` and publishes `after`."""
    return Difference(
        rules=_lines(_rules(before), _rules(after)),
        exam=_lines(_exam(before), _exam(after)),
        lessons=_entries(_by_slug(before), _by_slug(after), _lesson),
        items=_entries(_by_code(before), _by_code(after), _item),
        sources=_entries({one.id: one for one in before.sources}, {one.id: one for one in after.sources}, _source),
        goals=_entries(_goals(before), _goals(after), lambda one: [(msg("内容"), one)]),
        terms=_entries({one.id: one for one in before.terms}, {one.id: one for one in after.terms}, _term),
        media=_entries(
            {one.name: one.sha for one in before.media},
            {one.name: one.sha for one in after.media},
            lambda sha: [(msg("图片文件"), sha[:12])],
        ),
        recordings=_entries(
            {one.name: one for one in before.recordings}, {one.name: one for one in after.recordings}, _recording
        ),
    )


Facts = list[tuple[Message, Text | str]]


def _rules(package: Package) -> Facts:
    return [
        (msg("课程名"), package.title),
        (msg("介绍"), package.summary),
        (msg("领域"), _said([SUBJECT_NAMES.get(package.subject)])),
        (msg("给谁学"), _said(AUDIENCE_NAMES.get(one) for one in package.audience)),
        (HOURS, f"{package.hours.normalize():f}"),
        (msg("先修课"), ", ".join(package.prerequisites)),
        (msg("临床审核"), package.reviewer),
        (msg("复核日期"), package.review_by.isoformat()),
    ]


def _said(messages: Iterable[Message | None]) -> str:
    """Names of a closed list, in the reader's language."""
    return "\n".join(translate(message) for message in messages if message is not None)


def _exam(package: Package) -> Facts:
    paper = package.assessment
    if paper is None:
        return []
    topics = {topic.id: topic.title for topic in package.topics}
    return [
        (msg("考试名"), paper.title),
        (msg("考试时间（分钟）"), str(paper.minutes)),
        (msg("及格分数"), str(paper.pass_mark)),
        (msg("一年可考几次"), str(paper.attempts)),
        (msg("没及格隔多久再考（分钟）"), str(paper.cooldown_minutes)),
        (msg("答案什么时候公布"), _said([ANSWERS_SHOWN.get(paper.show_answers)])),
        (msg("怎么抽题"), {language: _draw(paper, topics, language) for language in LANGUAGES}),
    ]


def _draw(paper: Assessment, topics: Mapping[str, Text], language: str) -> str:
    rows = []
    for rule in paper.draw:
        title = topics.get(rule.topic, {}).get(language, rule.topic)
        rows.append(f"{title} × {rule.count}" + (f" ({'★' * rule.difficulty})" if rule.difficulty else ""))
    return "\n".join(rows)


def _by_slug(package: Package) -> dict[str, Lesson]:
    return {lesson.slug: lesson for lesson in package.lessons}


def _by_code(package: Package) -> dict[str, Item]:
    return {item.code: item for item in package.items}


def _goals(package: Package) -> dict[str, Text]:
    goals = {one.id: one.text for one in package.objectives}
    return goals | {one.id: one.title for one in package.topics if one.id not in goals}


def _lesson(lesson: Lesson) -> Facts:
    return [
        (_TITLE, lesson.titles),
        (msg("第几课"), str(lesson.position)),
        (msg("分钟"), str(lesson.minutes)),
        (msg("目标"), "\n".join(lesson.objectives)),
        (msg("引用依据"), "\n".join(lesson.sources)),
        (_TEXT, {language: text.body for language, text in lesson.texts.items()}),
    ]


_LABELS = {
    "topic": msg("主题"),
    "difficulty": msg("难度"),
    "objective": msg("目标"),
    "sources": msg("引用依据"),
    "stem": msg("题干"),
    "explanation": msg("解析"),
    "options": msg("选项"),
    "pairs": msg("配对内容"),
    "steps": msg("步骤"),
    "answer": msg("答案"),
    "tolerance": msg("允许误差"),
    "unit": msg("数值单位"),
    "scoring": msg("计分"),
}
_USES = {"assessment": msg("考试题"), "check": msg("自测题"), "knowledge": msg("小测题")}


def _item(item: Item) -> Facts:
    table = item.as_dict()
    facts: Facts = [
        (msg("题型"), translate(LABELS[item.TYPE])),
        (msg("用途"), translate(_USES[item.use]) if item.use in _USES else item.use),
    ]
    for key, value in table.items():
        if key in ("code", "type", "use"):
            continue
        facts.append((_LABELS.get(key, _TEXT), _value(value)))
    return facts


def _value(value: Any) -> Text | str:
    """A field of an item: in every language where it has words."""
    if isinstance(value, Mapping) and set(value) == set(LANGUAGES):
        return {language: str(value[language]) for language in LANGUAGES}
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        return {language: "\n".join(_row(one, language) for one in value) for language in LANGUAGES}
    if isinstance(value, list | tuple):
        return "\n".join(str(one) for one in value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return "" if value is None else str(value)


def _row(row: Any, language: str) -> str:
    """An option, pair or step: ✓ before what is right, → between what belongs together."""
    if not isinstance(row, Mapping):
        return str(row)
    words = [str(part[language]) for part in row.values() if isinstance(part, Mapping) and language in part]
    return ("✓ " if row.get("correct") is True else "") + " → ".join(words)


def _source(source: Source) -> Facts:
    return [
        (msg("名称"), source.title),
        (msg("发布者"), source.issuer),
        (msg("出版年份"), str(source.year)),
        (msg("出处位置"), source.section),
        (msg("网址"), source.url),
        (msg("可信程度"), _said([CERTAINTY_NAMES.get(source.certainty)])),
    ]


def _term(term: Term) -> Facts:
    return [(msg("词语"), term.word), (msg("意思"), term.meaning)]


_KINDS = {FILM: msg("录像"), AUDIO: msg("录音"), HANDOUT: msg("讲义")}


def _recording(one: Recording) -> Facts:
    return [
        (_KINDS[one.kind], "\n".join(_file(file) for file in one.files)),
        (msg("封面"), _file(one.poster) if one.poster else ""),
        (msg("多少秒"), str(one.seconds or "")),
        (msg("字幕"), {language: _cues(captions) for language, captions in one.captions.items()}),
    ]


def _file(file: MediaFile) -> str:
    size = f" {file.width} × {file.height}" if file.width else ""
    return f"{file.sha[:12]} {ENDINGS[file.mime]}{size}"


def _cues(captions: Captions) -> str:
    """Times and words, for a learner sees both."""
    return captions_text(captions.cues).removeprefix("WEBVTT\n\n").replace("&amp;", "&")


def _entries(before: Mapping[str, Any], after: Mapping[str, Any], facts: Any) -> tuple[Entry, ...]:
    """New and changed things in the order of the new package, then those that are gone."""
    found = []
    for name, thing in after.items():
        old = before.get(name)
        if old is None:
            found.append(Entry(name, _titles(thing), "new", _lines([], facts(thing))))
        elif old != thing and (lines := _lines(facts(old), facts(thing))):
            found.append(Entry(name, _titles(thing), "changed", lines))
    gone = {name: thing for name, thing in before.items() if name not in after}
    found += [Entry(name, _titles(thing), "gone", _lines(facts(thing), [])) for name, thing in gone.items()]
    return tuple(found)


def _titles(thing: Any) -> Text:
    for attribute in ("titles", "stem", "title", "word"):
        words = getattr(thing, attribute, None)
        if isinstance(words, Mapping):
            return words
    return thing if isinstance(thing, Mapping) else {}


def _lines(before: Facts, after: Facts) -> tuple[Line, ...]:
    """Facts that differ, by their labels."""
    old = {label.msgid: value for label, value in before}
    new = {label.msgid: value for label, value in after}
    labels = {label.msgid: label for label, _ in (*after, *before)}
    found = []
    for name, label in labels.items():
        was, now = old.get(name, ""), new.get(name, "")
        if was == now:
            continue
        languages = sorted({*_languages(was), *_languages(now)}, key=_place)
        for language in languages:
            one, other = _in(was, language), _in(now, language)
            if one != other:
                found.append(Line(label, language, passages(one, other)))
    return tuple(found)


def _languages(value: Text | str) -> tuple[str, ...]:
    return (() if value == "" else (BOTH,)) if isinstance(value, str) else tuple(value)


def _place(language: str) -> int:
    return (BOTH, *LANGUAGES).index(language) if language in (BOTH, *LANGUAGES) else len(LANGUAGES) + 1


def _in(value: Text | str, language: str) -> str:
    return value if isinstance(value, str) else value.get(language, "")


def passages(before: str, after: str) -> tuple[Passage, ...]:
    """Two texts as one that shows what was taken out and put in, by sentences and lines."""
    old, new = pieces(before), pieces(after)
    if len(old) > MOST_PIECES or len(new) > MOST_PIECES:
        return tuple(Passage(kind, text) for kind, text in (("out", before), ("in", after)) if text)
    found: list[Passage] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Passage("same", "".join(old[a:b])))
            continue
        found += [
            Passage(kind, text) for kind, text in (("out", "".join(old[a:b])), ("in", "".join(new[c:d]))) if text
        ]
    return tuple(found)


def told(line: Line) -> Sequence[Passage]:
    """A line without the long stretches that are the same: their beginning and end, with … between."""
    return [
        Passage("same", _short(one.text)) if one.kind == "same" and len(one.text) > 2 * KEPT else one
        for one in line.passages
    ]


KEPT = 60
"""Characters of an unchanged stretch that stay on each side."""


def _short(text: str) -> str:
    return f"{text[:KEPT]} … {text[-KEPT:]}"
