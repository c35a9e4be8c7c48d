"""All years in one, the classes of a year, and an account that adds up."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member
from credit_papers import csv_tables, tables_of
from credit_stage import FACE, LECTURE, SAID, award_of, ledger_sum, reading, record, writing
from flask import Flask
from flask.testing import FlaskClient
from house_rules import OLD_RULES, under
from sqlalchemy import insert, select

from lms.credits import commands, queries
from lms.credits.models import LedgerEntry
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.quantities import to_milli

SignIn = Callable[[FlaskClient, Member], FlaskClient]
Count = Callable[[], Any]
NATIONAL: dict[str, Any] = {
    "kind": "national_project",
    "title": {"zh": "国家级心电图班", "en": "National ECG course"},
    "on_date": date(2023, 5, 10),
    "hours": Decimal(18),
    "project_number": "2023-01-01-001",
    "assessed": True,
}
REVIEW: dict[str, Any] = {
    "kind": "unit_lecture",
    "title": {"zh": "手卫生", "en": "Hand hygiene"},
    "on_date": date(2023, 6, 1),
    "hours": Decimal(2),
    "quantity": Decimal(4),
    "unit": "items",
}


def reverse(app: Flask, cast: Cast, award_id: UUID, *, restore: bool = False) -> None:
    top = cast.province_auditor.actor
    with writing(app):
        commands.reverse_award(top, award_id, version=1, reason_code="absent", text="核实没有参加。")
    if restore:
        with writing(app):
            commands.approve_award(top, award_id, version=2)


def test_corrections_are_lines_of_their_own_and_add_up(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn
) -> None:
    record(app, cast, cast.learner, **FACE)
    taken, given_back, waiting = (award_of(app, cast, cast.learner) for _ in range(3))
    reverse(app, cast, taken)
    reverse(app, cast, given_back, restore=True)
    with writing(app):
        commands.return_award(cast.county_auditor.actor, waiting, version=1, **SAID)
    sign_in(client, cast.learner)
    for address in ("/credits?year=2026", "/credits/transcript"):
        account = tables_of(client.get(address).text)[-1]
        assert account.rows[1] == ["", "没有更正过的授予，共 2 条", "", "+10.5"]
        assert [row[2:] for row in account.rows[2:7]] == [
            ["授予", "+0.5"],
            ["授予", "+0.5"],
            ["撤销学分：核实没有参加", "-0.5"],
            ["撤销学分：核实没有参加", "-0.5"],
            ["恢复学分：核对无误", "+0.5"],
        ]
        assert [row[1:] for row in account.rows[7:]] == [
            ["账上合计", "", "11.0"],
            ["其中计入", "", "10.5"],
            ["其中等补充", "", "0.5"],
        ]
        assert cast.province_auditor.name not in client.get(address).text
    assert ledger_sum(app, cast.learner) == 11000


def test_an_account_that_does_not_agree_is_told(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    award_id = award_of(app, cast, cast.learner)
    sign_in(client, cast.learner)
    assert "账上合计和明细对不上" not in client.get("/credits?year=2026").text
    with writing(app):
        line = session().execute(select(LedgerEntry.__table__).where(LedgerEntry.award_id == award_id)).mappings().one()
        forged = dict(line) | {"id": new_id(), "sequence": 3, "person_sequence": 2}
        session().execute(insert(LedgerEntry).values(forged))
    for address in ("/credits?year=2026", "/credits/transcript"):
        assert "账上合计和明细对不上" in client.get(address).text


def test_every_line_with_hours_is_in_the_sum_of_hours(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn
) -> None:
    """An award of which the year counts nothing more still brings its hours."""
    for day in (1, 2):
        study = {"kind": "self_study", "hours": Decimal(23), "on_date": date(2026, 3, day)}
        record(app, cast, cast.learner, **(LECTURE | study | {"unit": "hours", "quantity": None}))
    study["on_date"] = date(2026, 3, 3)
    record(app, cast, cast.learner, **(LECTURE | study | {"unit": "hours", "quantity": None}))
    counted = tables_of(sign_in(client, cast.learner).get("/credits?year=2026").text)[0]
    assert [row[0] for row in counted.figures[1:]] == ["23", "23", "23", "69"]
    assert counted.figures[3] == ["23", "7.67", "0.0"]


def test_an_activity_that_earns_nothing_at_all_is_listed_with_its_reason(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn
) -> None:
    tiny = {"kind": "self_study", "hours": Decimal("0.001"), "unit": "hours", "quantity": None}
    record(app, cast, cast.learner, **(LECTURE | tiny))
    page = sign_in(client, cast.learner).get("/credits?year=2026").text
    assert "时间太短" in page
    assert tables_of(page)[0].figures[1] == ["0.0"]


def test_a_year_in_which_nothing_was_done_is_a_year(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn
) -> None:
    record(app, cast, cast.learner, **(FACE | {"on_date": date(2025, 3, 1)}))
    page = sign_in(client, cast.learner).get("/credits/transcript").text
    years = tables_of(page)[0]
    this = clock.today().year
    assert [row[0] for row in years.rows[1:]] == [*map(str, range(2025, this + 1)), "合计"]
    assert years.rows[1][1:8] == ["25", "90", "11.0", "10.0", "10.0", "33", "还差 15.0 学分、57 学时。"]
    assert years.rows[2][3:8] == ["0.0", "0.0", "0.0", "0", "还差 25.0 学分、90 学时。"]
    assert "对不上" not in page


def test_the_old_classes_are_told_apart(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, tmp_path: Path
) -> None:
    with under(app, tmp_path / "rules", OLD_RULES) as old:
        record(old, cast, cast.learner, **NATIONAL)
        record(old, cast, cast.learner, **REVIEW)
        taken = award_of(old, cast, cast.learner, **(REVIEW | {"on_date": date(2023, 7, 1)}))
        reverse(old, cast, taken)
        browser = sign_in(old.test_client(), cast.learner)
        lacking = tables_of(browser.get("/credits?year=2023").text)[0]
        assert [row[-1] for row in lacking.rows[1:]] == ["够了", "13.0"]
        # a year of study stands for the whole year and is in neither class
        record(old, cast, cast.learner, **(REVIEW | {"kind": "degree_study", "quantity": Decimal(1)}))
        page = browser.get("/credits?year=2023").text
        classes = tables_of(page)[0]
        assert classes.rows[1:] == [
            ["I类学分", "6.0", "6.0", "5", "10", "够了"],
            ["II类学分", "2.0", "2.0", "15", "20", "够了"],
            ["不分类", "25.0", "25.0", "—", "—", "—"],
        ]
        account = tables_of(page)[-1]
        total = next(row[-1] for row in account.rows if row[1] == "账上合计")
        assert Decimal(total) == sum(Decimal(row[1]) for row in classes.rows[1:])
        assert ledger_sum(old, cast.learner) == to_milli(Decimal(total))
        transcript = tables_of(browser.get("/credits/transcript").text)
        assert transcript[1].rows == classes.rows
        lines = transcript[2].rows
        assert [row[3] for row in lines[1:] if row[0] == "小计"] == ["II类学分"]
        blocks = csv_tables(browser.get("/credits/transcript.csv").data)
        assert [row[1:] for row in blocks[2][2:] if row[0] == "2023"] == classes.rows[1:]
        english = tables_of(browser.get("/credits?year=2023", headers={"Accept-Language": "en"}).text)[0]
        assert [row[0] for row in english.rows] == ["Class", "Class I credits", "Class II credits", "No class"]


def test_a_year_without_a_rule_in_force_is_not_judged(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, tmp_path: Path
) -> None:
    """Awarded when the old rules were in force here; now nothing governs the year."""
    with under(app, tmp_path / "rules", OLD_RULES) as old:
        record(old, cast, cast.learner, **NATIONAL)
        record(old, cast, cast.learner, **REVIEW)
    sign_in(client, cast.learner)
    page = client.get("/credits?year=2023").text
    assert "系统里没有 2023 年生效的规则集" in page
    assert "还差" not in re.sub(r"<thead>.*?</thead>", "", page, flags=re.DOTALL)
    assert "没有计入，原因在这里" not in page
    tables = tables_of(page)
    assert [row[2] for row in tables[0].rows[1:]] == ["—", "—"]
    unjudged = next(table for table in tables if table.label == "没有规则集，不判断")
    assert unjudged.figures[1:] == [["18", "6.0"], ["2", "2.0"]]
    assert ["", "其中没有规则、不判断", "", "8.0"] in tables[-1].rows
    years = tables_of(client.get("/credits/transcript").text)[0]
    assert years.rows[1][:7] == ["2023", "—", "—", "8.0", "—", "8.0", "20"]
    assert "系统里没有 2023 年生效的规则集" in years.rows[1][7]
    assert years.rows[2][0] == "2024"
    blocks = csv_tables(client.get("/credits/statement.csv?year=2023").data)
    assert [row[7:9] for row in blocks[3][2:]] == [["—", "—"]] * 3


def test_the_transcript_and_the_statement_keep_their_statements(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, count_sql: Count, tmp_path: Path
) -> None:
    """However many years and lines there are; the session's own statement counted."""
    with under(app, tmp_path / "rules", OLD_RULES) as old:
        for year in (2021, 2022, 2023, 2024):
            record(old, cast, cast.learner, **(REVIEW | {"on_date": date(year, 3, 1)}))
    for day in range(1, 11):
        lecture = award_of(app, cast, cast.learner, **(LECTURE | {"on_date": date(2026, 5, day)}))
        reverse(app, cast, lecture, restore=True)
    sign_in(client, cast.learner)
    addresses = ("", "/transcript", "/statement.csv", "/statement.xlsx", "/transcript.csv", "/transcript.xlsx")
    for address in [f"/credits{end}" for end in addresses]:
        client.get(address)
        with count_sql() as statements:
            assert client.get(address).status_code == 200
        assert 0 < len(statements) <= 7, (address, "\n\n".join(statements))


@pytest.mark.parametrize("address", ["/credits/transcript", "/credits/transcript.csv", "/credits/statement.xlsx"])
def test_a_doctor_sees_her_own_years_only(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, address: str
) -> None:
    record(app, cast, cast.colleague, **FACE)
    answer = sign_in(client, cast.learner).get(address)
    assert answer.status_code == 200
    assert "县域急诊".encode() not in answer.data
    with reading(app):
        assert not queries.transcript(cast.learner.person_id).account.total
