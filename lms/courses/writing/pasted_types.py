"""What the lines of a pasted question make: one of the six types, in both languages where both are there. Pure.

Letters as the answer make a question with options; 对 or 错 a true-or-false one; a number a numeric one. Lines
“left = right” under the stem make pairs, lines with bullets or numbers make steps. 【排序】 and the like before the
stem says it outright; steps may then also be lettered, in the order of “答案：CAB”.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lms.courses.writing.item_tables import Table, clean, judge
from lms.items.base import ItemFaults
from lms.kernel.text import Message, msg

LETTERS = "ABCDEFGH"
FEWEST_ROWS = 3
"""Pairs or steps from which on a question without a marker is taken for one with pairs or steps."""

Fault = tuple[int, Message]
Words = dict[str, str]

_LETTER = "[A-Ha-hＡ-Ｈａ-ｈ]"
_BRACKETS = re.compile(rf"[(（]\s*((?:{_LETTER}[\s,，、]*){{1,8}}|对|错|√|×)\s*[)）]([。.?？]?)$")
_TRUE = frozenset({"对", "正确", "是", "√", "✓", "t", "true", "yes"})
_FALSE = frozenset({"错", "错误", "不对", "不正确", "否", "×", "✗", "x", "f", "false", "no"})
_KINDS = {
    "single_choice": ("单选", "single choice"), "multiple_response": ("多选", "multiple response"),
    "true_false": ("判断", "true or false"), "numeric": ("填数", "计算", "number"),
    "matching": ("配对", "连线", "匹配", "matching"), "ordering": ("排序", "ordering"),
}  # fmt: skip
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}
_KIND = re.compile(rf"\s*[【\[]\s*({'|'.join(_KIND_OF)})题?\s*[】\]]\s*(.*)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(
    r"([-+]?[0-9]{1,9}(?:\.[0-9]{1,6})?)\s{0,9}(?:(?:±|\+/-)\s{0,9}([0-9]{1,9}(?:\.[0-9]{1,6})?))?(?![0-9.])(.{0,60})"
)
_PAIR = re.compile(r"=>|->|＝|=|→|——")
_BULLET = re.compile(r"(?:[-•·*●]|[①-⑳]|[(（]?[0-9０-９]{1,2}[)）、]|[0-9０-９]{1,2}[.．](?![0-9]))\s*")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(slots=True)
class Part:
    """Words of a question, each line with its number."""

    words: list[tuple[int, str]]

    @classmethod
    def of(cls, line: int, text: str) -> "Part":
        return cls([(line, text)])

    @property
    def line(self) -> int:
        return self.words[0][0]

    @property
    def begun(self) -> bool:
        """Whether some words are there, as far as is seen at once."""
        return len(self.words) > 1 or bool(self.words[0][1].strip())

    @property
    def text(self) -> str:
        return clean("\n".join(text for _, text in self.words))


@dataclass(slots=True)
class Found:
    """A question as it was found, and the same in English where that stands below it."""

    stem: Part
    options: list[tuple[str, Part]] = field(default_factory=list)
    answer: Part | None = None
    tolerance: Part | None = None
    unit: Part | None = None
    explanation: Part | None = None
    english: "Found | None" = None

    @property
    def begun(self) -> bool:
        """Whether more than a stem is there."""
        return bool(self.options or self.answer or self.tolerance or self.unit or self.explanation or self.english)


    @property
    def has_rows(self) -> bool:
        """Whether the stem ends with pairs or steps: behind an empty line something else begins."""
        last = self.stem.words[-1][1]
        return len(self.stem.words) > FEWEST_ROWS and bool(_PAIR.search(last) or _BULLET.match(last))


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was understood of one question; its faults by line."""

    line: int
    table: Table
    faults: tuple[Fault, ...]


def is_marked(line: str) -> bool:
    """Whether a line begins with the name of a type: a question begins there."""
    return _KIND.fullmatch(line) is not None


def understood(found: Found, common: Table) -> Pasted:
    """The table of a question and what is wrong with it."""
    return _Question(found).pasted(common)


class _Question:
    """One question being understood."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.faults: list[Fault] = []
        self.lines: dict[str, list[int]] = {}  # of the rows of each list, and "en:…" of their English
        self.stem = found.stem.words
        self.kind = ""
        marked = _KIND.fullmatch(self.stem[0][1])
        if marked:
            self.kind = _KIND_OF[marked[1].lower()]
            self.stem = [(self.stem[0][0], marked[2]), *self.stem[1:]]
        english = found.english.stem.words if found.english else []
        marked = _KIND.fullmatch(english[0][1]) if english else None
        self.english = [(english[0][0], marked[2]), *english[1:]] if marked else english
        self.answer, self.at = self._answer()

    def _answer(self) -> tuple[str, int]:
        """What is said to be right, and on which line."""
        if self.found.answer is not None:
            return self.found.answer.text, self.found.answer.line
        hit = _BRACKETS.search(clean(self.stem[-1][1]))
        if hit:
            last, text = self.stem[-1]
            self.stem = [*self.stem[:-1], (last, clean(text)[: hit.start()] + hit[2])]
            return hit[1], last
        return "", self.stem[0][0]

    def pasted(self, common: Table) -> Pasted:
        table: Table = {"code": "", "type": "single_choice", **common, "stem": {}, "explanation": {}}
        table |= self._of_its_type()
        table["stem"] = self._both(self.stem, self.english)
        explanation = self.found.explanation
        below = self.found.english.explanation if self.found.english else None
        table["explanation"] = self._both(explanation.words if explanation else [], below.words if below else [])
        if not self.faults:
            self.faults = self._judged(table)
        return Pasted(self.found.stem.line, table, tuple(self.faults))

    def _fault(self, line: int, message: Message) -> None:
        self.faults.append((line, message))

    def _of_its_type(self) -> Table:
        plain = unicodedata.normalize("NFKC", self.answer.replace("−", "-")).strip().rstrip("。.")
        said = plain.casefold()
        if self.kind == "ordering" and self.found.options:
            return self._lettered_steps(said)
        if self.found.options:
            return self._options(said)
        number = _NUMBER.fullmatch(plain)
        if self.kind == "numeric" or (not self.kind and number):
            return self._numeric(number)
        if self.kind in ("matching", "ordering"):
            return self._pairs() if self.kind == "matching" else self._steps()
        if not self.kind and not said:
            if self._rows_of(self.stem, pairs=True)[1] >= FEWEST_ROWS:
                return self._pairs()
            if self._rows_of(self.stem, pairs=False)[1] >= FEWEST_ROWS:
                return self._steps()
        return self._true_or_false(said)

    def _true_or_false(self, said: str) -> Table:
        if not said:
            self._fault(self.at, msg("没有选项，也没有答案"))
        elif self.kind in ("single_choice", "multiple_response"):
            self._fault(self.at, msg("这是选择题，却没有 A、B、C 各项"))
        elif said not in _TRUE | _FALSE:
            self._fault(self.at, msg("没有选项的题，答案要写“对”或“错”，或者写一个数"))
        return {"type": "true_false", "answer": said in _TRUE}

    # Options.

    def _options(self, said: str) -> Table:
        chosen = re.sub(r"[\s,，、;；和]", "", said).upper()
        letters = [letter for letter, _ in self.found.options]
        rows = self._rows_both("options", [part.words for _, part in self.found.options])
        table: Table = {
            "type": "multiple_response" if len(chosen) > 1 else "single_choice",
            "options": [{**row, "correct": letter in chosen} for row, letter in zip(rows, letters, strict=True)],
        }
        if self.kind == "multiple_response":
            table["type"] = self.kind
        if not self._in_order(letters):
            return table
        if self.kind not in ("", "single_choice", "multiple_response"):
            self._fault(self.found.options[0][1].line, msg("有 A、B、C 各项的题，题型写单选或多选"))
        elif not chosen:
            self._fault(self.at, msg("没有写答案"))
        elif len(set(chosen)) != len(chosen) or not set(chosen) <= set(letters):
            self._fault(self.at, msg("答案“{answer}”不是这几个选项里的", answer=self.answer[:20]))
        elif self.kind == "single_choice" and len(chosen) > 1:
            self._fault(self.at, msg("题型写的是单选，答案却不止一个"))
        return table

    def _in_order(self, letters: Sequence[str]) -> bool:
        if list(letters) == list(LETTERS[: len(letters)]):
            return True
        line = self.found.options[0][1].line
        self._fault(line, msg("选项要从 A 起，一个接一个，这里是 {letters}", letters=list(letters[:12])))
        return False

    def _lettered_steps(self, said: str) -> Table:
        """Steps with letters, in the order that the answer gives."""
        letters = [letter for letter, _ in self.found.options]
        rows = self._rows_both("steps", [part.words for _, part in self.found.options])
        order = re.sub(r"[\s,，、;；>→-]", "", said).upper() or "".join(letters)
        if self._in_order(letters) and sorted(order) != sorted(letters):
            self._fault(self.at, msg("答案要把每一步的字母按先后写一遍，例如 {answer}", answer="".join(letters)))
        if self.faults:
            return {"type": "ordering", "steps": rows}
        places = [letters.index(letter) for letter in order]
        for key in ("steps", "en:steps"):
            if self.lines.get(key):
                self.lines[key] = [self.lines[key][place] for place in places]
        return {"type": "ordering", "steps": [{**rows[place], "id": _id(at)} for at, place in enumerate(places)]}

    # Pairs and steps, each on a line below the stem.

    def _rows_of(self, words: list[tuple[int, str]], *, pairs: bool) -> tuple[int, int]:
        """Where the rows begin that end a stem, and how many of them look like rows."""
        looks = [bool(_PAIR.search(text) if pairs else _BULLET.match(text)) for _, text in words]
        first = next((at for at, row in enumerate(looks) if at and row), len(words))
        return first, sum(looks[first:]) if all(looks[first:]) or self.kind else 0

    def _cut(self, *, pairs: bool) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """The rows in Chinese and in English; what stands before them stays the stem."""
        found = []
        for name in ("stem", "english"):
            words = getattr(self, name)
            first, _ = self._rows_of(words, pairs=pairs)
            if self.kind == "ordering" and first == len(words):
                first = min(1, len(words))
            setattr(self, name, words[:first])
            found.append(words[first:])
        return found[0], found[1]

    def _steps(self) -> Table:
        rows, english = self._cut(pairs=False)
        texts = [[(line, _unbulleted(text))] for line, text in rows]
        below = [[(line, _unbulleted(text))] for line, text in english]
        return {"type": "ordering", "steps": self._rows_both("steps", texts, below)}

    def _pairs(self) -> Table:
        rows, english = self._cut(pairs=True)
        for line, text in (*rows, *english):
            if not _PAIR.search(text):
                self._fault(line, msg("配对题一行写一对，例如“左边 = 右边”"))
        if self.faults:
            return {"type": "matching", "pairs": []}
        sides = [[_sides(row) for row in of] for of in (rows, english)]
        left, right = (
            self._rows_both("pairs", [[one[side]] for one in sides[0]], [[one[side]] for one in sides[1]])
            for side in (0, 1)
        )
        pairs = [{"id": one["id"], "left": one["text"], "right": two["text"]}
                 for one, two in zip(left, right, strict=True)]  # fmt: skip
        return {"type": "matching", "pairs": pairs}

    # Numbers.

    def _numeric(self, number: re.Match[str] | None) -> Table:
        table: Table = {"type": "numeric", "answer": "", "tolerance": "0", "unit": {"zh": "", "en": ""}}
        if number is None:
            self._fault(self.at, msg("答案要写一个数，例如“答案：2.5”"))
            return table
        table["answer"] = number[1].removeprefix("+")
        table["tolerance"] = number[2] or "0"
        given = self.found.tolerance
        if given is not None:
            table["tolerance"] = unicodedata.normalize("NFKC", given.text).strip().lstrip("±").strip()
            if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", table["tolerance"]):
                self._fault(given.line, msg("误差要写一个数，例如“误差：0.5”"))
        below = self.found.english.unit if self.found.english else None
        unit = self.found.unit.words if self.found.unit else [(self.at, number[3])]
        table["unit"] = self._both(unit, below.words if below else [])
        if not table["unit"]["zh"]:
            self._fault(self.at, msg("要写单位，例如“单位：次”"))
        elif not table["unit"]["en"] and not _HAN.search(table["unit"]["zh"]):
            table["unit"]["en"] = table["unit"]["zh"]  # mmol/L is mmol/L
        return table

    # Both languages.

    def _both(self, words: Sequence[tuple[int, str]], below: Sequence[tuple[int, str]]) -> Words:
        """A text in both languages: its English below it, or behind it on the same lines."""
        lines = [_beside(text) for _, text in words]
        english = "\n".join(text for _, text in below) or "\n".join(text for _, text in lines if text)
        return {"zh": clean("\n".join(text for text, _ in lines)), "en": clean(english)}

    def _rows_both(
        self, name: str, rows: Sequence[list[tuple[int, str]]], below: Sequence[list[tuple[int, str]]] | None = None
    ) -> list[dict[str, Any]]:
        """Rows in both languages, one by one."""
        if below is None:
            below = [part.words for _, part in self.found.english.options] if self.found.english else []
        if below and len(below) != len(rows):
            self._fault(below[0][0][0], msg("英文有 {english} 项，中文有 {chinese} 项，要一样多",
                                            english=len(below), chinese=len(rows)))  # fmt: skip
            below = []
        self.lines[name] = [row[0][0] for row in rows]
        self.lines[f"en:{name}"] = [row[0][0] for row in below]
        return [
            {"id": _id(at), "text": self._both(row, below[at] if below else [])} for at, row in enumerate(rows)
        ]

    # Faults.

    def _judged(self, table: Table) -> list[Fault]:
        try:
            judge(table)
        except ItemFaults as refusal:
            return [(self._line_of(fault.field), fault.message) for fault in refusal.faults]
        return []

    def _line_of(self, name: str) -> int:
        row = re.match(r"(options|pairs|steps)\[(\d+)\]", name)
        if row:
            for key in (f"en:{row[1]}" if name.endswith(".en") else "", row[1]):
                lines = self.lines.get(key, [])
                if 0 < int(row[2]) <= len(lines):
                    return lines[int(row[2]) - 1]
        if name.startswith("explanation") and self.found.explanation:
            return self.found.explanation.line
        return self.found.stem.line


def _id(place: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[min(place, 25)]


def _unbulleted(text: str) -> str:
    hit = _BULLET.match(text)
    return text[hit.end() :] if hit else text


def _sides(row: tuple[int, str]) -> tuple[tuple[int, str], tuple[int, str]]:
    line, text = row[0], _unbulleted(row[1])
    hit = _PAIR.search(text)
    return ((line, text[: hit.start()]), (line, text[hit.end() :])) if hit else ((line, text), (line, ""))


def _beside(text: str) -> tuple[str, str]:
    """A line and the English behind it: `中文 | English`. A stroke with Chinese behind it divides nothing."""
    for stroke in ("|", "｜"):
        before, found, behind = text.partition(stroke)
        if found and before.strip() and behind.strip() and not _HAN.search(behind):
            return before, behind.strip()
    return text, ""
