"""Questions pasted as plain text, as they stand in a Word file: understood line by line. Pure, in one pass.

    1. 题干
    A. 一个选项        (several may stand on one line)
    B. 另一个
    答案：B            (or in brackets at the end of the stem)
    解析：为什么

Several letters make a question with several answers; 对 or 错 without options a true-or-false one. The next question
begins with a number, or behind an empty line.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from lms.courses.writing.item_tables import Table, clean, judge
from lms.items.base import ItemFaults
from lms.kernel.text import Message, msg

MOST = 60_000
MOST_QUESTIONS = 200
LETTERS = "ABCDEFGH"

_LETTER = "[A-Ha-hＡ-Ｈａ-ｈ]"
_OPTION = re.compile(rf"\s*(?:[(（]\s*({_LETTER})\s*[)）]|({_LETTER})\s*[.．、:：)）])\s*(.*)")
_NEXT_OPTION = re.compile(rf"(?<=\s)(?:[(（]({_LETTER})[)）]|({_LETTER})[.．、:：)）])[ \t\u3000]*")
_NUMBER = re.compile(r"\s*(?:第\s*)?[0-9０-９]{1,3}\s*(?:[、)）题]|[.．](?![0-9]))\s*[、.．:：]?\s*(.*)")
_ANSWER = re.compile(
    r"\s*(?:[【\[]\s*(?:正确|参考|标准)?(?:答案|answer)\s*[】\]]\s*[:：]?|(?:正确|参考|标准)?(?:答案|answer)(?:是|为)?\s*[:：]"
    r"|(?:正确|参考|标准)?答案\s*(?=[A-Ha-h对错√×]))\s*(.*)",
    re.IGNORECASE,
)
_EXPLAINED = re.compile(
    r"\s*(?:[【\[]\s*(?:答案)?(?:解析|解释|说明)\s*[】\]]\s*[:：]?|(?:答案)?(?:解析|解释|说明|explanation)\s*[:：])\s*(.*)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(rf"[(（]\s*((?:{_LETTER}[\s,，、]*){{1,8}}|对|错|√|×)\s*[)）]([。.?？]?)$")
_TRUE = frozenset({"对", "正确", "是", "√", "✓", "t", "true", "yes"})
_FALSE = frozenset({"错", "错误", "不对", "不正确", "否", "×", "✗", "x", "f", "false", "no"})


@dataclass(slots=True)
class _Part:
    """Words of a question, and the line on which they begin."""

    line: int
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return clean("\n".join(self.words))


@dataclass(slots=True)
class _Found:
    """A question as it is being read."""

    stem: _Part
    options: list[tuple[str, _Part]] = field(default_factory=list)
    answer: _Part | None = None
    explanation: _Part | None = None

    @property
    def begun(self) -> bool:
        """Whether more than a stem is there."""
        return bool(self.options or self.answer or self.explanation)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was understood of one question; its faults by line."""

    line: int
    table: Table
    faults: tuple[tuple[int, Message], ...]


def read(text: str, common: Table) -> list[Pasted]:
    """Every question of a pasted text with its faults; `common` is what is said of all of them (use, topic, difficulty,
    objective, sources)."""
    return [_understood(found, common) for found in _Reader().run(text)]


class _Reader:
    """One pass over the lines."""

    def __init__(self) -> None:
        self.found: list[_Found] = []
        self.part: _Part | None = None  # where a further line belongs
        self.blank = True

    def run(self, text: str) -> list[_Found]:
        for number, line in enumerate(text.replace("\r\n", "\n").splitlines(), 1):
            if clean(line):
                self._line(number, line.strip())
            self.blank = not clean(line)
        return self.found

    def _line(self, number: int, line: str) -> None:
        now = self.found[-1] if self.found else None
        if now is not None:
            explained, answered = _EXPLAINED.fullmatch(line), _ANSWER.fullmatch(line)
            if explained and now.explanation is None:
                self.part = now.explanation = _Part(number, [explained[1]])
                return
            if answered and now.answer is None and now.explanation is None:
                now.answer, self.part = _Part(number, [answered[1]]), None
                return
            option = _OPTION.fullmatch(line)
            if option and now.answer is None and now.explanation is None:
                self._options(now, number, (option[1] or option[2], option[3]))
                return
        numbered = _NUMBER.fullmatch(line)
        if now is None or (numbered and (now.begun or self.blank)) or (now.begun and (self.blank or self.part is None)):
            self.part = _Part(number, [numbered[1] if numbered else line])
            self.found.append(_Found(self.part))
        elif self.part is not None:
            self.part.words.append(line)

    def _options(self, now: _Found, number: int, first: tuple[str, str]) -> None:
        """An option, and those that stand behind it on the same line, in the order of the alphabet."""
        letter, rest = _letter(first[0]), first[1]
        begun = 0
        for match in _NEXT_OPTION.finditer(rest):
            following = _letter(match[1] or match[2])
            if ord(following) == ord(letter) + 1:
                now.options.append((letter, _Part(number, [rest[begun : match.start()]])))
                letter, begun = following, match.end()
        self.part = _Part(number, [rest[begun:]])
        now.options.append((letter, self.part))


def _letter(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).upper()


def _understood(found: _Found, common: Table) -> Pasted:
    stem, answer = found.stem.text, found.answer.text if found.answer else ""
    if found.answer is None:
        hit = _BRACKETS.search(stem)
        if hit:
            answer, stem = hit[1], clean(stem[: hit.start()] + hit[2])
    table: Table = {
        "code": "", "type": "single_choice", **common, "stem": _words(stem),
        "explanation": _words(found.explanation.text if found.explanation else ""),
    }  # fmt: skip
    at = found.answer.line if found.answer else found.stem.line
    faults = _answered(table, found, answer, at)
    if not faults:
        faults = _judged(table, found)
    return Pasted(found.stem.line, table, tuple(faults))


def _answered(table: Table, found: _Found, answer: str, at: int) -> list[tuple[int, Message]]:
    """Put type, options and answer into the table; what is wrong with them."""
    said = unicodedata.normalize("NFKC", answer).strip().rstrip("。.").casefold()
    if not found.options:
        table |= {"type": "true_false", "answer": said in _TRUE}
        if not said:
            return [(at, msg("没有选项，也没有答案"))]
        return [] if said in _TRUE | _FALSE else [(at, msg("没有选项的题，答案要写“对”或“错”"))]
    chosen = re.sub(r"[\s,，、;；和]", "", said).upper()
    letters = [letter for letter, _ in found.options]
    table["options"] = [_option(index, part, letter in chosen) for index, (letter, part) in enumerate(found.options)]
    if len(chosen) > 1:
        table["type"] = "multiple_response"
    if letters != list(LETTERS[: len(letters)]):
        shown = "、".join(letters[:12])
        return [(found.options[0][1].line, msg("选项要从 A 起，一个接一个，这里是 {letters}", letters=shown))]
    if not chosen:
        return [(at, msg("没有写答案"))]
    if len(set(chosen)) != len(chosen) or not set(chosen) <= set(letters):
        return [(at, msg("答案“{answer}”不是这几个选项里的", answer=answer[:20]))]
    return []


def _option(index: int, part: _Part, correct: bool) -> dict[str, Any]:
    return {"id": LETTERS[min(index, 7)].lower(), "text": _words(part.text), "correct": correct}


def _judged(table: Table, found: _Found) -> list[tuple[int, Message]]:
    try:
        judge(table)
    except ItemFaults as refusal:
        return [(_line_of(fault.field, found), fault.message) for fault in refusal.faults]
    return []


def _line_of(name: str, found: _Found) -> int:
    option = re.match(r"options\[(\d+)\]", name)
    if option and int(option[1]) <= len(found.options):
        return found.options[int(option[1]) - 1][1].line
    return found.explanation.line if name.startswith("explanation") and found.explanation else found.stem.line


def _words(text: str) -> dict[str, str]:
    return {"zh": text, "en": ""}
