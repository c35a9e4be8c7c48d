"""Cells of the files: texts that cannot become formulas, figures that a workbook shows as the page does."""

import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "integration" / "credits"))

from credit_papers import csv_tables, shown_as

from lms.sheets.cells import Column, Document, Figure, Row, Table
from lms.sheets.text_file import LEADS, SKIPPED, csv_bytes, harmless
from lms.sheets.workbook import number_format, xlsx_bytes

amounts = st.integers(-999_999_999, 999_999_999).map(lambda milli: Decimal(milli) / 1000)


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\tx", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", "  =1", "\ufeff=1", "\u3000@x"]
)
def test_what_a_spreadsheet_takes_for_a_formula_is_made_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "讲座", "a=b", "2026-14-00-007", "'=1", "—", "（=1）"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_no_text_leads_a_cell_with_a_formula(text: str) -> None:
    assert harmless(text).lstrip(SKIPPED)[:1] not in LEADS
    assert harmless(text).removeprefix("'") == text.removeprefix("'")


@given(amounts, st.booleans(), st.booleans())
def test_a_workbook_shows_a_figure_as_the_page_does(amount: Decimal, whole: bool, signed: bool) -> None:
    figure = Figure(amount, whole=whole, signed=signed)
    assert shown_as(float(amount), number_format(figure)) == figure.text


def document(cells: tuple[Figure | str, ...]) -> Document:
    columns = tuple(Column(f"c{number}", 10) for number in range(len(cells)))
    return Document("name", "题目", (("姓名", "=cmd"),), (Table("表", columns, (Row(cells),)),))


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"))), min_size=1, max_size=4))
def test_a_csv_file_is_read_back(texts: list[str]) -> None:
    who, table = csv_tables(csv_bytes(document(tuple(texts))))
    assert who == [["题目"], ["姓名", "'=cmd"]]
    assert [cell.removeprefix("'") for cell in table[2]] == [text.removeprefix("'") for text in texts]


def test_the_same_document_gives_the_same_workbook() -> None:
    made = document((Figure(Decimal("1234.5")), "讲座"))
    assert xlsx_bytes(made) == xlsx_bytes(made)
