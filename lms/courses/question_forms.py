"""The forms of one question, one for each type, and how what is typed becomes a table of `items/*.toml`."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField

from lms.courses.packages.package import Package
from lms.courses.writing.bank import USES
from lms.courses.writing.item_tables import LISTS, Table, clean, number_typed
from lms.items.reading import DECIMAL, MAX_TEXT
from lms.kernel.errors import Invalid
from lms.kernel.forms import AtMost, Form
from lms.kernel.i18n import in_locale
from lms.kernel.text import N_, Message, msg

ROWS: Mapping[str, tuple[str, int]] = {
    "single_choice": ("options", 5), "multiple_response": ("options", 6), "matching": ("pairs", 6),
    "ordering": ("steps", 6),
}  # fmt: skip
"""Types with rows: the list of the table, and how many rows the form has."""
MOST_ROWS = 20
"""Rows that a form has at most for what was typed; a question that is stored may have more."""
SCORINGS = [("all_or_nothing", N_("全对才算对")), ("per_option", N_("按选项给分"))]
_LEVELS = [("1", N_("1 容易")), ("2", N_("2 中等")), ("3", N_("3 较难"))]
_TRUTH = [("y", N_("这句话对")), ("n", N_("这句话不对"))]
_NAMES: Mapping[str, Message] = {
    "text": msg("第 {number} 项"), "left": msg("第 {number} 对，左边"), "right": msg("第 {number} 对，右边"),
}  # fmt: skip
_ENGLISH: Mapping[str, Message] = {
    "text": msg("第 {number} 项（英文）"), "left": msg("第 {number} 对，左边（英文）"),
    "right": msg("第 {number} 对，右边（英文）"),
}  # fmt: skip
_ROW = re.compile(r"(?:id|text|left|right)(?:_en)?_([1-9][0-9]?)")
_FAULT = re.compile(r"(?P<list>options|pairs|steps)\[(?P<place>\d+)\]\.(?P<part>[a-z]+)(?:\.(?P<language>[a-z]+))?")


class CommonForm(Form):
    """What is said of every question, and of many that are pasted at once."""

    use = SelectField(N_("用在哪里"), choices=list(USES.items()))
    topic = SelectField(N_("主题"))
    objective = SelectField(N_("考哪个目标"))
    difficulty = SelectField(N_("难度"), choices=_LEVELS)
    sources = SelectMultipleField(N_("用到哪些依据"))

    def offer(self, package: Package | None, kept: Mapping[str, Any]) -> None:
        """The topics, objectives and sources of the course, and those that the question names already."""
        none = [("", N_("还没有定"))]
        topics = [(one.id, in_locale(one.title)) for one in package.topics] if package else []
        goals = [(one.id, in_locale(one.text)) for one in package.objectives] if package else []
        sources = [(one.id, in_locale(one.title)) for one in package.sources] if package else []
        self.topic.choices = none + _with(topics, [kept.get("topic")])
        self.objective.choices = none + _with(goals, [kept.get("objective")])
        named = kept.get("sources")
        self.sources.choices = _with(sources, named if isinstance(named, list) else [])

    def common(self) -> Table:
        """The part of a table that these fields are."""
        return {
            "use": self.use.data, "topic": self.topic.data, "difficulty": int(self.difficulty.data),
            "objective": self.objective.data, "sources": list(self.sources.data or ()),
        }  # fmt: skip


def _with(choices: list[tuple[str, str]], named: list[Any]) -> list[tuple[str, str]]:
    known = {value for value, _ in choices}
    return choices + [(one, one) for one in named if isinstance(one, str) and one and one not in known]


class PasteForm(CommonForm):
    """Many questions as plain text. `rehearsed`: what was shown as understood."""

    text = TextAreaField(N_("粘贴在这里"))
    rehearsed = HiddenField()


class QuestionForm(CommonForm):
    """One question; the fields of its type are added by `form_for`."""

    rows = 0
    kind = ""

    seen = HiddenField()
    stem = TextAreaField(N_("题干"), [AtMost(MAX_TEXT)])
    stem_en = TextAreaField(N_("题干（英文）"), [AtMost(MAX_TEXT)])
    explanation = TextAreaField(N_("解析：为什么"), [AtMost(MAX_TEXT)])
    explanation_en = TextAreaField(N_("解析（英文）"), [AtMost(MAX_TEXT)])

    def table(self) -> Table:
        """What is typed, as a table; rows in which nothing is written are left out."""
        found: Table = {"type": self.kind, **self.common(), "stem": self._text("stem"),
                        "explanation": self._text("explanation")}  # fmt: skip
        if self.kind in ROWS:
            found[ROWS[self.kind][0]] = [self._row(row) for row in self._written()]
        if self.kind == "multiple_response":
            found["scoring"] = self["scoring"].data
        if self.kind == "true_false":
            found["answer"] = {"y": True, "n": False}.get(self["answer"].data or "")
        if self.kind == "numeric":
            numbers = {name: number_typed(self[name].data or "") for name in ("answer", "tolerance")}
            found |= {"answer": numbers["answer"], "tolerance": numbers["tolerance"] or "0", "unit": self._text("unit")}
        return found

    def _text(self, name: str) -> dict[str, str]:
        return {"zh": clean(self[name].data or ""), "en": clean(self[f"{name}_en"].data or "")}

    def _written(self) -> list[int]:
        """The rows in which something is typed or ticked, from 1."""
        parts = [f"{part}{end}" for part in LISTS[ROWS[self.kind][0]] for end in ("", "_en")]
        chosen = self["correct"].data if "correct" in self else ()
        return [
            row for row in range(1, self.rows + 1)
            if str(row) in (chosen or ()) or any(clean(self[f"{part}_{row}"].data or "") for part in parts)
        ]  # fmt: skip

    def _row(self, row: int) -> dict[str, Any]:
        parts = LISTS[ROWS[self.kind][0]]
        texts = {part: {"zh": clean(self[f"{part}_{row}"].data or ""), "en": clean(self[f"{part}_en_{row}"].data or "")}
                 for part in parts}  # fmt: skip
        kept = {one for other in range(1, self.rows + 1) if (one := self[f"id_{other}"].data)}
        free = next(letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in kept)
        if not self[f"id_{row}"].data:
            self[f"id_{row}"].data = free
        correct = {"correct": str(row) in (self["correct"].data or ())} if "correct" in self else {}
        return {"id": self[f"id_{row}"].data, **texts, **correct}

    def refuse(self, refusal: Invalid) -> None:
        """Put what is wrong with the table onto the fields in which it was typed."""
        told = {self._field(name): self._said(name, fault) for name, fault in refusal.fields.items()}
        self.absorb(Invalid(fields=told) if told else refusal)

    def _field(self, name: str) -> str:
        match = _FAULT.fullmatch(name)
        if match and self.kind in ROWS:
            rows, parts = self._written(), LISTS[match["list"]]
            part = match["part"] if match["part"] in parts else parts[0]
            end = "_en" if match["language"] == "en" else ""
            return f"{part}{end}_{rows[min(int(match['place']), len(rows)) - 1]}"
        if name in LISTS and self.kind in ROWS:
            return "correct" if "correct" in self and len(self._written()) >= 3 else f"{LISTS[name][0]}_1"
        base, _, language = name.partition(".")
        return f"{base}_en" if language == "en" else base

    def _said(self, name: str, fault: Message) -> Message:
        field = self._field(name)
        if field in ("answer", "tolerance") and self.kind == "numeric":
            kept = number_typed(self[field].data or "")
            return fault if DECIMAL.fullmatch(kept) else msg("要填一个数，例如 2.5。")
        if field == "answer":
            return msg("请选一个：对，还是不对。")
        if name.endswith(".zh") and field in self and not clean(self[field].data or ""):
            return msg("请填写这一项。")
        return fault


def rows_in(given: Iterable[str]) -> int:
    """How many rows there were in the form whose fields have these names."""
    found = (_ROW.fullmatch(name) for name in given)
    return min(MOST_ROWS, max((int(one[1]) for one in found if one), default=0))


def form_for(kind: str, rows: int = 0) -> type[QuestionForm]:
    """The form of a type; `rows`: how many a question has, or was typed with, if they are more than the form gives."""
    return _form_for(kind, max(rows, ROWS[kind][1]) if kind in ROWS else 0)


@lru_cache(maxsize=60)
def _form_for(kind: str, rows: int) -> type[QuestionForm]:
    fields: dict[str, Any] = {"kind": kind, "rows": rows}
    for row in range(1, rows + 1):
        fields[f"id_{row}"] = HiddenField()
        for part in LISTS[ROWS[kind][0]]:
            for end, names in (("", _NAMES), ("_en", _ENGLISH)):
                label: Any = Message(names[part].msgid, {"number": row})  # translated when it is shown
                fields[f"{part}{end}_{row}"] = StringField(label, [AtMost(MAX_TEXT)])
    if kind in ("single_choice", "multiple_response"):
        places = [(str(row), str(row)) for row in range(1, rows + 1)]
        fields["correct"] = SelectMultipleField(N_("正确的是"), choices=places)
    if kind == "multiple_response":
        fields["scoring"] = SelectField(N_("怎么算分"), choices=SCORINGS)
    if kind == "true_false":
        fields["answer"] = RadioField(N_("正确答案"), choices=_TRUTH, validate_choice=False)
    if kind == "numeric":
        fields["answer"] = StringField(N_("正确的数"), [AtMost(40)])
        fields["tolerance"] = StringField(N_("上下差多少也算对"), [AtMost(40)])
        fields["unit"] = StringField(N_("数的单位"), [AtMost(40)])
        fields["unit_en"] = StringField(N_("数的单位（英文）"), [AtMost(40)])
    return type(f"QuestionForm_{kind}_{rows}", (QuestionForm,), fields)


def typed_of(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table as its form shows it."""
    kind, found = table.get("type"), {name: table.get(name, "") for name in ("use", "topic", "objective")}
    sources = table.get("sources")
    found |= {"difficulty": str(table.get("difficulty", 1)), "sources": sources if isinstance(sources, list) else []}
    for name in ("stem", "explanation", "unit"):
        found |= {name: _in(table.get(name), "zh"), f"{name}_en": _in(table.get(name), "en")}
    rows = rows_of(table)
    for row, said in enumerate(rows, 1):
        found[f"id_{row}"] = said.get("id", "")
        for part in LISTS[ROWS[str(kind)][0]]:
            found |= {f"{part}_{row}": _in(said.get(part), "zh"), f"{part}_en_{row}": _in(said.get(part), "en")}
    found["correct"] = [str(row) for row, said in enumerate(rows, 1) if said.get("correct") is True]
    found |= {name: table[name] for name in ("scoring", "tolerance", "answer") if name in table}
    if kind == "true_false":
        found["answer"] = {True: "y", False: "n"}.get(table["answer"], "") if table.get("answer") is not None else ""
    return found


def rows_of(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table whose type has rows."""
    kind = table.get("type")
    rows = table.get(ROWS[kind][0]) if isinstance(kind, str) and kind in ROWS else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _in(text: object, language: str) -> str:
    found = text.get(language, "") if isinstance(text, dict) else ""
    return found if isinstance(found, str) else ""
