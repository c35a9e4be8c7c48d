"""Reads the table of an item field by field and collects every fault, not only the first."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from lms.items.base import Fault, Text
from lms.kernel.text import Message, msg

LANGUAGES = ("zh", "en")
MAX_TEXT = 1000
OPTION_ID = re.compile(r"[a-z0-9-]{1,20}")
DECIMAL = re.compile(r"-?\d{1,9}(\.\d{1,6})?")


class Fields:
    """One TOML table being read. After a fault readers give a harmless value; see `faults`."""

    def __init__(self, table: Mapping[str, object], path: str = "", faults: list[Fault] | None = None) -> None:
        self.table = table
        self.path = path
        self.faults: list[Fault] = [] if faults is None else faults
        self.known: set[str] = set()

    def fault(self, name: str, message: Message) -> None:
        self.faults.append(Fault(self.path + name, message))

    def take(self, name: str) -> object:
        self.known.add(name)
        return self.table.get(name)

    def string(self, name: str, pattern: re.Pattern[str], meaning: Message) -> str:
        value = self.take(name)
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        self.fault(name, meaning)
        return ""

    def one_of(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.take(name)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value in allowed:
            return value
        self.fault(name, msg("只能写这几个之一：{allowed}", allowed=" · ".join(allowed)))
        return allowed[0]

    def integer(self, name: str, lowest: int, highest: int) -> int:
        value = self.take(name)
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        self.fault(name, msg("要写 {lowest} 到 {highest} 的整数", lowest=lowest, highest=highest))
        return lowest

    def boolean(self, name: str, default: bool | None = None) -> bool:
        value = self.take(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool):
            return value
        self.fault(name, msg("要写 true 或 false"))
        return False

    def decimal(self, name: str) -> Decimal:
        value = self.take(name)
        if isinstance(value, str) and DECIMAL.fullmatch(value):
            try:
                return Decimal(value)
            except InvalidOperation:  # pragma: no cover - the pattern lets none through
                pass
        self.fault(name, msg('要写带引号的小数，例如 "2.5"'))
        return Decimal(0)

    def strings(self, name: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        value = self.take(name)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(one, str) and pattern.fullmatch(one) for one in value):
            return tuple(value)
        self.fault(name, msg("要写编号的列表，编号只用小写字母、数字和短横"))
        return ()

    def text(self, name: str) -> Text:
        """A text in every language; a language that is missing is a fault, its text ""."""
        value = self.take(name)
        if not isinstance(value, Mapping):
            self.fault(name, msg("要写成 {example}", example='{ zh = "…", en = "…" }'))
            return dict.fromkeys(LANGUAGES, "")
        for extra in sorted(set(value) - set(LANGUAGES)):
            self.fault(f"{name}.{extra}", msg("不认识这种语言"))
        return {lang: self._one_language(f"{name}.{lang}", value.get(lang)) for lang in LANGUAGES}

    def _one_language(self, name: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            self.fault(name, msg("这种语言的文字没有写"))
            return ""
        if len(value) > MAX_TEXT:
            self.fault(name, msg("文字太长，最多 {limit} 个字符", limit=MAX_TEXT))
        if not unicodedata.is_normalized("NFC", value):
            self.fault(name, msg("文字要用 NFC 形式保存"))
        return value

    def tables(self, name: str, lowest: int, highest: int) -> Iterator["Fields"]:
        """Each table of a list as Fields of its own; a count outside the limits is a fault."""
        value = self.take(name)
        rows = value if isinstance(value, list) and all(isinstance(row, Mapping) for row in value) else None
        if rows is None or not lowest <= len(rows) <= highest:
            self.fault(name, msg("要有 {lowest} 到 {highest} 项", lowest=lowest, highest=highest))
        seen: set[str] = set()
        for index, row in enumerate(rows or []):
            fields = Fields(row, f"{self.path}{name}[{index + 1}].", self.faults)
            yield fields
            fields.refuse_unknown()
            identity = row.get("id")
            if isinstance(identity, str) and identity in seen:
                fields.fault("id", msg("编号 {id} 用了两次", id=identity))
            seen.add(str(identity))

    def identity(self) -> str:
        return self.string("id", OPTION_ID, msg("编号只用小写字母、数字和短横，最多 20 个"))

    def refuse_unknown(self) -> None:
        for name in sorted(set(self.table) - self.known):
            self.fault(name, msg("不认识这一项，请删掉或改正拼写"))
