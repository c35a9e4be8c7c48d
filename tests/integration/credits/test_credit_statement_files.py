"""Statement and transcript as files: every figure as on the page, nothing that becomes a formula, the same
bytes for the same data."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from cast import Cast, Member
from credit_papers import csv_tables, tables_of, workbook_tables
from credit_stage import FACE, LECTURE, SAID, SELF_STUDY, award_of, record, writing
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from lms.credits import commands
from lms.kernel import clock

SignIn = Callable[[FlaskClient, Member], FlaskClient]
NUMBER = re.compile(r"[+-]?[\d,]+(?:\.\d+)?")
EVIL = (
    '=HYPERLINK("http://x","y")',
    "+1",
    "@SUM(A1)",
    "-2+3",
    "＝1+1",
    "tab\tinside",
    'a "quote"',
    "comma, and; semicolon",
    "line\nline",
    "emoji 🩺 讲座",
    "𠮷野家的课𬜬",
    "_x003D_1",
    "<b>&amp;</b>",
)


def lived(app: Flask, cast: Cast) -> None:
    """Two years with something of everything: capped, refused, returned, reversed, restored."""
    record(app, cast, cast.learner, **FACE)
    record(app, cast, cast.learner, **(FACE | {"on_date": date(2026, 8, 3)}))
    record(app, cast, cast.learner, **(SELF_STUDY | {"hours": Decimal("40.125")}))
    record(app, cast, cast.learner, **(SELF_STUDY | {"on_date": date(2026, 7, 20)}))
    many = LECTURE | {"quantity": Decimal(100), "hours": Decimal("1.5"), "on_date": date(2025, 4, 2)}
    record(app, cast, cast.learner, **many)
    record(app, cast, cast.learner, **(FACE | {"on_date": date(2025, 9, 1), "assessed": False}))
    returned, reversed_, restored = (award_of(app, cast, cast.learner) for _ in range(3))
    top = cast.province_auditor.actor
    with writing(app):
        commands.return_award(cast.county_auditor.actor, returned, version=1, **SAID)
        commands.reverse_award(top, reversed_, version=1, reason_code="absent", text="核实没有参加。")
        commands.reverse_award(top, restored, version=1, reason_code="mistake", text="看错了。")
    with writing(app):
        commands.approve_award(top, restored, version=2)


def words(cell: str) -> str:
    return " ".join(cell.split())


def figures(rows: list[list[str]]) -> list[list[str]]:
    return [[cell for cell in row if NUMBER.fullmatch(cell) or cell == "—"] for row in rows]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("year", [2025, 2026])
def test_each_figure_of_the_statement_is_the_pages(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, language: str, year: int
) -> None:
    lived(app, cast)
    sign_in(client, cast.learner)
    said = {"headers": {"Accept-Language": language}}
    page = client.get(f"/credits?year={year}", **said)
    _who, years, lines, account = csv_tables(client.get(f"/credits/statement.csv?year={year}", **said).data)
    sheets = list(workbook_tables(client.get(f"/credits/statement.xlsx?year={year}", **said).data).values())
    assert [sheet[-len(block) + 1 :] for sheet, block in zip(sheets, (years, lines, account), strict=True)] == [
        [*map(unescaped, block[1:])] for block in (years, lines, account)
    ]
    counted, uncounted, ledger = tables_of(page.text)
    # hours, computed, counted of what counts; the rest of what does not
    assert [row[:3] for row in counted.figures[1:-1]] == [row[4:7] for row in lines[2:-1] if counts(row)]
    assert [row[0] for row in uncounted.figures[1:-1]] == [row[7] for row in lines[2:-1] if is_uncounted(row)]
    total = lines[-1]
    assert (counted.figures[-1][0], counted.figures[-1][2], uncounted.figures[-1][0]) == (total[4], total[6], total[7])
    assert [[words(cell) for cell in row] for row in ledger.rows[1:]] == [shown(row, language) for row in account[2:]]
    # the summary is in sentences: each figure of the year's row stands in them
    summary = page.text[page.text.index('id="sum"') : page.text.index("</section>")]
    said_numbers = set(re.findall(r"[\d,]+(?:\.\d+)?", re.sub(r"<[^>]+>", " ", summary)))
    need_credits, need_hours, computed, counted_sum, _account, hours = years[2][1:7]
    assert {need_credits, need_hours, computed, counted_sum, hours} <= said_numbers


def counts(row: list[str]) -> bool:
    """Whether a line brings hours or credits."""
    return (row[4], row[6]) != ("0", "0.0")


def is_uncounted(row: list[str]) -> bool:
    return row[7] != "0.0" or row[6] == "0.0"


def unescaped(row: list[str]) -> list[str]:
    """A CSV row without the apostrophe that guards a text, as the workbook shows it."""
    return [cell[1:] if cell.startswith("'") else cell for cell in row]


def shown(row: list[str], language: str) -> list[str]:
    """A CSV row with its first cell as the page writes a day."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", row[0]):
        day = date.fromisoformat(row[0])
        zh = f"{day.year}年{day.month}月{day.day}日"
        return [zh if language == "zh" else f"{day.day} {day:%B} {day.year}", *map(words, row[1:])]
    return [words(cell) for cell in row]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_transcript_and_its_files_are_the_same_cells(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, language: str
) -> None:
    lived(app, cast)
    sign_in(client, cast.learner)
    said = {"headers": {"Accept-Language": language}}
    page = tables_of(client.get("/credits/transcript", **said).text)
    who, years, lines, account = csv_tables(client.get("/credits/transcript.csv", **said).data)
    sheets = workbook_tables(client.get("/credits/transcript.xlsx", **said).data)
    assert who[1][1] == cast.learner.name
    assert page[0].rows[0] == years[1]
    assert page[0].rows[1:] == years[2:]
    on_page = [row for table in page[1:-1] for row in table.figures[1:]]
    assert on_page == figures([row[4:] for row in lines[2:]])
    titles = [words(row[1]) for table in page[1:-1] for row in table.rows[1:]]
    assert titles == [words(row[2]) for row in lines[2:]]
    assert page[-1].figures[1:] == figures([row[3:] for row in account[2:]])
    for block, sheet in zip((years, lines, account), sheets.values(), strict=True):
        assert sheet[-len(block) + 1 :] == [unescaped(row) for row in block[1:]]
    # and as a reader that knows nothing of us reads the numbers
    read = CalamineWorkbook.from_filelike(BytesIO(client.get("/credits/transcript.xlsx", **said).data))
    amounts = [row[5] for row in read.get_sheet_by_index(1).to_python()[1:]]
    assert [Decimal(str(amount)) for amount in amounts] == [Decimal(row[5].replace(",", "")) for row in lines[2:]]


def evil_record(app: Flask, cast: Cast, title: str, number: int) -> None:
    day = date(2026, 2, 1 + number)
    record(app, cast, cast.learner, **(LECTURE | {"title": {"zh": title, "en": title}, "on_date": day}))


def test_no_text_becomes_a_formula(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    for number, title in enumerate(EVIL):
        evil_record(app, cast, title, number)
    sign_in(client, cast.learner)
    body = client.get("/credits/statement.csv?year=2026").data
    blocks = csv_tables(body)
    for row in (row for block in blocks for row in block):
        for cell in row:
            assert cell.lstrip()[:1] not in tuple("=+-@＝＋－＠\t\r") or NUMBER.fullmatch(cell), cell
    lines = blocks[2]
    titles = [row[2] for row in lines[2:-1]]
    assert [title.removeprefix("'") for title in titles] == list(EVIL)
    assert [title for title in titles if title.startswith("'")] == [f"'{title}" for title in EVIL[:5]]
    workbook = client.get("/credits/statement.xlsx?year=2026").data
    assert [row[2] for row in workbook_tables(workbook)["明细"][1:-1]][:11] == list(EVIL[:11])
    read = CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_name("明细").to_python()
    assert [row[2] for row in read[1:-1]] == list(EVIL)
    page = client.get("/credits?year=2026").text
    assert "<b>&amp;amp;</b>" not in page
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;" in page


def test_the_same_data_give_the_same_bytes(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    lived(app, cast)
    sign_in(client, cast.learner)
    for address in ("statement.csv?year=2026", "statement.xlsx?year=2026", "transcript.csv", "transcript.xlsx"):
        first = client.get(f"/credits/{address}").data
        with clock.held_at(clock.now()):
            assert client.get(f"/credits/{address}").data == first


@pytest.mark.parametrize(
    ("address", "name", "kind"),
    [
        ("statement.csv?year=2025", "xinglin-credits-2025.csv", "text/csv"),
        ("statement.xlsx?year=2026", "xinglin-credits-2026.xlsx", "spreadsheetml"),
        ("transcript.csv", "xinglin-credits-all-years.csv", "text/csv"),
        ("transcript.xlsx", "xinglin-credits-all-years.xlsx", "spreadsheetml"),
    ],
)
def test_a_file_is_saved_under_a_name_that_names_nobody(
    cast: Cast, client: FlaskClient, sign_in: SignIn, address: str, name: str, kind: str
) -> None:
    answer = sign_in(client, cast.learner).get(f"/credits/{address}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert kind in answer.headers["Content-Type"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    if name.endswith("csv"):
        assert answer.data.startswith(b"\xef\xbb\xbf")


def test_the_workbook_is_ready_to_print(cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    body = sign_in(client, cast.learner).get("/credits/transcript.xlsx").data
    with ZipFile(BytesIO(body)) as packed:
        sheet = packed.read("xl/worksheets/sheet2.xml").decode()
        book = packed.read("xl/workbook.xml").decode()
        core = packed.read("docProps/core.xml").decode()
        styles = packed.read("xl/styles.xml").decode()
    assert 'paperSize="9"' in sheet
    assert 'state="frozen"' in sheet
    assert "<cols>" in sheet
    assert "_xlnm.Print_Titles" in book
    assert "2025-01-01T00:00:00Z" in core
    assert 'name val="Microsoft YaHei"' in styles
    assert "<scheme" not in styles, "the theme's font would stand before ours"


@pytest.mark.parametrize("year", ["", "x", "99999", "٢٠٢٦"])
def test_a_senseless_year_makes_this_years_file(cast: Cast, client: FlaskClient, sign_in: SignIn, year: str) -> None:
    answer = sign_in(client, cast.learner).get("/credits/statement.csv", query_string={"year": year})
    assert f"xinglin-credits-{clock.today().year}.csv" in answer.headers["Content-Disposition"]


def test_nobody_and_no_other_format(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    answer = client.get("/credits/statement.csv")
    assert (answer.status_code, answer.location.startswith("/sign-in?")) == (303, True)
    assert sign_in(client, cast.learner).get("/credits/statement.pdf").status_code == 404


