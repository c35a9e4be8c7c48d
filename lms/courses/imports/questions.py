"""Questions of another maker as tables of `lms.items`. Both formats are read into `Asked` first. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from lms.courses.imports.brought import Losses
from lms.courses.imports.page_tree import Node, text_of, tree_of
from lms.courses.imports.spelling import run_text
from lms.courses.packages.item_files import MAX_ITEMS
from lms.courses.writing.item_tables import LISTS, judge
from lms.items.base import ItemFaults
from lms.kernel.text import Message, msg

_TRUE = frozenset({"true", "t", "yes", "对", "正确", "是", "√", "vrai", "wahr"})
_FALSE = frozenset({"false", "f", "no", "错", "错误", "不对", "不正确", "否", "×"})
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Asked:
    """A question as a file has it: `sort` is one of our types, "" for one that we do not know (then `named` says what
    the file calls it). `options`: words and whether they are right; `pairs`: left and right; `steps` in order."""

    name: str
    stem: str
    sort: str
    named: str = ""
    explanation: str = ""
    options: Sequence[tuple[str, bool]] = ()
    pairs: Sequence[tuple[str, str]] = ()
    steps: Sequence[str] = ()
    answer: bool | str = ""
    tolerance: str = "0"
    partly: bool = False
    losses: list[Message] = field(default_factory=list)


def words(html: str, file: str, losses: Losses) -> str:
    """The words of a text that may be HTML, each block on a line of its own; a picture in it is told."""
    if "<" not in html and "&" not in html:
        return " ".join(run_text(html).split())
    quiet = Losses()
    tree = tree_of(html, file, quiet)
    if _has_picture(tree):
        losses.add(msg("题目里的图片没有带来：{text}", text=" ".join(text_of(tree).split())[:40]), file)
    return " ".join(text_of(tree).split())


def _has_picture(node: Node) -> bool:
    return node.tag == "img" or any(_has_picture(child) for child in node.children)


def tables(
    found: Sequence[Asked], topic: str, file: str, losses: Losses, room: int = MAX_ITEMS
) -> list[dict[str, Any]]:
    """The questions that this house can ask; the others are told with the reason."""
    made: list[dict[str, Any]] = []
    for asked in found:
        if len(made) >= room:
            losses.add(msg("题目太多，最多 {count} 题", count=MAX_ITEMS), file)
            break
        place = f"{file} · {asked.name or asked.stem[:40]}"
        for one in asked.losses:
            losses.add(one, place)
        table = _table(asked, topic)
        if table is None:
            losses.add(msg("这道题没有带来：没有这种题型（{type}）", type=asked.named[:40]), place)
            continue
        try:
            judge(table)
        except ItemFaults as faults:
            why = faults.faults[0]
            losses.add(msg("这道题没有带来，不合要求的是 {field}：", field=why.field), place)
            losses.add(why.message, place)
            continue
        made.append(table)
    return made


def _table(asked: Asked, topic: str) -> dict[str, Any] | None:
    common = {
        "code": "", "type": asked.sort, "use": "assessment", "topic": topic, "difficulty": 1, "objective": "",
        "sources": [], "stem": _text(asked.stem), "explanation": _text(asked.explanation),
    }  # fmt: skip
    if asked.sort in ("single_choice", "multiple_response"):
        two = _true_or_false(asked.options)
        if two is not None:
            return {**common, "type": "true_false", "answer": two}
        rows = [{"id": _LETTERS[at % 26], "text": _text(text), "correct": right}
                for at, (text, right) in enumerate(asked.options[:26])]  # fmt: skip
        scoring = {"scoring": "per_option" if asked.partly else "all_or_nothing"}
        return {**common, "options": rows, **(scoring if asked.sort == "multiple_response" else {})}
    if asked.sort == "true_false":
        return {**common, "answer": asked.answer} if isinstance(asked.answer, bool) else None
    if asked.sort == "numeric":
        return {**common, "answer": _number(asked.answer), "tolerance": _number(asked.tolerance), "unit": _text("—")}
    if asked.sort == "matching":
        pairs = [{"id": _LETTERS[at % 26], "left": _text(left), "right": _text(right)}
                 for at, (left, right) in enumerate(asked.pairs[:26])]  # fmt: skip
        return {**common, "pairs": pairs}
    if asked.sort == "ordering":
        steps = [{"id": _LETTERS[at % 26], "text": _text(step)} for at, step in enumerate(asked.steps[:26])]
        return {**common, "steps": steps}
    return None


def _text(said: str) -> dict[str, str]:
    return {"zh": said, "en": ""}


def _true_or_false(options: Sequence[tuple[str, bool]]) -> bool | None:
    """What is right where the two options are "true" and "false"; None for any others."""
    said = {text.strip().rstrip("。.").casefold(): right for text, right in options}
    if len(options) != 2 or len(said) != 2 or sum(said.values()) != 1:
        return None
    true = next((right for text, right in said.items() if text in _TRUE), None)
    return true if true is not None and any(text in _FALSE for text in said) else None


def _number(said: object) -> str:
    """A number as a table has it; what is none stays, so that the judge names it."""
    try:
        number = Decimal(str(said).strip().replace(",", "."))
        if not number.is_finite() or abs(number.adjusted()) > 12:
            return str(said)[:40]
        return f"{number.normalize():f}"
    except InvalidOperation:
        return str(said)[:40]


def turned(table: dict[str, Any], language: str) -> dict[str, Any]:
    """A table with its words in the language in which they are written; the other one is empty."""
    if language == "zh":
        return table
    new: dict[str, Any] = {
        key: _turned(value) if key in ("stem", "explanation", "unit") else value for key, value in table.items()
    }
    for key, parts in LISTS.items():
        if key in new:
            new[key] = [{name: _turned(value) if name in parts else value for name, value in row.items()}
                        for row in new[key]]  # fmt: skip
    return new


def _turned(text: dict[str, str]) -> dict[str, str]:
    return {"zh": text["en"], "en": text["zh"]}
