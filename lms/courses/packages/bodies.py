"""Judges the bodies of lessons: their Markdown, boxes, pictures, source marks, self-checks."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from markdown_it.token import Token

from lms.courses.packages import blocks, markdown, pictures
from lms.courses.packages.fields import Findings
from lms.courses.packages.lesson_files import MAX_MINUTES
from lms.courses.packages.package import Lesson, LessonText, Medium
from lms.courses.packages.reading_time import LETTERS_A_MINUTE, WORDS_A_MINUTE, Length, length_of
from lms.courses.packages.recording import Recording, is_recording
from lms.courses.packages.recording_files import judge_captions
from lms.items.base import Item
from lms.kernel.text import msg

MAX_EMERGENCY = 1
MAX_KEY = 2
MAX_COLUMNS = 3

_RAW_HTML = re.compile(r"<(?:[A-Za-z][A-Za-z0-9-]*[\s/>]|/[A-Za-z]|!--|[!?][A-Za-z])")
_NO_TABLE = re.compile(r"\|\s*:?-{3,}")
_TIMES = re.compile(r"[0-9]\*[0-9]")


@dataclass
class Used:
    """What the lessons of a package point at."""

    media: set[str] = field(default_factory=set)
    checks: set[str] = field(default_factory=set)
    terms: set[str] = field(default_factory=set)


class Bodies:
    """One judge for all lessons of a package."""

    def __init__(
        self,
        media: Mapping[str, Medium],
        items: Mapping[str, Item],
        findings: Findings,
        terms: Collection[str] = (),
    ) -> None:
        self._media = media
        self._items = items
        self._terms = terms
        self._findings = findings
        self.used = Used()
        self.recordings: Mapping[str, Recording] = {}

    def judge_card(self, card: Lesson) -> None:
        """The pocket card: the same, without checks, pictures and minutes."""
        for language, text in card.texts.items():
            body = _Body({}, {}, self._findings, self.used, card, language, text, {}, self._terms)
            if body.judge(checked=False):
                self._findings.error(text.file, text.first_line, msg("卡片上不放自测题"))

    def judge(self, lesson: Lesson) -> None:
        checks: dict[str, list[str]] = {}
        lengths: dict[str, Length] = {}
        for language, text in lesson.texts.items():
            body = _Body(
                self._media, self._items, self._findings, self.used, lesson, language, text,
                self.recordings, self._terms,
            )
            checks[language] = body.judge()
            lengths[language] = body.length
        self._judge_minutes(lesson, lengths)
        if len({tuple(codes) for codes in checks.values()}) > 1:
            file = next(iter(lesson.texts.values())).file
            self._findings.error(file, 0, msg("两种语言的自测题不一样，题号和先后要相同"))


    def _judge_minutes(self, lesson: Lesson, lengths: Mapping[str, Length]) -> None:
        """Whether the minutes that are declared are enough, and eight, by the language that takes longest."""
        if not lengths:
            return
        language = max(lengths, key=lambda one: lengths[one].least)
        file, length = lesson.texts[language].file, lengths[language]
        if length.longer_than(MAX_MINUTES):
            said = msg(
                "这一课约要 {estimate} 分钟，最多 {most} 分钟，请分成两课。"
                "算法：每分钟读 {letters} 个汉字或 {words} 个英文词，录像、录音按长度算",
                estimate=length.minutes, most=MAX_MINUTES, letters=LETTERS_A_MINUTE, words=WORDS_A_MINUTE,
            )  # fmt: skip
            self._findings.unfit(file, 1, said)
        elif lesson.minutes and length.longer_than(lesson.minutes):
            said = msg(
                "这一课写的是 {minutes} 分钟，约要 {estimate} 分钟。"
                "算法：每分钟读 {letters} 个汉字或 {words} 个英文词，录像、录音按长度算",
                minutes=lesson.minutes, estimate=length.minutes, letters=LETTERS_A_MINUTE, words=WORDS_A_MINUTE,
            )  # fmt: skip
            self._findings.warn(file, 1, said)


@dataclass
class _Body:
    media: Mapping[str, Medium]
    items: Mapping[str, Item]
    findings: Findings
    used: Used
    lesson: Lesson
    language: str
    text: LessonText
    recordings: Mapping[str, Recording]
    terms: Collection[str] = ()
    length: Length = field(default_factory=Length)
    played: set[str] = field(default_factory=set)

    def judge(self, *, checked: bool = True) -> list[str]:
        """The codes of its self-checks, in order. `checked`: it must have one."""
        found = blocks.split(self.text.body, self.text.file, self.text.first_line, self.findings)
        if not found:
            self._error(self.text.first_line, "empty")
        marks: dict[str, int] = {}
        for block in found:
            if isinstance(block, blocks.Check):
                self._check(block)
                continue
            first = block.line if isinstance(block, blocks.Prose) else block.line + 1
            self._markdown(block.text, first, marks)
        self._boxes(found)
        self._marks(marks)
        codes = [block.code for block in found if isinstance(block, blocks.Check)]
        if checked and not codes:
            self._error(self.text.first_line, "unchecked")
        return codes

    def _error(self, line: int, what: str) -> None:
        messages = {
            "empty": msg("这一课还没有正文"),
            "unchecked": msg("每一课至少要有一道自测题（::: check 题号）"),
            "h1": msg("正文不用一级标题 #，从 ## 开始，到 ### 为止"),
            "html": msg("正文不能写 HTML 标签"),
            "columns": msg("表格最多 {count} 列，手机上才放得下", count=MAX_COLUMNS),
            "inline picture": msg("图片要单独占一段，前后空一行"),
            "no alt": msg("图片要有文字说明，写在方括号里"),
            "times": msg("数字之间的 * 会变成着重号，乘号请用 ×"),
            "mark": msg("依据标记的写法是 [^编号]，编号用小写字母、数字和横线"),
            "term": msg("词语的写法是 [[编号]] 或 [[编号|这里写的字]]，编号用小写字母、数字和横线"),
            "link": msg("链接只能以 http://、https:// 或 tel: 开头"),
            "emergency": msg("一课最多一个“先打 120”的框"),
            "key": msg("一课最多 {count} 个“记住”的框", count=MAX_KEY),
        }
        self.findings.error(self.text.file, line, messages[what])

    def _check(self, check: blocks.Check) -> None:
        item = self.items.get(check.code)
        if item is None:
            self.findings.error(self.text.file, check.line, msg("items 里没有这道题：{code}", code=check.code[:60]))
        elif item.use != "check":
            said = (
                msg('{code} 是小测题，自测题要写 use = "check"', code=item.code)
                if item.use == "knowledge"
                else msg('{code} 是考试题，自测题要写 use = "check"', code=item.code)
            )
            self.findings.error(self.text.file, check.line, said)
        self.used.checks.add(check.code)

    def _boxes(self, found: tuple[blocks.Block, ...]) -> None:
        boxes = [block for block in found if isinstance(block, blocks.CallOut)]
        urgent = [box for box in boxes if box.kind == "emg"]
        if len(urgent) > MAX_EMERGENCY:
            self._error(urgent[MAX_EMERGENCY].line, "emergency")
        elif urgent and found[0] is not urgent[0]:
            self.findings.warn(self.text.file, urgent[0].line, msg("“先打 120”最好放在这一课的最前面"))
        keys = [box for box in boxes if box.kind == "key"]
        if len(keys) > MAX_KEY:
            self._error(keys[MAX_KEY].line, "key")

    def _marks(self, marks: Mapping[str, int]) -> None:
        for name, line in marks.items():
            if name not in self.lesson.sources:
                self.findings.error(
                    self.text.file,
                    line,
                    msg("引用了 {name}，但本课开头的 sources 里没有写", name=name),
                )
        for name in self.lesson.sources:
            if name not in marks:
                self.findings.warn(self.text.file, 1, msg("sources 里写了 {name}，正文没有引用", name=name))

    def _markdown(self, text: str, first: int, marks: dict[str, int]) -> None:
        for offset, line in enumerate(text.split("\n")):
            if _RAW_HTML.search(line):
                self._error(first + offset, "html")
            if _TIMES.search(line):
                self._error(first + offset, "times")
        columns = 0
        at = first
        for token in markdown.parse(text):
            at = first + token.map[0] if token.map else at
            if token.type == "heading_open" and token.tag not in ("h2", "h3"):
                self._error(at, "h1")
            elif token.type == "tr_open":
                columns = 0
            elif token.type in ("th_open", "td_open"):
                columns += 1
                if columns == MAX_COLUMNS + 1 and token.type == "th_open":
                    self._error(at, "columns")
            elif token.type == "figure":
                self._figure(token, at)
            elif token.type == "inline":
                self._inline(token, at, marks)
                if _NO_TABLE.search(token.content):
                    said = msg("这里的表格没有成形：每行的列数要一样，表里的词语不能写 |")
                    self.findings.warn(self.text.file, at, said)

    def _inline(self, inline: Token, line: int, marks: dict[str, int]) -> None:
        for child, at in _with_lines(inline, line):
            if child.type in markdown.WORDS:
                self.length += length_of(child.content)
            if child.type == "image":
                self._error(at, "inline picture")
            elif child.type == "source_mark":
                marks.setdefault(child.content, at)
            elif child.type == "term":
                self._term(str(child.meta["id"]), at)
            elif child.type == "link_open" and str(child.attrs.get("href", "")).startswith("media/"):
                self._error(at, "link")
            elif child.type == "text":
                if "[^" in child.content:
                    self._error(at, "mark")
                if "[[" in child.content:
                    self._error(at, "term")
                if "](" in child.content:
                    self._error(at, "link")
                if "**" in child.content:
                    self.findings.warn(self.text.file, at, msg("这里的 ** 没有配成对，粗体显示不出来"))

    def _term(self, name: str, line: int) -> None:
        if name not in self.terms:
            self.findings.error(self.text.file, line, msg("课程说明里没有这个词语：{name}", name=name))
        self.used.terms.add(name)

    def _figure(self, figure: Token, line: int) -> None:
        address = str(figure.attrs.get("src", ""))
        if not figure.content.strip():
            self._error(line, "no alt")
        if is_recording(address):
            self._recording(address, line)
            return
        medium = pictures.resolve(address, self.language, self.media)
        if medium is None:
            self.findings.error(self.text.file, line, msg("没有这张图片：{name}", name=address[:80]))
            return
        self.used.media.add(medium.name)


    def _recording(self, address: str, line: int) -> None:
        recording = pictures.resolve(address, self.language, self.recordings)
        if recording is None:
            said = msg("没有这份录像、录音或讲义：{name}", name=address[:80])
            self.findings.error(self.text.file, line, said)
            return
        if recording.name not in self.played:
            self.length += Length(seconds=recording.seconds)
            self.played.add(recording.name)
        judge_captions(recording, self.text.file, line, self.findings)
        self.used.media.add(recording.name)


def _with_lines(inline: Token, line: int) -> Iterator[tuple[Token, int]]:
    """The children with the line each stands on."""
    for child in inline.children or []:
        yield child, line
        if child.type in ("softbreak", "hardbreak") or child.markup == "\n":
            line += 1
