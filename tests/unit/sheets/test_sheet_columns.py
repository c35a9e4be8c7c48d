"""Cells as spreadsheets leave them: days, numbers that were cut, formulas that failed, merged cells."""

import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from lms.sheets.columns import Column, Wrong, day, number_text, read_lines, text
from lms.sheets.incoming.tables import Row, UnreadableFileError, read_table
from lms.sheets.incoming.workbook import LateNumber, Number

DAYS = st.dates(min_value=date(1910, 2, 1), max_value=date(2199, 12, 31))  # before, a stored day looks like a year
NAMES = {"a": "a", "b": "b"}


def said(cell: str) -> str:
    with pytest.raises(Wrong) as caught:
        day(cell)
    return str(caught.value)


@given(DAYS)
def test_a_day_is_the_same_however_it_is_written(on: date) -> None:
    written = [
        on.isoformat(), f"{on.year}/{on.month}/{on.day}", f"{on.year}.{on.month}.{on.day}",
        f"{on.year}年{on.month}月{on.day}日", on.strftime("%Y%m%d"), f"{on.isoformat()} 00:00:00",
        Number((on - date(1899, 12, 30)).days), LateNumber((on - date(1904, 1, 1)).days), Number(on.strftime("%Y%m%d")),
        Number(f"{(on - date(1899, 12, 30)).days}.75"),
    ]  # fmt: skip
    assert {day(one) for one in written} == {on}


@given(DAYS, st.booleans())
def test_a_day_of_a_real_workbook_comes_back(on: date, late: bool) -> None:
    out = io.BytesIO()
    book = Workbook(out, {"date_1904": late})
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "a")
    sheet.write_datetime(1, 0, on, book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    (row,) = read_table(out.getvalue(), NAMES, ["a"], typed=True).rows
    assert day(row.cells["a"]) == on


def test_the_first_days_of_1900_and_the_day_that_never_was() -> None:
    assert day(Number("1")) == date(1900, 1, 1)
    assert day(Number("59")) == date(1900, 2, 28)
    assert day(Number("61")) == date(1900, 3, 1)
    assert day(LateNumber("0")) == date(1904, 1, 1)
    assert "看不出" in said(Number("60"))


@pytest.mark.parametrize(
    "cell", ["03/04/2024", "3-4-24", "2024", "2024-13-01", "2023-02-29", "45292", "明天", "2024-03-01 08:30", "1e400"]
)
def test_what_is_no_clear_day_is_refused(cell: str) -> None:
    assert "看不出" in said(cell)


def test_days_out_of_all_reason_are_refused() -> None:
    assert "这一天不对" in said("1066-10-14")
    assert "这一天不对" in said("2999-01-01")


CUT = ["1.10101197506E+17", "1.1E17", Number("110101197506120000"), Number("1.1010119750612E+17")]


@pytest.mark.parametrize("cell", CUT)
def test_a_number_that_was_cut_is_flagged(cell: str) -> None:
    with pytest.raises(Wrong, match="后几位已经丢了"):
        number_text(cell)


@given(st.integers(0, 10**15 - 1))
def test_a_number_that_a_spreadsheet_keeps_whole_is_read_whole(number: int) -> None:
    assert number_text(Number(f"{number}")) == str(number)
    assert number_text(Number(f"{number}.0")) == str(number)


def test_signs_that_nobody_sees_are_no_part_of_a_number() -> None:
    assert number_text("\u202a00000000001\u202c\u200b") == "00000000001"


def test_what_a_formula_left_is_named_with_its_row_and_column() -> None:
    columns = [Column("a", "甲", text(5), ""), Column("b", "乙", day, "")]
    lines, faults = read_lines(columns, [Row(2, {"a": "#N/A", "b": "x"}), Row(3, {"a": "好", "b": ""})])
    assert [(one.line, one.column) for one in faults] == [(2, "a"), (2, "b")]
    assert "#N/A" in str(faults[0].message)
    assert [(one.number, one.values) for one in lines] == [(3, {"a": "好", "b": None})]


def merged(cells: str) -> bytes:
    out = io.BytesIO()
    book = Workbook(out)
    sheet = book.add_worksheet()
    for row, texts in enumerate((["a", "b"], ["1", "2"], ["3", "4"])):
        sheet.write_row(row, 0, texts)
    sheet.merge_range(cells, "")
    book.close()
    return out.getvalue()


@pytest.mark.parametrize("cells", ["A2:A3", "A1:B1", "B3:D9"])
def test_merged_cells_in_use_are_refused_by_name(cells: str) -> None:
    with pytest.raises(UnreadableFileError, match=f"{cells} 是合并的单元格"):
        read_table(merged(cells), NAMES, ["a"])


def test_merged_cells_beside_the_table_do_no_harm() -> None:
    assert len(read_table(merged("F2:G9"), NAMES, ["a"]).rows) == 2


def test_text_parted_by_tabs_is_read() -> None:
    (row,) = read_table("a\tb\r\n一,二\t三\r\n".encode("utf-16"), NAMES, ["a"]).rows
    assert dict(row.cells) == {"a": "一,二", "b": "三"}


def test_a_span_of_days_apart_is_a_span_of_numbers_apart() -> None:
    assert day(Number("45352")) - day(Number("45292")) == timedelta(days=60)


@pytest.mark.parametrize("stored", ["2024", "2024.3", "1999"])
def test_a_year_is_no_day(stored: str) -> None:
    """Excel keeps 2024.3 as a number; read as a day it would be one of 1905."""
    with pytest.raises(Wrong):
        day(Number(stored))
