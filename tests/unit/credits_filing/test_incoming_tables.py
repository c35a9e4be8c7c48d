"""Tables from outside: told by content, read within limits, hostile files refused without being unpacked."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
from xlsxwriter import Workbook

from lms.sheets.incoming.tables import MOST_ROWS, UnreadableFileError, read_table

NAMES = {"a": "a", "甲": "a", "b": "b"}
MEGABYTE = 1024 * 1024


def book(write: Callable[[Workbook], None]) -> bytes:
    out = io.BytesIO()
    made = Workbook(out, {"constant_memory": True})
    write(made)
    made.close()
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, content if one == name else old.read(one))
    return out.getvalue()


def plain() -> bytes:
    def write(made: Workbook) -> None:
        sheet = made.add_worksheet()
        for row, cells in enumerate((["甲", "b"], ["1", "二"], [], ["3", ""])):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)

    return book(write)


def said(data: bytes) -> str:
    with pytest.raises(UnreadableFileError) as caught:
        read_table(data, NAMES, ["a"])
    return str(caught.value)


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def test_a_workbook_is_read_with_its_line_numbers() -> None:
    found = read_table(plain(), NAMES, ["a", "b"])
    assert found.encoding == "XLSX"
    assert [(row.line, dict(row.cells)) for row in found.rows] == [(2, {"a": "1", "b": "二"}), (4, {"a": "3", "b": ""})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_text_is_read_in_its_encoding(encoding: str) -> None:
    found = read_table("甲,b\r\n䶮,\"两\r\n行\"\r\n\r\n'=1,x\r\n".encode(encoding), NAMES, ["a"])
    assert [(row.line, dict(row.cells)) for row in found.rows] == [
        (2, {"a": "䶮", "b": "两\r\n行"}),
        (5, {"a": "=1", "b": "x"}),
    ]


def test_a_sheet_that_unpacks_to_a_gigabyte_is_refused_in_little_memory() -> None:
    row = b'<row><c t="inlineStr"><is><t>' + b"x" * 1000 + b"</t></is></c></row>"
    bomb = SHEET.format("").encode().replace(b"</sheetData>", row * 300_000 + b"</sheetData>")
    data = with_part(plain(), "xl/worksheets/sheet1.xml", bomb)
    assert len(data) < 3 * MEGABYTE
    del bomb
    tracemalloc.start()
    assert "表格太大" in said(data)
    assert tracemalloc.get_traced_memory()[1] < 150 * MEGABYTE
    tracemalloc.stop()


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="XFD1" t="inlineStr"><is><t>b</t></is></c></row>',
        '<row r="1">' + '<c t="inlineStr"><is><t>a</t></is></c>' * 1_000_000 + "</row>",
    ],
    ids=["far-out", "a-million"],
)
def test_too_many_columns_are_refused(cells: str) -> None:
    assert "表格太大" in said(with_part(plain(), "xl/worksheets/sheet1.xml", SHEET.format(cells).encode()))


def test_a_million_columns_of_text_are_refused() -> None:
    assert "列太多" in said(b"a,b\r\n" + b"x," * 1_000_000)


def test_too_many_rows_are_refused() -> None:
    assert "请分成几个" in said(b"a\r\n" + b"1\r\n" * (MOST_ROWS + 1))


def test_entities_are_refused() -> None:
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + SHEET.format("<row/>").encode()
    assert "不是能读的 XLSX" in said(with_part(plain(), "xl/worksheets/sheet1.xml", evil))


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_workbook_that_was_cut_off_is_refused(cut: float) -> None:
    data = plain()
    assert "不是能读的 XLSX" in said(data[: int(len(data) * cut)])


def test_a_shared_text_that_is_not_there_is_refused() -> None:
    cells = '<row r="1"><c r="A1" t="s"><v>99</v></c></row>'
    assert "不是能读的 XLSX" in said(with_part(plain(), "xl/worksheets/sheet1.xml", SHEET.format(cells).encode()))


def test_short_and_long_lines_are_faults_of_their_own() -> None:
    found = read_table(b"a,b\r\n1\r\n1,2\r\n1,2,3\r\n" + b"1," + b"x" * 2001 + b"\r\n", NAMES, ["a"])
    assert [row.line for row in found.rows] == [3]
    assert [fault.line for fault in found.faults] == [2, 4, 5]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "空的"), (b"\xef\xbb\xbf", "空的"), (b"a,b\r\n", "只有标题行"), (b"c,d\r\n1,2\r\n", "缺少：a"),
        ("甲,a\r\n1,2\r\n".encode(), "有两列"), (b'a\r\n"x', "不完整"), (b"a\r\n\0", "不是文字"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_said(data: bytes, why: str) -> None:
    assert why in said(data)
