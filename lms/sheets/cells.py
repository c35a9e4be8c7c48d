"""The typed cells of a table that a page draws and a file holds.

A figure is turned into text in one place, `Figure.text`, by the house's own format, so that page and
file cannot say different figures. Texts are in the language of the reader.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from lms.kernel.i18n import translate
from lms.kernel.quantities import format_credits, format_hours
from lms.kernel.text import Message

NONE = "—"


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount, and how it is shown: credits with a decimal at least, hours (and what a rule says)
    whole where they are whole, an entry of the ledger with its sign."""

    amount: Decimal
    whole: bool = False
    signed: bool = False

    @property
    def text(self) -> str:
        said = format_hours(self.amount) if self.whole else format_credits(self.amount)
        return f"+{said}" if self.signed and self.amount > 0 else said


Cell = Figure | date | int | str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and its width in characters of a spreadsheet."""

    title: str
    width: int


@dataclass(frozen=True, slots=True)
class Row:
    """role: line, or total (a sum of lines above it), or part (a share of the total above it)."""

    cells: tuple[Cell, ...]
    role: str = "line"
    award_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title; `head` is the column that says what a row is about."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    head: int = 0

    def holds_figures(self, column: int) -> bool:
        """Whether a column holds figures, so that it stands to the right."""
        return any(isinstance(row.cells[column], Figure) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds. `name` is the file's, without a person's name: files travel by chat and mail
    and lie in shared folders, where a name in a list already tells whose credits were looked at."""

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]


def say(text: Message | str) -> str:
    """A text in the reader's language."""
    return translate(text)


def hours(amount: Decimal | None) -> Cell:
    """Hours, or what a rule requires; a dash where nothing is said."""
    return NONE if amount is None else Figure(amount, whole=True)


def credits(amount: Decimal | None) -> Cell:
    """Credits; a dash where nothing can be said."""
    return NONE if amount is None else Figure(amount)


def columns(titles: Iterable[tuple[Message, int]]) -> tuple[Column, ...]:
    """Columns from their headings and widths."""
    return tuple(Column(say(title), width) for title, width in titles)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts."""
    return sum(amounts, Decimal(0))
