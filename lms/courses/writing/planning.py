"""What a page of the settings is to say after it was sent: cells judged, rows added, taken out and moved. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lms.courses.writing.course_fields import MOST_ROWS, Cells, Field, Page, Rows, Values, WrongError, typed_cell
from lms.courses.writing.course_text import Row, Wanted
from lms.courses.writing.lessons import free_name, name_for_addresses
from lms.kernel.errors import Invalid
from lms.kernel.text import Message, msg

LETTER = {"objectives": "o", "topics": "t", "sources": "s", "terms": "w"}
GONE = "gone"
"""The cell of a row that says: take it out."""


@dataclass(frozen=True, slots=True)
class Move:
    """A row that goes some places up (-) or down."""

    rows: str
    number: int
    by: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A page as it is to be; `removed`: rows that go, by the name of their list and their number."""

    cells: Cells
    wanted: Wanted
    on: bool
    removed: Sequence[tuple[str, int]]

    def says(self, values: Values) -> bool:
        """Whether it is what these values say already."""
        if not self.on or not values.on:
            return self.on == values.on
        rows = {name: [dict(row.cells) for row in found] for name, found in self.wanted.items()}
        same = {name: [dict(row) for row in found] for name, found in values.rows.items()}
        return (dict(self.cells), rows) == (dict(values.cells), same)


def field_name(rows: str, number: int, cell: str) -> str:
    """The name of a row's field in the form."""
    return f"{rows}-{number}-{cell}"


def plan(
    page: Page, before: Values, typed: Values, move: Move | None = None, *, topics: Collection[str] = ()
) -> Plan:
    """What was typed, judged where it differs from what the page showed. Rows behind those that were shown are new.
    `topics`: those that the course has.

    Raises Invalid with the names of the form's fields.
    """
    if page.table and not typed.on:
        _judge_off(before, typed)
        return Plan({}, {}, False, ())
    faults: dict[str, Message] = {}
    cells = {
        one.name: _cell(one, typed.cells[one.name], before.cells[one.name] if before.on else None, one.name, faults)
        for one in page.fields
    }
    titles = [name for name in cells if name.startswith("title_")]
    if page.name == "course" and not any(cells[one] for one in titles) and any(before.cells[one] for one in titles):
        faults["title_zh"] = msg("请填写这一项。")
    wanted: dict[str, list[Row]] = {}
    removed: list[tuple[str, int]] = []
    for rows in page.lists:
        sent = typed.rows[rows.name]
        found, gone = _rows(rows, before.rows[rows.name], sent, faults)
        wanted[rows.name] = _moved(found, move if move and move.rows == rows.name else None, len(sent))
        removed += [(rows.name, number) for number in gone]
    if page.name == "exam":
        _judge_topics(before.rows["draw"], typed.rows["draw"], topics, faults)
    if faults:
        raise Invalid(fields=faults)
    return Plan(cells, wanted, True, removed)


def _judge_off(before: Values, typed: Values) -> None:
    """Rows typed for an exam that is not ticked would be lost without a word."""
    if not before.on and any(row["topic"] or row["count"] for row in typed.rows["draw"]):
        raise Invalid(fields={"on": msg("要考试，请先勾选这一项。")})


def _judge_topics(
    before: Sequence[Cells], typed: Sequence[Cells], topics: Collection[str], faults: dict[str, Message]
) -> None:
    for number, row in enumerate(typed):
        old = before[number]["topic"] if number < len(before) else None
        if row["count"] and row["topic"] != old and row["topic"] not in topics:
            faults[field_name("draw", number, "topic")] = msg("请从列出的几项里选一项。")


def _cell(field: Field, typed: str, before: str | None, name: str, faults: dict[str, Message]) -> str:
    if typed == before:
        return typed
    try:
        return typed_cell(field.name, field.show(field.read(typed)))
    except WrongError as wrong:
        faults[name] = wrong.message
        return typed


def _rows(
    rows: Rows, before: Sequence[Cells], typed: Sequence[Cells], faults: dict[str, Message]
) -> tuple[dict[int, Row], list[int]]:
    """The rows that stay or are new by their numbers on the page, and the numbers of those that go."""
    if len(typed) < len(before):
        raise Invalid(msg("这一页不完整。请再提交一次。"))
    found: dict[int, Row] = {}
    gone: list[int] = []
    taken = {row["id"] for row in before if "id" in row}
    for number, row in enumerate(typed):
        old = before[number] if number < len(before) else None
        said = any(row[one] for one in rows.said)
        if old is not None and (row.get(GONE) or (not said and any(old[one] for one in rows.said))):
            gone.append(number)
        elif old is not None or said or row.get("topic"):
            cells = _row(rows, number, row, old, taken, faults)
            found[number] = Row(number if old is not None else None, cells)
    if len(found) > max(MOST_ROWS, len(before)):
        raise Invalid(msg("最多 {most} 条。", most=MOST_ROWS))
    return found, gone


def _row(
    rows: Rows, number: int, typed: Cells, old: Cells | None, taken: set[str], faults: dict[str, Message]
) -> dict[str, str]:
    cells = {}
    for field in rows.fields:
        if field.name == "id":
            cells["id"] = old["id"] if old is not None else _new_id(rows, typed, taken)
            taken.add(cells["id"])
            continue
        name = field_name(rows.name, number, field.name)
        cells[field.name] = _cell(field, typed[field.name], old[field.name] if old else None, name, faults)
    return cells


def _new_id(rows: Rows, typed: Cells, taken: set[str]) -> str:
    """A name that nothing has yet: from the English words, else a letter and a number."""
    words = typed.get({"sources": "title_en", "terms": "word_en", "topics": "en"}.get(rows.name, ""), "")
    name = name_for_addresses(words)[:24].strip("-")
    if name and rows.name == "sources" and typed["year"].isascii() and typed["year"].isdigit():
        name = f"{name}-{typed['year'][:4]}"
    if name:
        return free_name(name, taken)
    letter = LETTER[rows.name]
    numbers = [int(one[1:]) for one in taken if one[:1] == letter and one[1:].isascii() and one[1:].isdigit()]
    return f"{letter}{max(numbers, default=0) + 1}"


def _moved(found: Mapping[int, Row], move: Move | None, most: int) -> list[Row]:
    """The rows, one of them at its new place, which is counted in the rows of the page (`most`): some may go."""
    moved, to = (found.get(move.number), move.number + move.by) if move else (None, 0)
    if move is None or moved is None or not 0 <= to < most:
        return list(found.values())
    others = {number: row for number, row in found.items() if number != move.number}
    before = [row for number, row in others.items() if number < to or (number == to and move.by > 0)]
    return [*before, moved, *list(others.values())[len(before) :]]
