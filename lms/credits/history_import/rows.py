"""A row of history as it comes: its columns, what each cell may be, and what is wrong with it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from lms.credits.rules.policy import ROLES, UNITS
from lms.credits.rules.words import KIND_WORDS
from lms.kernel.text import Message, msg
from lms.sheets.incoming.tables import Fault, Row
from lms.sheets.incoming.workbook import LateNumber

# Column, what it is called in the template; a heading may be either.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("source_id", "来源编号"), ("id_number", "身份证号"), ("name", "姓名"), ("date", "日期"), ("kind", "活动类型"),
    ("title", "活动名称"), ("project_number", "项目编号"), ("quantity", "数量"), ("unit", "单位"), ("hours", "学时"),
    ("role", "身份"), ("assessed", "考核合格"), ("class", "学分类别"), ("credits", "学分"),
)  # fmt: skip
NAMES = {name: name for name, _ in COLUMNS} | {title: name for name, title in COLUMNS}
NEEDED = ("source_id", "id_number", "name", "date", "kind", "title")
CLASSES = {
    "": "", "i": "class_1", "1": "class_1", "i类": "class_1", "class_1": "class_1", "ii": "class_2", "2": "class_2",
    "ii类": "class_2", "class_2": "class_2", "general": "general", "不分类": "general",
}  # fmt: skip
_KINDS = {word: kind for kind, word in KIND_WORDS.items()} | {kind: kind for kind in KIND_WORDS}
_UNITS = {"学时": "hours", "次": "items", "字": "characters", "月": "months", "": ""} | {unit: unit for unit in UNITS}
_ROLES = {"": "attendee", "参加": "attendee", "听讲": "attendee", "主讲": "lecturer"} | {role: role for role in ROLES}
_YES = {"是": True, "yes": True, "1": True, "y": True, "": False, "否": False, "no": False, "0": False, "n": False}
_AMOUNT = re.compile(r"\d{1,6}(\.\d{1,3})?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SERIAL = re.compile(r"\d{5}(\.0+)?")
_ID_LIKE = re.compile(r"\d{15}|\d{17}[\dXx]")
EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet."""
LATE = 1462
"""Days between the two beginnings from which spreadsheets count."""
MOST = {"source_id": 60, "name": 60, "title": 120, "project_number": 30}
SYSTEM = re.compile(r"[a-z0-9][a-z0-9-]{1,29}")
"""What a source system may be called: it is shown, and part of the id of every imported fact."""


@dataclass(frozen=True, slots=True)
class History:
    """A row that can be read. `quantity` is None where the source says only what it gave, `credits` None where it
    does not say that."""

    line: int
    source_id: str
    id_number: str
    name: str
    on: date
    kind: str
    title: str
    project_number: str
    quantity: Decimal | None
    unit: str
    hours: Decimal
    role: str
    assessed: bool
    credit_class: str
    credits: Decimal | None

    def kept(self) -> dict[str, Any]:
        """As JSON, without what identifies her."""
        return {
            "source_id": self.source_id, "on": self.on.isoformat(), "kind": self.kind, "title": self.title,
            "project_number": self.project_number,
            "quantity": None if self.quantity is None else str(self.quantity), "unit": self.unit,
            "hours": str(self.hours), "role": self.role, "assessed": self.assessed, "class": self.credit_class,
            "credits": None if self.credits is None else str(self.credits),
        }  # fmt: skip


def from_kept(line: int, kept: Mapping[str, Any]) -> History:
    """A row as it was kept."""
    return History(
        line=line, source_id=kept["source_id"], id_number="", name="", on=date.fromisoformat(kept["on"]),
        kind=kept["kind"], title=kept["title"], project_number=kept["project_number"],
        quantity=None if kept["quantity"] is None else Decimal(kept["quantity"]), unit=kept["unit"],
        hours=Decimal(kept["hours"]), role=kept["role"], assessed=kept["assessed"], credit_class=kept["class"],
        credits=None if kept["credits"] is None else Decimal(kept["credits"]),
    )  # fmt: skip


def headings(pairs: Sequence[str]) -> dict[str, str]:
    """Which column a heading of the file means, from "column=heading"; raises ValueError with the pair that is
    none."""
    found: dict[str, str] = {}
    for pair in pairs:
        column, _, heading = (part.strip() for part in pair.partition("="))
        if column not in NAMES or not heading:
            raise ValueError(pair)
        found[heading.lower()] = NAMES[column]
    return found


class _Wrong(ValueError):
    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


def read_rows(rows: Sequence[Row], today: date) -> tuple[list[History], list[Fault]]:
    """The rows that can be read, and every fault of the others, by line and column."""
    found, faults = [], []
    for row in rows:
        wrong: list[Fault] = []
        history = _history(row, today, wrong)
        if wrong:
            faults += wrong
        else:
            found.append(history)
    return found, faults


def _history(row: Row, today: date, wrong: list[Fault]) -> History:
    def take(name: str, read: Any, spare: Any) -> Any:
        try:
            cell = row.cells.get(name, "")
            return read(cell if name == "date" else str(cell))
        except _Wrong as error:
            wrong.append(Fault(row.line, name, error.message))
            return spare

    quantity = take("quantity", _amount, None)
    unit = take("unit", _one_of(_UNITS), "") or ("hours" if quantity is not None else "")
    hours = take("hours", _amount, None)
    if hours is None:
        hours = quantity if unit == "hours" and quantity is not None else Decimal(0)
    return History(
        line=row.line, source_id=take("source_id", _source_id, ""), id_number=take("id_number", _number, ""),
        name=take("name", _text("name"), ""), on=take("date", lambda text: _day(text, today), EPOCH),
        kind=take("kind", _one_of(_KINDS), ""), title=take("title", _text("title"), ""),
        project_number=take("project_number", _short("project_number"), ""), quantity=quantity, unit=unit, hours=hours,
        role=take("role", _one_of(_ROLES), ""), assessed=take("assessed", _one_of(_YES), False),
        credit_class=take("class", _one_of(CLASSES), ""), credits=take("credits", _amount, None),
    )  # fmt: skip


def _number(text: str) -> str:
    return _some(text).replace(" ", "").upper()


def _some(text: str) -> str:
    if not text:
        raise _Wrong(msg("请填写这一项。"))
    return text


def _short(name: str) -> Any:
    def read(text: str) -> str:
        if len(text) > MOST[name]:
            raise _Wrong(msg("最多 {most} 个字。", most=MOST[name]))
        return text

    return read


def _text(name: str) -> Any:
    return lambda text: _short(name)(_some(text))


def _source_id(text: str) -> str:
    found: str = _text("source_id")(text)
    if _ID_LIKE.fullmatch(found):
        raise _Wrong(msg("来源编号不能是身份证号：它会到处显示。"))
    return found


def _one_of(known: Mapping[str, Any]) -> Any:
    def read(text: str) -> Any:
        if text.lower() not in known:
            offered = list(dict.fromkeys(str(one) for one in known if one))
            raise _Wrong(msg("不认识“{text}”。可以写：{known}", text=text[:40], known=offered))
        return known[text.lower()]

    return read


def _amount(text: str) -> Decimal | None:
    """A number above 0 with at most three decimals; None where the cell is empty."""
    if not text:
        return None
    if not _AMOUNT.fullmatch(text) or not Decimal(text):
        raise _Wrong(msg("要写大于 0 的数，最多三位小数。"))
    return Decimal(text)


def _day(text: str, today: date) -> date:
    """2023-05-01, 2023/5/1, 2023年5月1日, or the number of a day in a workbook."""
    try:
        if _SERIAL.fullmatch(text):
            found = EPOCH + timedelta(days=int(Decimal(str(text))) + (LATE if isinstance(text, LateNumber) else 0))
        elif parts := _DATE.fullmatch(text):
            found = date(*(int(one) for one in parts.groups()))
        else:
            raise ValueError(text)
    except (ValueError, OverflowError):
        raise _Wrong(msg("日期的样子是 2023-05-01。")) from None
    if found > today:
        raise _Wrong(msg("这一天还没有到。"))
    return found
