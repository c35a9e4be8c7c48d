"""Reads values out of TOML tables, with a sentence and a line for each that is wrong."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from lms.courses.packages.lines import LineIndex, Path
from lms.courses.packages.package import LANGUAGES, Text
from lms.courses.packages.problem import Problem, Severity
from lms.kernel.text import Message, msg

MAX_TEXT_FILE = 400 * 1024
MAX_TEXT = 4000
# A key of so many parts: reading it takes the square of their number, minutes for a file of 100 kB.
_LONG_KEY = re.compile(r"(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){20}")

_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Findings:
    """Collects problems while the package is read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def error(self, file: str, line: int, message: Message) -> None:
        self.problems.append(Problem(file, line, message))

    def unfit(self, file: str, line: int, message: Message) -> None:
        """An error that forbids publishing, not reading."""
        self.problems.append(Problem(file, line, message, unfit=True))

    def warn(self, file: str, line: int, message: Message) -> None:
        self.problems.append(Problem(file, line, message, Severity.WARNING))

    def hint(self, file: str, line: int, message: Message) -> None:
        self.problems.append(Problem(file, line, message, Severity.HINT))


def decode(file: str, data: bytes, findings: Findings) -> str | None:
    """UTF-8 text in NFC with Unix line ends; None, with a problem, if it is not that."""
    if len(data) > MAX_TEXT_FILE:
        findings.error(file, 0, msg("文字文件太大，每个不超过 {size} kB", size=MAX_TEXT_FILE // 1024))
        return None
    try:
        text = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        findings.error(file, line, msg("不是 UTF-8 编码，请用 UTF-8 另存一次"))
        return None
    hidden = _CONTROL.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        findings.error(file, line, msg("这一行有看不见的控制字符，请删掉重新输入"))
        return None
    return unicodedata.normalize("NFC", text)


class Document:
    """One TOML file: its data, and the lines of its keys (looked up only when needed)."""

    def __init__(self, file: str, text: str, findings: Findings, line_offset: int = 0) -> None:
        self.file = file
        self.findings = findings
        self._text = text
        self._offset = line_offset
        self._index: LineIndex | None = None
        self.data: Mapping[str, object] | None = self._parse()

    def _parse(self) -> Mapping[str, object] | None:
        long = _LONG_KEY.search(self._text)
        if long is not None:
            line = self._text.count("\n", 0, long.start()) + 1 + self._offset
            self.findings.error(self.file, line, msg("名称里的点太多"))
            return None
        try:
            return tomllib.loads(self._text)
        except (ValueError, RecursionError) as fault:
            found = _AT_LINE.search(str(fault))
            line, column = (int(found[1]), int(found[2])) if found else (1 + self._text.count("\n"), 1)
            self.findings.error(
                self.file,
                line + self._offset,
                msg(
                    "TOML 写法不对，看第 {column} 个字前后：引号、等号、括号是不是配齐了",
                    column=column,
                ),
            )
            return None

    def line(self, path: Path) -> int:
        if self._index is None:
            self._index = LineIndex(self._text)
        return self._index.line(*path) + self._offset

    def error(self, path: Path, message: Message) -> None:
        self.findings.error(self.file, self.line(path), message)

    def unfit(self, path: Path, message: Message) -> None:
        self.findings.unfit(self.file, self.line(path), message)

    def warn(self, path: Path, message: Message) -> None:
        self.findings.warn(self.file, self.line(path), message)


class Table:
    """One table of a document. Getters return a usable value and report what was wrong."""

    def __init__(self, document: Document, data: Mapping[str, object], path: Path = ()) -> None:
        self.document = document
        self.data = data
        self.path = path

    def error(self, key: str, message: Message) -> None:
        self.document.error((*self.path, key), message)

    def known(self, keys: Iterable[str]) -> None:
        """Every other key is a mistake, most often a misspelling."""
        allowed = set(keys)
        for key in self.data:
            if key not in allowed:
                self.error(key, msg("不认识的字段 {key}", key=key))

    def _get(self, key: str, *, required: bool) -> object | None:
        value = self.data.get(key)
        if value is None and required:
            self.document.error(self.path, msg("缺少字段 {key}", key=key))
        return value

    def string(self, key: str, pattern: str = "", *, required: bool = True) -> str:
        value = self._get(key, required=required)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
            if required or value != "":
                self.error(key, msg("{key} 要写成一段文字", key=key))
            return ""
        if pattern and not re.fullmatch(pattern, value):
            self.error(key, msg("{key} 的写法不对：{value}", key=key, value=value[:60]))
            return ""
        return value.strip()

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        value = self._get(key, required=True)
        if isinstance(value, str) and value in allowed:
            return value
        if value is not None:
            self.error(key, msg("{key} 只能是：{allowed}", key=key, allowed=", ".join(allowed)))
        return allowed[0]

    def integer(self, key: str, low: int, high: int) -> int:
        value = self._get(key, required=True)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        if value is not None:
            self.error(key, msg("{key} 要写 {low} 到 {high} 之间的整数", key=key, low=low, high=high))
        return low

    def decimal(self, key: str, low: Decimal, high: Decimal) -> Decimal:
        """A decimal string with at most three places."""
        value = self._get(key, required=True)
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", value):
            try:
                amount = Decimal(value)
            except InvalidOperation:  # pragma: no cover - the pattern already decided
                amount = low - 1
            if low <= amount <= high:
                return amount
        if value is not None:
            self.error(
                key,
                msg(
                    "{key} 要写成带引号的数，{low} 到 {high} 之间",
                    key=key,
                    low=str(low),
                    high=str(high),
                ),
            )
        return low

    def day(self, key: str) -> date:
        value = self._get(key, required=True)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is not None:
            self.error(key, msg("{key} 要写成日期，例如 2027-11-30，不加引号", key=key))
        return date.min

    def words(self, key: str) -> Text:
        """A text with every language."""
        value = self._get(key, required=True)
        if value is None:
            return dict.fromkeys(LANGUAGES, "")
        if not isinstance(value, Mapping):
            self.error(
                key,
                msg("{key} 要写成两种文字：{example}", key=key, example='{ zh = "…", en = "…" }'),
            )
            return dict.fromkeys(LANGUAGES, "")
        found: dict[str, str] = {}
        for language in LANGUAGES:
            text = value.get(language)
            if not isinstance(text, str) or not text.strip():
                self.error(key, msg("{key} 缺少 {language} 的文字", key=key, language=language))
                text = ""
            elif len(text) > MAX_TEXT:
                self.error(key, msg("{key} 太长，不超过 {count} 个字", key=key, count=MAX_TEXT))
                text = ""
            found[language] = text.strip()
        for language in value:
            if language not in LANGUAGES:
                self.error(key, msg("不认识的语言 {language}", language=language))
        return found

    def strings(self, key: str, pattern: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of different strings that all match."""
        value = self._get(key, required=required)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            self.error(key, msg("{key} 要写成列表：{example}", key=key, example='["a", "b"]'))
            return ()
        kept: list[str] = []
        for index, part in enumerate(value):
            if not re.fullmatch(pattern, part):
                self.document.error(
                    (*self.path, key, index),
                    msg("{key} 的写法不对：{value}", key=key, value=part[:60]),
                )
            elif part in kept:
                self.document.error(
                    (*self.path, key, index),
                    msg("{key} 里重复了：{value}", key=key, value=part[:60]),
                )
            else:
                kept.append(part)
        return tuple(kept)

    def tables(self, key: str, *, required: bool = True) -> list["Table"]:
        """An array of tables."""
        value = self._get(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
            self.error(key, msg("{key} 要写成一组 {example}", key=key, example=f"[[{key}]]"))
            return []
        return [Table(self.document, part, (*self.path, key, index)) for index, part in enumerate(value)]

    def table(self, key: str) -> "Table | None":
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.error(key, msg("{key} 要写成一节 {example}", key=key, example=f"[{key}]"))
            return None
        return Table(self.document, value, (*self.path, key))
