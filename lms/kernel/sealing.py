"""Which columns are sealed, and which hold hashes of what is sealed: told by the columns themselves.

A model gives its column `info=sealed_info(purpose)`; a change of the key finds it there, whatever feature it is of
(ADR 0021). Binary columns hold the value itself, texts hold it in hex, JSON under the name `sealed`, in hex.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, LargeBinary, Table, func

from lms.kernel.crypto import PREFIX_BYTES
from lms.kernel.db import Model

_SEALED, _LOOKUP = "sealed", "lookup"
IN_JSON = "sealed"


def sealed_info(purpose: str) -> dict[str, Any]:
    """What a column says of itself when its values were sealed for this purpose."""
    return {_SEALED: purpose}


def lookup_info(of: str, purpose: str, slot: int) -> dict[str, Any]:
    """What a column says of itself that holds the lookup hash of the sealed column `of`, in this slot."""
    return {_LOOKUP: (of, purpose, slot)}


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values."""

    column: Column[Any]
    purpose: str

    @property
    def value(self) -> ColumnElement[Any]:
        """SQL: the sealed value as it is stored, NULL where there is none."""
        return self.column[IN_JSON].as_string() if isinstance(self.column.type, JSON) else self.column

    @property
    def prefix(self) -> ColumnElement[Any]:
        """SQL: the version and the key of the value."""
        if isinstance(self.column.type, LargeBinary):
            return func.substr(self.column, 1, PREFIX_BYTES, type_=LargeBinary())
        return func.substr(self.value, 1, 2 * PREFIX_BYTES)

    def begins(self, prefix: bytes) -> ColumnElement[bool]:
        """SQL: there is a value, and these are its first bytes."""
        if isinstance(self.column.type, LargeBinary):
            return func.substr(self.column, 1, len(prefix), type_=LargeBinary()) == prefix
        return func.substr(self.value, 1, 2 * len(prefix)) == prefix.hex()

    def read(self, stored: Any) -> bytes:
        """The value as bytes."""
        return bytes.fromhex(stored) if isinstance(stored, str) else bytes(stored)

    def written(self, sealed: bytes) -> Any:
        """The value as its column stores it."""
        return sealed if isinstance(self.column.type, LargeBinary) else sealed.hex()


@dataclass(frozen=True)
class LookupColumn:
    """A column of hashes of a sealed column, in one of two slots."""

    column: Column[Any]
    of: str
    purpose: str
    slot: int


@dataclass(frozen=True)
class SealedTable:
    """A table with sealed columns."""

    table: Table
    sealed: list[SealedColumn] = field(default_factory=list)
    lookups: list[LookupColumn] = field(default_factory=list)


def sealed_tables() -> list[SealedTable]:
    """Every table of the house that holds sealed values, by name."""
    found = []
    for _name, table in sorted(Model.metadata.tables.items()):
        one = SealedTable(
            table,
            [SealedColumn(column, column.info[_SEALED]) for column in table.columns if _SEALED in column.info],
            [LookupColumn(column, *column.info[_LOOKUP]) for column in table.columns if _LOOKUP in column.info],
        )
        if one.sealed:
            found.append(one)
    return found
