"""The files of a filing: lines as CSV, JSON and XLSX, totals as CSV. The same filing gives the same bytes, always:
every order is fixed, nothing in a file tells when, by whom or in which language it was written.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from lms.credits.filing.columns import COLUMNS, FORMAT, NAMES, WIDTHS, cells, exact
from lms.credits.filing.models import Filing
from lms.credits.filing.rules import Line
from lms.sheets.text_file import harmless

Lines = Iterable[tuple[str, int, Line]]
MOST_IN_A_WORKBOOK = 200_000
"""Lines. Nobody opens a larger workbook; CSV and JSON have no limit."""
CREATED = datetime(2025, 1, 1, tzinfo=UTC)
SUMS = ("by_class", "by_institution")


def head(filing: Filing) -> dict[str, Any]:
    """What the files say of the filing itself."""
    return {
        "format": FORMAT,
        "filing": f"{filing.place_code}-{filing.number}",
        "place": filing.place_code,
        "place_name": filing.place_name,
        "number": filing.number,
        "from": filing.period_from.isoformat(),
        "until": filing.period_until.isoformat(),
        "as_of": filing.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "log_size": filing.log_size,
        "id_numbers": "whole" if filing.full_numbers else "masked",
    }


def write_csv(out: BinaryIO, _filing: Filing, lines: Lines, _totals: dict[str, Any]) -> None:
    """One table, one heading: UTF-8 with its mark, CRLF, every cell quoted; no cell can become a formula."""
    _csv(out, [NAMES], ([_text(one) for one in cells(*line)] for line in lines))


def write_totals(out: BinaryIO, filing: Filing, _lines: Lines, totals: dict[str, Any]) -> None:
    """The sums of the whole filing, and of the changes, as a table."""
    _csv(out, [("part", "of", "code", "lines", "credits", "hours")], _totals_rows(totals))


def _csv(out: BinaryIO, heading: Iterable[Iterable[str]], rows: Iterable[Iterable[str]]) -> None:
    out.write(b"\xef\xbb\xbf")
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows(heading)
    writer.writerows(rows)
    text.detach()


def _text(cell: str | Decimal) -> str:
    return harmless(cell) if isinstance(cell, str) else str(cell)


def _totals_rows(totals: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """all, by class, by institution of the whole; then of each kind of change."""
    for part, sums in [("full", totals["full"]), *sorted(totals["delta"].items())]:
        yield (part, "all", "", *_sums(sums["all"]))
        for of in SUMS:
            for code, values in sorted(sums[of].items()):
                yield (part, of, harmless(code), *_sums(values))


def _sums(values: list[int]) -> tuple[str, str, str]:
    return (str(values[0]), str(exact(values[1])), str(exact(values[2])))


def write_json(out: BinaryIO, filing: Filing, lines: Lines, totals: dict[str, Any]) -> None:
    """One object: the filing, its totals, its lines in order, each line on a line of its own; amounts are texts."""
    first = json.dumps({"filing": head(filing), "totals": _json_totals(totals)}, ensure_ascii=False, indent=1)
    out.write(first.removesuffix("\n}").encode() + b',\n "lines": [')
    for number, line in enumerate(lines):
        row = dict(zip(NAMES, (str(one) for one in cells(*line)), strict=True))
        out.write(b",\n" if number else b"\n")
        out.write(json.dumps(row, ensure_ascii=False).encode())
    out.write(b"\n ]\n}\n")


def _json_totals(totals: dict[str, Any]) -> list[dict[str, str]]:
    names = ("part", "of", "code", "lines", "credits", "hours")
    return [dict(zip(names, row, strict=True)) for row in _totals_rows(totals)]


def write_xlsx(out: BinaryIO, filing: Filing, lines: Lines, totals: dict[str, Any]) -> None:
    """Three sheets: the lines, the totals, what the columns are. Texts are texts, amounts are numbers."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped] # noqa: PLC0415 - 2 MB, and few ask for it

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(out, options)
    book.set_properties({"title": head(filing)["filing"], "created": CREATED})
    number, bold = book.add_format({"num_format": "0.000"}), book.add_format({"bold": True})
    sheet = book.add_worksheet("lines")
    for column, (name, _) in enumerate(COLUMNS):
        sheet.set_column(column, column, WIDTHS.get(name, 14))
        sheet.write_string(0, column, name, bold)
    sheet.freeze_panes(1, 0)
    for row, line in enumerate(lines, start=1):
        for column, cell in enumerate(cells(*line)):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            else:
                # Thousandths far below 2^53: the nearest binary number shows as the decimal it is.
                sheet.write_number(row, column, float(cell), number)
    _sheet(book, "totals", [("part", "of", "code", "lines", "credits", "hours"), *_totals_rows(totals)], 16)
    about = [(name, str(value)) for name, value in head(filing).items()]
    _sheet(book, "about", [*about, ("", ""), *COLUMNS], 30)
    book.close()


def _sheet(book: Any, name: str, rows: Iterable[Iterable[str]], width: int) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 5, width)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)


Writer = Callable[[BinaryIO, Filing, Lines, dict[str, Any]], None]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Name of the file, whether it holds the changes only, its type, what writes it.
FILES: tuple[tuple[str, bool, str, Writer], ...] = (
    ("full.csv", False, "text/csv; charset=utf-8", write_csv),
    ("full.xlsx", False, XLSX, write_xlsx),
    ("full.json", False, "application/json", write_json),
    ("delta.csv", True, "text/csv; charset=utf-8", write_csv),
    ("delta.xlsx", True, XLSX, write_xlsx),
    ("delta.json", True, "application/json", write_json),
    ("totals.csv", False, "text/csv; charset=utf-8", write_totals),
)
TYPES = {name: mimetype for name, _, mimetype, _ in FILES}
