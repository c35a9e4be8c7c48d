"""Questions pasted as plain text, as they stand in a Word file: found line by line. Pure, in one pass.

    1. 题干
    A. 一个选项        (several may stand on one line)
    B. 另一个
    答案：B            (or in brackets at the end of the stem)
    解析：为什么
    英文：the stem, then A. B. and "Explanation:" as above; or on any line behind its Chinese: 题干 | stem

What the lines make, `pasted_types` says. The next question begins with a number, or behind an empty line.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from lms.courses.writing.item_tables import Table, clean
from lms.courses.writing.pasted_types import Found, Part, Pasted, is_marked, understood

__all__ = ["EXAMPLES", "MOST", "MOST_QUESTIONS", "Pasted", "read"]

MOST = 60_000
MOST_QUESTIONS = 200
EXAMPLES = {
    "numeric": "每年几次？ | How many times a year?\n答案：4\n误差：0\n单位：次 | times",
    "matching": "【配对】把东西和地方配上 | Match\n袖带 | Cuff = 上臂 | Upper arm\n"
    "体温计 | Thermometer = 腋下 | Armpit\n听诊器 | Stethoscope = 胸前 | Chest",
    "ordering": "【排序】测量以前的先后 | Put in order\n1) 坐下 | Sit down\n2) 歇一会儿 | Rest\n"
    "3) 绑袖带 | Put on the cuff",
}
"""The types that are not written as most exams write them, as they are typed."""

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
_TOLERANCE = re.compile(r"\s*(?:允许)?(?:的)?(?:误差|tolerance)\s*[:：]\s*(.*)", re.IGNORECASE)
_UNIT = re.compile(r"\s*(?:单位|unit)\s*[:：]\s*(.*)", re.IGNORECASE)
_ENGLISH = re.compile(r"\s*(?:[【\[]\s*(?:英文|英语|english)\s*[】\]]\s*[:：]?|(?:英文|英语|english)\s*[:：])\s*(.*)",
                      re.IGNORECASE)  # fmt: skip


def read(text: str, common: Table) -> list[Pasted]:
    """Every question of a pasted text with its faults; `common` is what is said of all of them (use, topic, difficulty,
    objective, sources)."""
    return [understood(found, common) for found in _Reader().run(text)]


@dataclass(slots=True)
class _Reader:
    """One pass over the lines."""

    found: list[Found] = field(default_factory=list)
    part: Part | None = None  # where a further line belongs
    blank: bool = True

    def run(self, text: str) -> list[Found]:
        for number, line in enumerate(text.replace("\r\n", "\n").splitlines(), 1):
            if clean(line):
                self._line(number, line.strip())
            self.blank = not clean(line)
        return self.found

    def _line(self, number: int, line: str) -> None:
        now = self.found[-1] if self.found else None
        if now is not None:
            english = _ENGLISH.fullmatch(line)
            if english and now.english is None:
                now.english = Found(Part.of(number, english[1]))
                self.part = now.english.stem
                return
            now = now.english or now
            if self._said(now, number, line):
                return
        numbered = _NUMBER.fullmatch(line)
        marked = is_marked(numbered[1] if numbered else line) and (now is None or now.stem.begun)
        if now is None or marked or self._ended(now, numbered is not None):
            self.part = Part.of(number, numbered[1] if numbered else line)
            self.found.append(Found(self.part))
        elif self.part is not None:
            self.part.words.append((number, line))

    def _ended(self, now: Found, numbered: bool) -> bool:
        """Whether a line that says nothing by its beginning, or a number, begins another question."""
        whole = self.found[-1]
        if now is not whole and now.stem.begun and (self.blank or (numbered and not whole.has_rows)):
            return True  # the English of a question is its end
        begun = now.begun or (self.blank and now.has_rows)
        return (numbered and (begun or (self.blank and now is whole))) or (begun and (self.blank or self.part is None))

    def _said(self, now: Found, number: int, line: str) -> bool:
        """Take a line that says by its beginning what it is; whether it was one."""
        if now.explanation is None:
            explained = _EXPLAINED.fullmatch(line)
            if explained:
                self.part = now.explanation = Part.of(number, explained[1])
                return True
            for name, pattern in (("answer", _ANSWER), ("tolerance", _TOLERANCE), ("unit", _UNIT)):
                said = pattern.fullmatch(line)
                if said and getattr(now, name) is None and (name == "answer" or not now.options):
                    setattr(now, name, Part.of(number, said[1]))
                    self.part = None
                    return True
            option = _OPTION.fullmatch(line)
            if option and now.answer is None:
                self._options(now, number, (option[1] or option[2], option[3]))
                return True
        return False

    def _options(self, now: Found, number: int, first: tuple[str, str]) -> None:
        """An option, and those that stand behind it on the same line, in the order of the alphabet."""
        letter, rest = _letter(first[0]), first[1]
        begun = 0
        for match in _NEXT_OPTION.finditer(rest):
            following = _letter(match[1] or match[2])
            if ord(following) == ord(letter) + 1:
                now.options.append((letter, Part.of(number, rest[begun : match.start()])))
                letter, begun = following, match.end()
        self.part = Part.of(number, rest[begun:])
        now.options.append((letter, self.part))


def _letter(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).upper()
