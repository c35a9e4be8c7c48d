"""Reading what a statement is given as: the tables of a page, of a CSV file, of a workbook."""

import csv
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from io import BytesIO, StringIO
from xml.etree import ElementTree

M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass
class PageTable:
    """A table as a reader sees it; `figures` are the cells that hold numbers."""

    label: str
    rows: list[list[str]] = field(default_factory=list)
    figures: list[list[str]] = field(default_factory=list)


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[PageTable] = []
        self.heading = ""
        self._in_heading = self._in_cell = self._numeric = self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "h2":
            self.heading, self._in_heading = "", True
        elif tag == "table":
            self.found.append(PageTable(a.get("aria-label") or self.heading))
            self._open = True
        elif self._open and tag == "tr":
            self.found[-1].rows.append([])
            self.found[-1].figures.append([])
        elif self._open and tag in ("td", "th"):
            self.found[-1].rows[-1].append("")
            self._in_cell, self._numeric = True, "num" in (a.get("class") or "").split()
            if self._numeric:
                self.found[-1].figures[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.heading += data
        if self._open and self._in_cell:
            self.found[-1].rows[-1][-1] += data
            if self._numeric:
                self.found[-1].figures[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "h2":
            self._in_heading = False
        elif tag in ("td", "th"):
            self._in_cell = False
        elif tag == "table":
            self._open = False


def tables_of(page: str) -> list[PageTable]:
    """All tables of a page, in order."""
    reader = _Tables()
    reader.feed(page)
    return reader.found


def csv_tables(body: bytes) -> list[list[list[str]]]:
    """The blocks of a CSV file: who it is about, then each table with title and heading."""
    text = body.decode("utf-8-sig")
    assert "\n" not in re.sub(r'"[^"]*"', "", text).replace("\r\n", ""), "rows end with CRLF"
    blocks: list[list[list[str]]] = [[]]
    for row in csv.reader(StringIO(text, newline="")):
        if row:
            blocks[-1].append(row)
        else:
            blocks.append([])
    return blocks


def workbook_tables(body: bytes) -> dict[str, list[list[str]]]:
    """Each sheet's rows as a spreadsheet would show them: numbers under their own number format."""
    with zipfile.ZipFile(BytesIO(body)) as packed:
        names = [one.get("name", "") for one in _xml(packed, "xl/workbook.xml").iter(f"{M}sheet")]
        formats = _formats(_xml(packed, "xl/styles.xml"))
        return {
            name: _rows(_xml(packed, f"xl/worksheets/sheet{number}.xml"), formats)
            for number, name in enumerate(names, start=1)
        }


def _xml(packed: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(packed.read(name))


def _formats(styles: ElementTree.Element) -> list[str]:
    codes = {one.get("numFmtId"): one.get("formatCode", "") for one in styles.iter(f"{M}numFmt")}
    codes |= {"0": "General", "1": "0", "3": "#,##0", "4": "#,##0.00", "49": "@"}
    cells = styles.find(f"{M}cellXfs")
    assert cells is not None
    return [codes[one.get("numFmtId")] for one in cells]


def _rows(sheet: ElementTree.Element, formats: list[str]) -> list[list[str]]:
    assert not list(sheet.iter(f"{M}f")), "no formula anywhere"
    return [[_shown(cell, formats) for cell in row] for row in sheet.iter(f"{M}row")]


def _shown(cell: ElementTree.Element, formats: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{M}t"))
    value = cell.find(f"{M}v")
    if value is None or value.text is None:
        return ""
    return shown_as(float(value.text), formats[int(cell.get("s", "0"))])


def shown_as(number: float, code: str) -> str:
    """A number under one of the formats our workbooks use."""
    if "yyyy" in code:
        return (date(1899, 12, 30) + timedelta(days=int(number))).isoformat()
    plain = re.fullmatch(r"(\+?)(#,##)?0(?:\.(0+))?(?:;.*)?", code)
    assert plain is not None, code
    places = len(plain[3] or "")
    text = f"{abs(number):,.{places}f}" if plain[2] else f"{abs(number):.{places}f}"
    sign = "-" if number < 0 else plain[1] if number > 0 else ""
    return sign + text
