"""An empty table to fill in, and the table that came back with what is wrong in it: as XLSX and as CSV.

Every column is formatted as text, down to the last row a sheet can have: what is typed there keeps its digits.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any

from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.sheets.columns import Column, written
from lms.sheets.text_file import harmless
from lms.sheets.workbook import CREATED, FONT, OPTIONS

COMMENT = "#"
"""What a line begins with that explains something and is no row."""
MOST_SAID = 1_000
RED = "#fbe3e0"


def headings(columns: Sequence[Column]) -> list[str]:
    """What the columns are called in the reader's language."""
    return [translate(column.title) for column in columns]


def names_of(columns: Sequence[Column]) -> dict[str, str]:
    """What a heading may be called (without case): the name in the code, the title in either language."""
    found: dict[str, str] = {}
    for column in columns:
        for called in (column.name, column.title, translate(column.title, "en")):
            found[called.lower()] = column.name
    return found


def csv_template(columns: Sequence[Column]) -> bytes:
    """The headings, and a line for each column that says how to fill it; UTF-8 with its mark, for spreadsheets."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(headings(columns))
    gap = [""] * (len(columns) - 1)
    for title, needed, hint, example in _explained(columns):
        said = translate(
            msg("{title}（{needed}）：{hint} 例：{example}", title=title, needed=needed, hint=hint, example=example)
            if example
            else msg("{title}（{needed}）：{hint}", title=title, needed=needed, hint=hint)
        )
        writer.writerow([f"{COMMENT} {said}", *gap])
    return out.getvalue().encode("utf-8-sig")


def xlsx_template(columns: Sequence[Column]) -> bytes:
    """A sheet with the headings, every cell a text, and a second one that explains the columns."""
    out = BytesIO()
    book, formats = _book(out)
    sheet = book.add_worksheet(translate(msg("填这一页")))
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, formats["text"])
    sheet.write_row(0, 0, headings(columns), formats["head"])
    sheet.freeze_panes(1, 1)
    second = book.add_worksheet(translate(msg("怎么填")))
    for place, width in enumerate((16, 10, 60, 24)):
        second.set_column(place, place, width, formats["text"])
    titles = (msg("列"), msg("要不要填"), msg("怎么填"), msg("例子"))
    second.write_row(0, 0, [translate(one) for one in titles], formats["head"])
    for row, cells in enumerate(_explained(columns), start=1):
        for place, cell in enumerate(cells):
            second.write_string(row, place, cell, formats["wrap"])
    book.close()
    return out.getvalue()


def _explained(columns: Sequence[Column]) -> Iterable[tuple[str, str, str, str]]:
    for column in columns:
        needed = msg("必填") if column.needed else msg("可以空着")
        yield translate(column.title), translate(needed), translate(column.hint), column.example


def xlsx_marked(
    columns: Sequence[Column],
    rows: Iterable[tuple[int, Mapping[str, str]]],
    wrong: Mapping[int, Mapping[str, Sequence[str]]],
) -> bytes:
    """The rows as they came, with the line each had and what is wrong with it in front, and wrong cells coloured.

    `rows`: the line in the file and the cells by column; `wrong`: sentences by line and column ("" for the line).
    """
    out = BytesIO()
    book, formats = _book(out)
    sheet = book.add_worksheet(translate(msg("名单和问题")))
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 48)
    for place, column in enumerate(columns, start=2):
        sheet.set_column(place, place, column.width, formats["text"])
    sheet.write_row(0, 0, [translate(msg("原来的行")), translate(msg("问题")), *headings(columns)], formats["head"])
    sheet.freeze_panes(1, 2)
    titles = {column.name: translate(column.title) for column in columns}
    row = 0
    for row, (line, cells) in enumerate(rows, start=1):
        faults = wrong.get(line, {})
        sheet.write_number(row, 0, line)
        if faults:
            sheet.write_string(row, 1, _said(faults, titles), formats["bad_wrap"])
        for place, column in enumerate(columns, start=2):
            cell = written(column, cells.get(column.name, ""))
            if cell or column.name in faults:
                sheet.write_string(row, place, cell, formats["bad" if column.name in faults else "text"])
    sheet.autofilter(0, 0, max(row, 1), len(columns) + 1)
    book.close()
    return out.getvalue()


def _said(faults: Mapping[str, Sequence[str]], titles: Mapping[str, str]) -> str:
    """All that is wrong with a row, for its cell."""
    parts = []
    for name, sentences in faults.items():
        for one in sentences:
            parts.append(translate(msg("{title}：{said}", title=titles[name], said=one)) if name in titles else one)
    return harmless("\n".join(parts)[:MOST_SAID])


def _book(out: BytesIO) -> tuple[Any, dict[str, Any]]:
    from xlsxwriter import Workbook  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415

    book = Workbook(out, {**OPTIONS, "default_format_properties": dict(FONT)})
    book.set_properties({"created": CREATED})
    text, wrap = {"num_format": "@"}, {"text_wrap": True}
    return book, {
        "text": book.add_format(text),
        "wrap": book.add_format({**text, **wrap}),
        "head": book.add_format({**text, "bold": True, "bottom": 1}),
        "bad": book.add_format({**text, "bg_color": RED}),
        "bad_wrap": book.add_format({**text, **wrap, "bg_color": RED}),
    }
