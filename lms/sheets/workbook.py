"""A document as XLSX: a sheet for each table, texts as texts, figures as numbers that show as on the page.

The same document gives the same bytes: the file's date is fixed, and nothing in it tells the time. The library is
imported with the first workbook: few ask for one, and it weighs 2 MB.
"""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from lms.kernel.i18n import locale
from lms.sheets.cells import Cell, Document, Figure, Row, Table

# The library has no types.
Format = Any
Sheet = Any
# On every Windows and in WPS; elsewhere the program takes its own font for Chinese.
FONT = {"font_name": "Microsoft YaHei", "font_scheme": "none", "font_size": 10, "valign": "top"}
OPTIONS = {
    "constant_memory": True,
    # What somebody wrote stays text, whatever it looks like.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
CREATED = datetime(2025, 1, 1, tzinfo=UTC)
A4 = 9
DATES = {"zh": 'yyyy"年"m"月"d"日"', "en": "[$-409]d mmmm yyyy"}
BOLD = ("total", "head", "title")


class _Book:
    """The workbook with its formats, each made once."""

    def __init__(self, out: BytesIO) -> None:
        from xlsxwriter import Workbook  # type: ignore[import-untyped] # noqa: PLC0415

        self.book = Workbook(out, {**OPTIONS, "default_format_properties": dict(FONT)})
        self._formats: dict[tuple[str, str, bool], Format] = {}

    def format(self, number: str, role: str, wrap: bool = False) -> Format:
        """The format of a cell: its number format, whether it stands in a heading or a sum, and wraps."""
        key = (number, role, wrap)
        if key not in self._formats:
            lines = {"bottom": int(role == "head"), "top": int(role == "total")}
            bold = {"bold": role in BOLD, "text_wrap": wrap}
            self._formats[key] = self.book.add_format({"num_format": number, **bold, **lines})
        return self._formats[key]


def number_format(figure: Figure) -> str:
    """The format under which a spreadsheet shows the figure as `Figure.text` does."""
    decimals = len(figure.text.partition(".")[2])
    plain = "#,##0" + (f".{'0' * decimals}" if decimals else "")
    return f"+{plain};-{plain};{plain}" if figure.signed else plain


def xlsx_bytes(document: Document) -> bytes:
    """The whole document; who it is about stands above the first table and over every printed page."""
    out = BytesIO()
    made = _Book(out)
    made.book.set_properties({"title": document.title, "created": CREATED})
    for number, table in enumerate(document.tables):
        sheet = made.book.add_worksheet(table.title)
        _page(sheet, document)
        for column, one in enumerate(table.columns):
            sheet.set_column(column, column, one.width)
        row = _who(made, sheet, document) if number == 0 else 0
        sheet.freeze_panes(row + 1, 0)
        sheet.repeat_rows(row)
        _table(made, sheet, table, row)
    made.book.close()
    return out.getvalue()


def _page(sheet: Sheet, document: Document) -> None:
    """A4 across, as wide as the sheet of paper, with name and number of the page."""
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
    name = document.facts[0][1].replace("&", "&&")
    sheet.set_header(f"&L{document.title}&R{name}")
    sheet.set_footer("&C&P / &N")


def _who(made: _Book, sheet: Sheet, document: Document) -> int:
    """Title and facts at the top; the row after them."""
    sheet.write_string(0, 0, document.title, made.format("@", "title"))
    for row, (label, value) in enumerate(document.facts, start=1):
        sheet.write_string(row, 0, label, made.format("@", "line"))
        sheet.write_string(row, 1, value, made.format("@", "line"))
    return len(document.facts) + 2


def _table(made: _Book, sheet: Sheet, table: Table, start: int) -> None:
    for column, one in enumerate(table.columns):
        sheet.write_string(start, column, one.title, made.format("@", "head", wrap=True))
    for number, row in enumerate(table.rows, start=start + 1):
        _row(made, sheet, number, row)


def _row(made: _Book, sheet: Sheet, number: int, row: Row) -> None:
    for column, cell in enumerate(row.cells):
        _cell(made, sheet, (number, column), cell, row.role)


def _cell(made: _Book, sheet: Sheet, at: tuple[int, int], cell: Cell, role: str) -> None:
    if isinstance(cell, Figure):
        # Thousandths at most and far below 2^53: the nearest binary number shows as the decimal it is.
        sheet.write_number(*at, float(cell.amount), made.format(number_format(cell), role))
    elif isinstance(cell, date):
        sheet.write_datetime(*at, cell, made.format(DATES[locale()], role))
    elif isinstance(cell, int):
        sheet.write_number(*at, cell, made.format("0", role))
    elif cell:
        sheet.write_string(*at, cell, made.format("@", role, wrap=True))
    else:
        sheet.write_blank(*at, "", made.format("@", role))
