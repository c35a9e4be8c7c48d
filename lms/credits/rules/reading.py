"""Read untrusted tables (TOML, JSON) key by key, so that every fault is named with its key."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from lms.kernel.text import Message, msg

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
NUMBER = re.compile(r"\d{1,9}(\.\d{1,3})?\Z")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and at which key (`conversions[2].credits`)."""

    key: str
    message: Message


class FaultyFileError(ValueError):
    """A file that cannot be used; carries every fault, not only the first."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self.name = name
        self.faults = tuple(faults)
        lines = (f"{fault.key}: {fault.message}" for fault in faults)
        super().__init__(f"{name}: " + "; ".join(lines))


@dataclass(slots=True)
class Table:
    """One table being read: remembers which keys were asked for, gathers faults."""

    value: Mapping[str, Any]
    path: str
    faults: list[Fault]
    asked: set[str] = field(default_factory=set)

    def key(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def fault(self, name: str, message: Message) -> None:
        self.faults.append(Fault(self.key(name), message))

    def take(self, name: str, read: Callable[[Any], T], spare: T, *, optional: bool = False) -> T:
        """The value under `name` as `read` understands it; on a fault, `spare` and a note of it."""
        self.asked.add(name)
        if self.value.get(name) is None:
            if not optional:
                self.fault(name, msg("缺少这一项"))
            return spare
        try:
            return read(self.value[name])
        except UnreadableError as why:
            self.fault(name, why.message)
            return spare

    def tables(self, name: str, *, optional: bool = True) -> list["Table"]:
        """The tables of an array of tables, each with its own path."""
        self.asked.add(name)
        found = self.value.get(name)
        if found is None and optional:
            return []
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.fault(name, msg("这里要写成一组表"))
            return []
        return [Table(one, f"{self.key(name)}[{index}]", self.faults) for index, one in enumerate(found)]

    def table(self, name: str) -> "Table":
        """One table inside this one; empty if it is missing or something else."""
        self.asked.add(name)
        found = self.value.get(name)
        if not isinstance(found, dict):
            self.fault(name, msg("缺少这一项") if found is None else msg("这里要写成一个表"))
            found = {}
        return Table(found, self.key(name), self.faults)

    def finish(self) -> None:
        """Refuse every key nobody asked for: a misspelt rule must not be silently ignored."""
        for name in self.value:
            if name not in self.asked:
                self.fault(name, msg("不认识这一项"))


def json_table(content: bytes, name: str) -> dict[str, Any]:
    """The table that a JSON file is, its numbers exact. Raises FaultyFileError."""
    try:
        value = json.loads(content.decode("utf-8"), parse_float=Decimal, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise FaultyFileError(name, [Fault("-", msg("文件不是 UTF-8 文字"))]) from error
    except (ValueError, RecursionError) as error:
        raise FaultyFileError(name, [Fault("-", msg("不是正确的 JSON：{why}", why=str(error)))]) from error
    if not isinstance(value, dict):
        raise FaultyFileError(name, [Fault("-", msg("最外层要写成一个表"))])
    return value


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


class UnreadableError(Exception):
    """One value is not what it should be."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 2000:
        raise UnreadableError(msg("要写一段文字"))
    return value


def whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnreadableError(msg("要写一个整数"))
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnreadableError(msg("要写 true 或 false"))
    return value


def amount(value: Any) -> Decimal:
    """An exact amount of at most three decimals, not negative, as a string or a JSON number."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise UnreadableError(msg('要写一个数，例如 "0.5"'))
    if not NUMBER.match(str(value)):
        raise UnreadableError(msg("要写一个不小于 0 的数，最多三位小数"))
    try:
        return Decimal(str(value))
    except InvalidOperation as error:  # pragma: no cover - NUMBER is stricter
        raise UnreadableError(msg("要写一个不小于 0 的数，最多三位小数")) from error


def positive(value: Any) -> Decimal:
    found = amount(value)
    if found == 0:
        raise UnreadableError(msg("要大于 0"))
    return found


def up_to(most: Decimal) -> Callable[[Any], Decimal]:
    """An amount from 0 to `most`, both included."""

    def read(value: Any) -> Decimal:
        found = amount(value)
        if found > most:
            raise UnreadableError(msg("最大是 {most}", most=str(most)))
        return found

    return read


def share(value: Any) -> Fraction:
    """More than 0 and at most 1: a fraction ("2/3"), exact, or an amount ("0.05")."""
    parts = re.match(r"(\d{1,4})/(\d{1,4})\Z", value) if isinstance(value, str) else None
    if parts and int(parts[2]):
        found = Fraction(int(parts[1]), int(parts[2]))
    else:
        found = Fraction(amount(value))
    if not 0 < found <= 1:
        raise UnreadableError(msg('要大于 0、不超过 1，例如 "2/3"'))
    return found


def calendar_year(value: Any) -> int:
    found = whole(value)
    if not 1990 <= found <= 2200:
        raise UnreadableError(msg("要写一个年份，例如 2025"))
    return found


def month_day(value: Any) -> tuple[int, int]:
    """A day that every year has: month-day."""
    try:
        # 2025 has no 29 February.
        found = date.fromisoformat(f"2025-{text(value)}")
    except ValueError as error:
        raise UnreadableError(msg("要写成“月-日”，例如 12-31")) from error
    return found.month, found.day


def day(value: Any) -> date:
    """A civil date: a TOML date, or a string YYYY-MM-DD."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.match(r"\d{4}-\d{2}-\d{2}\Z", value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise UnreadableError(msg("没有这一天：{value}", value=value)) from error
    raise UnreadableError(msg("要写一个日期，例如 2025-01-01"))


def one_of(known: Iterable[str]) -> Callable[[Any], str]:
    """Exactly one of the known words."""
    words = tuple(known)

    def read(value: Any) -> str:
        if value not in words:
            raise UnreadableError(
                msg(
                    "不认识“{value}”，可以写：{known}",
                    value=str(value)[:60],
                    known=", ".join(words),
                )
            )
        return str(value)

    return read


def member(kind: type[E]) -> Callable[[Any], E]:
    """A member of an enumeration, by its value."""
    read = one_of(one.value for one in kind)
    return lambda value: kind(read(value))


def several(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """A list of at least one value."""

    def read_all(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list) or not value:
            raise UnreadableError(msg("要写成一个列表，至少一项"))
        return tuple(read(one) for one in value)

    return read_all
