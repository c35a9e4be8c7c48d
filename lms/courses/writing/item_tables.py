"""Tables of questions while they are written: what may already be kept, what is nonsense, what they are called. Pure.

A question may be kept before it is whole: English, the explanation, a topic that the course does not have yet. The
checker names each of these until it is there. What makes no sense at all is refused at once.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from hashlib import sha256
from typing import Any

import tomlkit

from lms.courses.writing.toml_text import list_of, text_of, words_of
from lms.items.base import ItemFaults
from lms.items.reading import LANGUAGES
from lms.items.registry import parse_item
from lms.kernel.text import nfc

Table = dict[str, Any]
LISTS = {"options": ("text",), "pairs": ("left", "right"), "steps": ("text",)}
"""Lists of rows in a table, and the texts of each row."""

_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CODE = re.compile(r"(?P<prefix>[A-Z0-9][A-Z0-9-]*)-(?P<mark>[CK]?)(?P<number>\d{1,6})", re.ASCII)
MARKS = {"check": "C", "knowledge": "K"}
"""What stands before the number in the code of a question that is not for the assessment."""
_FILLER = "\ue000"  # a private character that nobody types: makes a text that is not there yet unlike all others


def clean(typed: str) -> str:
    """A text as it is kept: NFC, Unix line ends, without outer white space and what nobody sees."""
    return nfc(_HIDDEN.sub("", typed.replace("\r\n", "\n").replace("\r", "\n")))


def texts_of(table: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Every text of a table that is there, by language."""
    for key in ("stem", "explanation", "unit"):
        if isinstance(table.get(key), dict):
            yield table[key]
    for key, parts in LISTS.items():
        rows = table.get(key)
        for row in rows if isinstance(rows, list) else ():
            yield from (row[part] for part in parts if isinstance(row, dict) and isinstance(row.get(part), dict))


def lacks_english(table: Mapping[str, Any]) -> bool:
    """Whether some text of it is not there in English."""
    return any(not str(text.get("en", "")).strip() for text in texts_of(table))


def judge(table: Mapping[str, Any]) -> None:
    """Raise ItemFaults for what makes no sense; what is only not written yet passes."""
    whole = deepcopy(dict(table))
    for number, text in enumerate(texts_of(whole)):
        if not str(text.get("en", "")).strip():
            text["en"] = f"{_FILLER}{number}"
    if isinstance(whole.get("explanation"), dict) and not whole["explanation"].get("zh"):
        whole["explanation"]["zh"] = _FILLER
    whole["code"] = whole.get("code") or "NEW-001"
    for key in ("topic", "objective"):
        whole[key] = whole.get(key) or "none"
    try:
        parse_item(whole)
    except ItemFaults as found:
        raise ItemFaults(str(table.get("code", "")), found.faults) from None


def plain(value: Any, key: str = "") -> Any:
    """A value as it is compared: however it is written, and whether a default is written or not."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        default = {"correct": False} if key == "options" else {}
        return [{**default, **row} if isinstance(row, dict) else row for row in map(plain, value)]
    return value


DEFAULTS: Mapping[str, Any] = {"scoring": "all_or_nothing", "sources": []}


def same(key: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two tables say the same under a key. A number that is written as text is not a number."""
    first, second = (plain(table.get(key, DEFAULTS.get(key)), key) for table in (one, other))
    return type(first) is type(second) and bool(first == second)


def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two tables are the same question, whatever it is called."""
    return all(same(key, one, other) for key in {*one, *other} - {"code"})


def likeness(table: Mapping[str, Any]) -> str:
    """Short name of what a table asks, whatever it is called; tables that are `alike` have the same."""
    said = {**DEFAULTS, **{key: value for key, value in table.items() if key != "code"}}
    return digest({key: plain(value, key) for key, value in said.items()})


def digest(table: Mapping[str, Any]) -> str:
    """Short name of a table as it stands."""
    text = json.dumps(table, ensure_ascii=False, sort_keys=True, default=str)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def next_code(known: Iterable[str], course: str, use: str) -> str:
    """The code of one more question: the course's prefix (of most questions, else the course's own code) and the next
    number; self-checks are counted apart, with a C, questions of the knowledge test with a K."""
    codes = list(known)
    matches = [match for match in map(_CODE.fullmatch, codes) if match]
    prefixes = Counter(match["prefix"] for match in matches).most_common(1)
    prefix = prefixes[0][0] if prefixes else course
    mark = MARKS.get(use, "")
    numbers = [int(match["number"]) for match in matches if match["prefix"] == prefix and match["mark"] == mark]
    number = max(numbers, default=0) + 1
    return f"{prefix}-{mark}{number:02d}" if mark else f"{prefix}-{number:03d}"


def value_of(key: str, value: Any) -> str:
    """A value of a table as the files of a course write it."""
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, dict):
        return words_of({language: value.get(language, "") for language in LANGUAGES})
    if key in LISTS and all(isinstance(row, dict) for row in value):
        return "[\n" + "".join(f"  {{ {_row(row)} }},\n" for row in value) + "]"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return list_of(value)
    return text_of(value) if isinstance(value, str) else tomlkit.item(value).as_string()


def _row(row: Mapping[str, Any]) -> str:
    written = {name: value_of("", value) for name, value in row.items() if value is not False}
    return ", ".join(f"{name} = {value}" for name, value in written.items())


def written(table: Mapping[str, Any]) -> str:
    """A whole question as the files of a course write it."""
    return "[[item]]\n" + "".join(f"{key} = {value_of(key, value)}\n" for key, value in table.items())


def number_typed(typed: str) -> str:
    """A number as it is kept, whatever width its digits were typed in; what is none stays as it is."""
    return unicodedata.normalize("NFKC", typed).replace("。", ".").replace("−", "-").strip().removeprefix("+")
