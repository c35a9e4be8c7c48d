"""course.toml as the pages of the settings show it and change it: only what differs is written anew. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms.courses.packages.checker import COURSE_FILE
from lms.courses.packages.fields import Document, Findings
from lms.courses.writing.course_fields import Cells, Field, Page, Rows, Values, typed_cell
from lms.courses.writing.toml_blocks import (
    Block,
    Name,
    OddlyWrittenError,
    Toml,
    edited,
    inserted,
    joined,
    split,
)
from lms.courses.writing.toml_text import text_of, words_of

ORDER = ("objectives", "topics", "sources", "terms", "assessment")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is to be; `was`: its number among those that there are, None for one more."""

    was: int | None
    cells: Cells


Wanted = Mapping[str, Sequence[Row]]


def data_of(text: str) -> Mapping[str, Any] | None:
    """What course.toml says; None where it cannot be read."""
    return Document(COURSE_FILE, text, Findings()).data


def shown(page: Page, data: Mapping[str, Any]) -> Values:
    """What a page shows of it; nothing for what is missing or of another kind."""
    table = _inside(data, page.table)
    cells = _cells(page.fields, table or {})
    return Values(cells, {rows.name: _rows(rows, data) for rows in page.lists}, table is not None)


def _rows(rows: Rows, data: Mapping[str, Any]) -> list[Cells]:
    above = _inside(data, rows.table[:-1]) or {}
    found = above.get(rows.table[-1], [])
    if not isinstance(found, list):
        return []
    return [_cells(rows.fields, one if isinstance(one, Mapping) else {}) for one in found]


def _cells(fields: Sequence[Field], table: Mapping[str, Any]) -> dict[str, str]:
    return {one.name: typed_cell(one.name, one.show(_at(table, one.path))) for one in fields}


def _inside(data: Mapping[str, Any], path: Name) -> Mapping[str, Any] | None:
    found = _at(data, path) if path else data
    return found if isinstance(found, Mapping) else None


def _at(table: Mapping[str, Any], path: Name) -> Any:
    found: Any = table
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def put(page: Page, text: str, now: Values, cells: Cells, wanted: Wanted, *, on: bool = True) -> str:
    """course.toml with what a page wants. Raises OddlyWrittenError where it is written in a way that cannot be kept,
    WrongError for what cannot be."""
    head, blocks = split(text)
    if page.table and not on:
        result = joined(head, [one for one in blocks if one.name[:1] != page.table])
    else:
        if page.table and not now.on:
            new = Block(page.table, False, "", _table(page), "")
            blocks = inserted(head, blocks, _place(blocks, page.table), new)
            now = Values(dict.fromkeys(cells, ""), now.rows)
        for field in page.fields:
            if cells[field.name] != now.cells[field.name]:
                head, blocks = _set(head, blocks, page.table, field.path, field.read(cells[field.name]))
        for rows in page.lists:
            head, blocks = _put_rows(head, blocks, rows, now.rows[rows.name], wanted[rows.name])
        result = joined(head, blocks)
    _prove(page, text, result, cells, wanted, on=on)
    return result


def _table(page: Page) -> str:
    words = sorted({one.path[0] for one in page.fields if len(one.path) == 2})
    return f"[{'.'.join(page.table)}]\n" + "".join(f'{key} = {{ zh = "", en = "" }}\n' for key in words)


def _set(
    head: str, blocks: Sequence[Block], table: Name, path: Name, value: Toml | None
) -> tuple[str, list[Block]]:
    """One value of a table that there is once: in its own part, or in the head."""
    whole = (*table, *path)
    for wanted in (whole[:-1], table):
        for at, block in enumerate(blocks):
            if wanted and block.name == wanted and not block.many:
                text = edited(block.text, wanted, False, whole[len(wanted) :], value)
                return head, [*blocks[:at], _with(block, text), *blocks[at + 1 :]]
    if table:
        raise OddlyWrittenError
    return edited(head, (), False, path, value), list(blocks)


def _with(block: Block, text: str) -> Block:
    return Block(block.name, block.many, block.lead, text, block.tail)


def _place(blocks: Sequence[Block], table: Name) -> int:
    """Where the first table of a kind goes: behind those that come before it."""
    if len(table) > 1:
        return max((at for at, one in enumerate(blocks, 1) if one.name[:1] == table[:1]), default=len(blocks))
    later = ORDER[ORDER.index(table[0]) + 1 :]
    return next((at for at, one in enumerate(blocks) if one.name[0] in later), len(blocks))


def _put_rows(
    head: str, blocks: list[Block], rows: Rows, before: Sequence[Cells], wanted: Sequence[Row]
) -> tuple[str, list[Block]]:
    """The blocks with these rows. A row takes the comments above it along, but for those above the first: they are
    about all of them."""
    if [(row.was, row.cells) for row in wanted] == list(enumerate(before)):
        return head, blocks
    places = [at for at, one in enumerate(blocks) if one.many and one.name == rows.table]
    if len(places) != len(before):
        raise OddlyWrittenError
    if not before:
        head, blocks = _set(head, blocks, rows.table[:-1], rows.table[-1:], None)
    old = [blocks[at] for at in places]
    made = [_row(rows, old, before, row) for row in wanted]
    result = list(blocks)
    for number, at in enumerate(places):
        lead = old[0].lead if number == 0 else ""
        if number < len(made):
            new = made[number]
            result[at] = Block(new.name, True, lead + new.lead, _ended(new.text), old[number].tail)
        else:
            result[at] = Block(("",), False, lead, "", "")
    end = places[-1] + 1 if places else _place(result, rows.table)
    for number, new in enumerate(made[len(places) :]):
        result = inserted(head, result, end + number, new)
    return head, result


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _row(rows: Rows, old: Sequence[Block], before: Sequence[Cells], row: Row) -> Block:
    if row.was is None:
        return Block(rows.table, True, "", _new_text(rows, row.cells), "")
    block, text = old[row.was], old[row.was].text
    for field in rows.fields:
        if row.cells[field.name] != before[row.was][field.name]:
            text = edited(text, rows.table, True, field.path, field.read(row.cells[field.name]))
    return Block(rows.table, True, block.lead if row.was else "", text, "")


def _new_text(rows: Rows, cells: Cells) -> str:
    """A row that there was not yet."""
    values: dict[str, Any] = {}
    for field in rows.fields:
        value = field.read(cells[field.name])
        if len(field.path) == 2:
            values.setdefault(field.path[0], {})[field.path[1]] = value
        elif value is not None:
            values[field.path[0]] = value
    lines = (f"{key} = {_value(value)}\n" for key, value in values.items())
    return f"[[{'.'.join(rows.table)}]]\n" + "".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return words_of(value)
    return text_of(value) if isinstance(value, str) else str(value)


def _prove(page: Page, old: str, new: str, cells: Cells, wanted: Wanted, *, on: bool) -> None:
    """That the file now says what is wanted, and otherwise what it said. Raises OddlyWrittenError."""
    before, after = data_of(old), data_of(new)
    if before is None or after is None or _rest(page, before) != _rest(page, after):
        raise OddlyWrittenError
    found = shown(page, after)
    rows = {name: [dict(one.cells) for one in found_rows] for name, found_rows in wanted.items()}
    same = (dict(found.cells), {name: [dict(one) for one in listed] for name, listed in found.rows.items()})
    if found.on != on or (on and same != (dict(cells), rows)):
        raise OddlyWrittenError


def _rest(page: Page, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the page does not show."""
    touched = {*page.table[:1], *(one.path[0] for one in page.fields if not page.table)}
    touched |= {rows.table[0] for rows in page.lists}
    return {key: value for key, value in data.items() if key not in touched}
