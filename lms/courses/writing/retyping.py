"""A question becomes one of another type: what the other type can use is kept, the rest is left out. Pure."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from lms.courses.writing.item_tables import LISTS, Table
from lms.items.reading import DECIMAL
from lms.items.registry import types_of
from lms.items.true_false import WORDS

COMMON = ("code", "use", "topic", "difficulty", "objective", "sources", "stem", "explanation")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def types_for(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a question may become: a self-check, a question of the knowledge test stays one."""
    return types_of(table.get("use"))


def retyped(table: Mapping[str, Any], kind: str) -> Table:
    """The table as one of another type. What only the author knows (which option is right, what stands on the right)
    is left open where the old type did not say it: the form asks for it."""
    old: Table = deepcopy(dict(table))
    if old.get("type") == kind:
        return old
    found: Table = {"code": old.get("code", ""), "type": kind}
    found |= {key: old[key] for key in COMMON if key in old}
    rows = _rows(old)
    if kind in ("single_choice", "multiple_response"):
        found["options"] = _options(rows, alone=kind == "single_choice")
        if kind == "multiple_response":
            found["scoring"] = "all_or_nothing"
    elif kind == "matching":
        found["pairs"] = old.get("pairs") or [
            {"id": row["id"], "left": row["text"], "right": {"zh": "", "en": ""}} for row in rows
        ]
    elif kind == "ordering":
        found["steps"] = [{"id": row["id"], "text": row["text"]} for row in rows]
    elif kind == "numeric":
        found |= _number(rows)
    else:
        found["answer"] = None
    return found


def _rows(table: Table) -> list[dict[str, Any]]:
    """What a question of any type offers, as rows with an id and a text, and whether it is right."""
    kind, answer = table.get("type"), table.get("answer")
    if kind == "true_false":
        words = [(index == 0, {language: pair[index] for language, pair in WORDS.items()}) for index in (0, 1)]
        return [{"id": LETTERS[at], "text": text, "correct": value is answer} for at, (value, text) in enumerate(words)]
    if kind == "numeric":
        unit = table.get("unit")
        unit = unit if isinstance(unit, dict) else {}
        text = {language: f"{answer or ''} {unit.get(language, '')}".strip() for language in WORDS}
        return [{"id": "a", "text": text, "correct": True}] if answer else []
    rows: list[Any] = next((table[name] for name in LISTS if isinstance(table.get(name), list)), [])
    return [
        {"id": row.get("id") or LETTERS[at % 26], "text": row.get("text") or row.get("left") or {"zh": "", "en": ""},
         "correct": row.get("correct") is True}
        for at, row in enumerate(rows) if isinstance(row, dict)
    ]  # fmt: skip


def _options(rows: list[dict[str, Any]], *, alone: bool) -> list[dict[str, Any]]:
    """Rows as options; only the first right one stays right where there may be one."""
    found, chosen = [], False
    for row in rows:
        correct = row["correct"] and not (alone and chosen)
        chosen |= correct
        found.append({"id": row["id"], "text": row["text"], "correct": correct})
    return found


def _number(rows: list[dict[str, Any]]) -> Table:
    """The number that the right option begins with, and its unit."""
    text: dict[str, str] = next((row["text"] for row in rows if row["correct"]), {})
    number, _, unit = str(text.get("zh", "")).partition(" ")
    if not DECIMAL.fullmatch(number):
        return {"answer": "", "tolerance": "", "unit": {"zh": "", "en": ""}}
    english = str(text.get("en", "")).partition(" ")[2]
    return {"answer": number, "tolerance": "0", "unit": {"zh": unit, "en": english}}
