"""Columns of a table that comes in: what each may be called, how its cells are read, and what is wrong with one. Pure.

A reader takes the text of a cell and gives its value, or raises Wrong with a sentence. What a spreadsheet does to a
table by itself (numbers cut off, days turned into numbers, faults of formulas) is known here once, for every table.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from lms.kernel.text import Message, msg
from lms.sheets.incoming.tables import Fault, Row
from lms.sheets.incoming.workbook import LateNumber, Number

EXACT_DIGITS = 15
"""So many digits of a number a spreadsheet keeps; the others become noughts."""
_FAULTS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_CUT = re.compile(r"\d([.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00?:00(?::00(?:\.0+)?)?)?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_EPOCH, _LATE_EPOCH = date(1899, 12, 30), date(1904, 1, 1)
_NO_SUCH_DAY = 60
"""29 February 1900, which spreadsheets believe in."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)


class Wrong(ValueError):
    """A cell cannot be read; the message says why."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


Reader = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name in the code; `title` is its heading, `hint` says how to fill it (both to be translated).
    `needed`: the file must have it. Width in characters."""

    name: str
    title: str
    read: Reader
    hint: str
    example: str = ""
    needed: bool = False
    width: int = 16


@dataclass(frozen=True, slots=True)
class Line:
    """A row whose cells could all be read: values by column, None for what is empty or not in the file. Whoever judges
    it may change them: a copy of every row would be much memory."""

    number: int
    values: dict[str, Any]


def read_lines(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[list[Line], list[Fault]]:
    """The rows that can be read, and every fault of the others, by line and column."""
    lines, faults = list[Line](), list[Fault]()
    for row in rows:
        values: dict[str, Any] = {}
        wrong = len(faults)
        for column in columns:
            cell = row.cells.get(column.name, "")
            try:
                values[column.name] = column.read(_whole(cell)) if cell else None
            except Wrong as error:
                faults.append(Fault(row.line, column.name, error.message))
        if len(faults) == wrong:
            lines.append(Line(row.line, values))
    return lines, faults


def _whole(cell: str) -> str:
    if cell.upper() in _FAULTS:
        raise Wrong(msg("这一格是公式出错留下的 {cell}，没有内容。请写上内容。", cell=cell))
    return cell


def text(most: int) -> Reader:
    """Any text of at most `most` signs; a whole number as its digits."""

    def read(cell: str) -> str:
        found = digits(cell) if isinstance(cell, Number) else cell
        if len(found) > most:
            raise Wrong(msg("最多 {most} 个字。", most=most))
        return found

    return read


def number_text(cell: str) -> str:
    """What is written in digits and must not lose any: an identity number, a phone, a licence. Signs that nobody sees
    (they come along when a number is copied from a phone) are left out."""
    if is_cut(cell):
        raise Wrong(msg("这个号码被存成了数字，后几位已经丢了，请把这一列设为文本，再填一次。"))
    found = digits(cell) if isinstance(cell, Number) else cell
    return "".join(sign for sign in found if unicodedata.category(sign) != "Cf")


def written(column: "Column", cell: str) -> str:
    """A cell as a text that is read as the same when it is handed in again: a day that a workbook holds as a number is
    written as a day, a number that was cut stays one that was cut."""
    if not isinstance(cell, Number):
        return str(cell)
    try:
        found = column.read(cell)
    except Wrong:
        amount = _amount(cell)
        return f"{amount:E}" if amount is not None and is_cut(cell) else str(cell)
    return found.isoformat() if isinstance(found, date) else digits(cell)


def is_cut(cell: str) -> bool:
    """Whether a spreadsheet has cut the last digits off: more of them than it keeps, or written as 1.1E+17."""
    if isinstance(cell, Number):
        amount = _amount(cell)
        return amount is None or abs(amount) >= 10**EXACT_DIGITS
    return _CUT.fullmatch(cell.replace(" ", "")) is not None


def digits(cell: str) -> str:
    """A number as its digits, without the point and exponent it may be stored with."""
    amount = _amount(cell)
    return str(int(amount)) if amount is not None and amount == amount.to_integral_value() else str(cell)


def _amount(cell: str) -> Decimal | None:
    try:
        found = Decimal(str(cell))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**30 else None


def choice(known: Mapping[str, Any], offered: Sequence[str]) -> Reader:
    """One of several words; `known` has them all without case, `offered` are those that are named to who is wrong, to
    be translated: `known` has their translations too."""
    words = tuple(Message(one) for one in offered)


    def read(cell: str) -> Any:
        found = known.get(cell.lower())
        if found is None:
            raise Wrong(msg("不认识“{text}”。可以写：{known}", text=cell[:40], known=words))
        return found

    return read


def day(cell: str) -> date:
    """A day: 2024-3-1, 2024/3/1, 2024.3.1, 2024年3月1日, 20240301, or the number under which a workbook keeps it.

    What could be two days (03/04/2024) or none is refused.
    """
    try:
        found = _stored_day(cell) if isinstance(cell, Number) else _written_day(cell)
    except (ValueError, OverflowError):
        raise Wrong(msg("看不出“{text}”是哪一天。请把年写在最前面，例如 2024-03-01。", text=cell[:20])) from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Wrong(msg("这一天不对：{day}。", day=found))
    return found


def _written_day(cell: str) -> date:
    parts = _DAY.fullmatch(cell) or _DIGITS.fullmatch(cell)
    if parts is None:
        raise ValueError(cell)
    return date(*(int(one) for one in parts.groups()))


def _stored_day(cell: Number) -> date:
    amount = _amount(cell)
    if amount is None or amount < 0:
        raise ValueError(cell)
    whole = int(amount)
    if 1900 <= whole <= 2200:
        raise ValueError(cell)  # a year, or a year and a month, and no number of a day
    if isinstance(cell, LateNumber):
        return _LATE_EPOCH + timedelta(days=whole) if whole < 10**7 else _written_day(str(whole))
    if whole >= 10**7:
        return _written_day(str(whole))
    if whole in (0, _NO_SUCH_DAY):
        raise ValueError(cell)
    return _EPOCH + timedelta(days=whole + (whole < _NO_SUCH_DAY))
