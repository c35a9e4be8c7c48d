"""A filing: frozen, the same bytes for ever, equal to the ledger, and only what changed since the last one."""

import hashlib
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast, id_number
from credit_stage import FACE, LECTURE, SELF_STUDY, award_of, ledger_sum, reading, writing
from filing_stage import FILES, LIST, Office
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from lms.credits import commands
from lms.credits.filing import making
from lms.kernel import audit, clock, outbox
from lms.kernel.db import session
from lms.people import commands as people

SAID = {"reason_code": "absent", "text": "核实后没有参加。"}


@pytest.fixture
def office(app: Flask, cast: Cast, sign_in: Callable, work_off: Callable) -> Office:  # type: ignore[type-arg]
    return Office(app, cast, sign_in(app.test_client(), cast.admin), work_off)


def reverse(app: Flask, cast: Cast, award: UUID) -> None:
    with writing(app):
        commands.reverse_award(cast.county_auditor.actor, award, version=1, **SAID)


def test_the_files_are_the_ledger(app: Flask, cast: Cast, office: Office) -> None:
    face, lecture = award_of(app, cast, cast.learner, **FACE), award_of(app, cast, cast.colleague)
    page = office.make()
    rows = office.rows(page, "full.csv")
    assert {row["row"]: row["change"] for row in rows} == {str(face): "standing", str(lecture): "standing"}
    mine = next(row for row in rows if row["row"] == str(face))
    assert (mine["institution_code"], mine["kind"]) == ("LB-YL-LX-SM", "promotion_project")
    assert (mine["project_number"], mine["date"]) == (FACE["project_number"], "2026-05-15")
    assert mine["policy"].startswith("CN-2025:")
    assert "*" in mine["id_number"]
    total = sum(Decimal(row["credits"]) for row in rows)
    assert total * 1000 == ledger_sum(app, cast.learner) + ledger_sum(app, cast.colleague)
    data = office.data(page)
    assert [row["row"] for row in data["lines"]] == [row["row"] for row in rows]
    whole = next(one for one in data["totals"] if (one["part"], one["of"]) == ("full", "all"))
    assert (whole["lines"], Decimal(whole["credits"])) == ("2", total)
    by_class = [one for one in data["totals"] if (one["part"], one["of"]) == ("full", "by_class")]
    assert sum(Decimal(one["credits"]) for one in by_class) == total
    book = CalamineWorkbook.from_filelike(io.BytesIO(office.file(page, "full.xlsx")))
    sheet = book.get_sheet_by_name("lines").to_python()
    assert [row[0] for row in sheet[1:]] == [row["row"] for row in rows]
    assert sum(Decimal(str(row[13])) for row in sheet[1:]) == total


def test_the_same_bytes_whoever_asks_in_whatever_language_whenever(
    app: Flask, cast: Cast, office: Office, work_off: Callable[[Flask], int], tmp_path: Path
) -> None:
    award = award_of(app, cast, cast.learner, **FACE)
    page = office.make()
    before = office.files(page)
    award_of(app, cast, cast.colleague)
    reverse(app, cast, award)
    with writing(app):
        people.edit_person(cast.admin.actor, cast.learner.person_id, name="赵桂芬", population="village_doctor")
    office.make()
    office.browser.post("/account/language", data={"language": "en", "back": "/", "csrf_token": office.token(page)})
    assert "Filing" in office.browser.get(page).text
    assert office.files(page) == before
    kept = {one: hashlib.sha256(data).hexdigest() for one, data in before.items()}
    shell = app.test_cli_runner().invoke(
        args=["credits", "file", "--place", "LB-YL", "--again", "1", "--out", str(tmp_path), "--json"]
    )
    assert shell.exit_code == 0, shell.output
    answer = json.loads(shell.stdout)
    assert {name: one["sha256"] for name, one in answer["files"].items()} == kept
    assert all(one["same"] for one in answer["files"].values())
    for name, data in before.items():
        assert Path(answer["files"][name]["file"]).read_bytes() == data
    assert all(digest in office.browser.get(page).text for digest in kept.values())


def test_the_second_filing_carries_what_changed_only(app: Flask, cast: Cast, office: Office) -> None:
    first, second = award_of(app, cast, cast.learner, **FACE), award_of(app, cast, cast.learner)
    office.make()
    assert office.rows(office.make()) == []
    reverse(app, cast, first)
    third = award_of(app, cast, cast.colleague, **SELF_STUDY)
    page = office.make()
    assert {row["row"]: row["change"] for row in office.rows(page)} == {str(first): "reversed", str(third): "new"}
    full = office.rows(page, "full.csv")
    assert {row["row"]: row["filed_in"] for row in full} == {str(second): "1", str(third): "3"}
    with writing(app):
        people.edit_person(cast.admin.actor, cast.learner.person_id, name="赵桂芬", population="village_doctor")
        commands.approve_award(cast.province_auditor.actor, first, version=2)
    page = office.make()
    assert {row["row"]: row["change"] for row in office.rows(page)} == {str(first): "new", str(second): "changed"}


def test_a_period_is_kept_at_both_ends(app: Flask, cast: Cast, office: Office) -> None:
    days = (date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1))
    awards = [award_of(app, cast, cast.learner, **(LECTURE | {"on_date": day})) for day in days]
    page = office.make(period="2026Q2")
    assert {row["row"] for row in office.rows(page)} == {str(awards[1]), str(awards[2])}
    page = office.make()
    assert {row["row"] for row in office.rows(page)} == {str(awards[0]), str(awards[3])}
    assert len(office.rows(page, "full.csv")) == 4


def test_another_county_is_in_neither_file_nor_list(
    app: Flask, cast: Cast, office: Office, sign_in: Callable[..., FlaskClient], work_off: Callable[[Flask], int]
) -> None:
    award_of(app, cast, cast.learner)
    page = office.make()
    other = Office(app, cast, sign_in(app.test_client(), cast.stranger), work_off)
    assert other.browser.get(page).status_code == 404
    assert "LB-YL-1" not in other.browser.get(LIST).text
    refused = other.ask()
    assert refused.status_code == 404
    own = other.make(place=str(cast.places["LB-ST"]))
    assert other.rows(own, "full.csv") == []


def stored_files(app: Flask) -> set[Path]:
    folder: Path = app.extensions["xinglin.settings"].data
    return {one for one in (folder / "files").rglob("*") if one.is_file()}


def test_whole_numbers_need_a_reason_are_only_in_the_file_and_are_recorded(
    app: Flask, cast: Cast, office: Office
) -> None:
    award_of(app, cast, cast.learner)
    before, number = stored_files(app), id_number(1)
    assert "请写明理由" in office.ask(full_numbers="y").text
    page = office.make(full_numbers="y", reason="省卫健委要求")
    assert office.rows(page)[0]["id_number"] == number
    assert number not in office.browser.get(page).text
    with reading(app):
        trail = [(one.action, one.details) for one in audit.history("filing", page.rpartition("/")[2])]
        everything = "".join(
            str(tuple(row)) for name in ("filing", "filing_row", "outbox", "audit_trail")
            for row in session().execute(text(f"SELECT * FROM {name}"))
        )  # fmt: skip
    assert [one[0] for one in trail] == ["filing.made", "filing.handed_out"]
    assert trail[0][1]["reason"] == "省卫健委要求"
    assert all(details["id_numbers"] for _, details in trail)
    assert number not in everything
    stored = stored_files(app) - before
    assert stored
    assert not any(number.encode() in one.read_bytes() or one.read_bytes()[:4] == b"PK\x03\x04" for one in stored)


def test_auditors_see_and_do_not_take(
    app: Flask, cast: Cast, office: Office, sign_in: Callable[..., FlaskClient]
) -> None:
    award_of(app, cast, cast.learner)
    page = office.make()
    browser = sign_in(app.test_client(), cast.county_auditor)
    seen = browser.get(page).text
    assert cast.learner.name in seen
    assert f"{page}/files" not in seen
    token = office.token
    sent = browser.post(f"{page}/files", data={"name": "full.csv", "csrf_token": _token(browser)})
    assert sent.status_code == 403
    assert token(page)


def _token(browser: FlaskClient) -> str:
    with browser.session_transaction() as kept:
        return str(kept["csrf"])


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        ({"start": "2026-05-02", "end": "2026-05-01"}, "结束的日期比开始的早"),
        ({"start": "1999-12-31"}, "2000 年以后"),
        ({"start": "2999-01-01", "end": "2999-12-31"}, "今天以前"),
        ({"start": "2001-01-01", "end": "2026-01-01"}, "最多上报十年"),
        ({"start": "", "end": ""}, "请填写这一项"),
    ],
)
def test_a_bad_period_is_refused_by_field(office: Office, fill: dict[str, str], said: str) -> None:
    answer = office.ask(**fill)
    assert answer.status_code == 422
    assert said in answer.text


def test_no_cell_becomes_a_formula(app: Flask, cast: Cast, office: Office) -> None:
    title = '=HYPERLINK("http://x","y")'
    award_of(app, cast, cast.learner, **(LECTURE | {"title": {"zh": title, "en": "x"}}))
    page = office.make()
    assert office.rows(page)[0]["title"] == f"'{title}"
    book = CalamineWorkbook.from_filelike(io.BytesIO(office.file(page, "delta.xlsx")))
    assert title in book.get_sheet_by_name("lines").to_python()[1]
    assert office.data(page)["lines"][0]["title"] == title


def test_the_shell_files_too(app: Flask, cast: Cast, tmp_path: Path) -> None:
    award_of(app, cast, cast.learner)
    words = ["credits", "file", "--place", "LB", "--from", "2026-01-01", "--until", "2026-12-31", "--json"]
    shell = app.test_cli_runner().invoke(args=[*words, "--out", str(tmp_path)])
    assert shell.exit_code == 0, shell.output
    answer = json.loads(shell.stdout)
    assert answer["filing"] == "LB-1"
    assert answer["totals"]["full"]["all"][0] == 1
    assert set(answer["files"]) == set(FILES)
    assert (tmp_path / "xinglin-filing-LB-1-full.json").exists()
    words[3] = "XX"
    unknown = app.test_cli_runner().invoke(args=[*words, "--out", str(tmp_path)])
    assert unknown.exit_code == 1
    assert "XX" in unknown.stderr


def test_a_filing_that_was_given_up_goes_on_from_its_page(
    app: Flask, cast: Cast, office: Office, work_off: Callable[[Flask], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later filings of its place wait for it; then each line is in one of them."""
    award_of(app, cast, cast.learner)
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "MOST_TRIES", 1)
        patched.setattr(making.vault, "keep", broken)
        page = office.make()
    assert "停下来了" in office.browser.get(page).text
    assert "/files" not in office.browser.get(page).text
    later = office.make()
    assert "正在做" in office.browser.get(later).text
    told = post_form(office.browser, page, {}, action="/again", follow=True)
    assert "接着做了" in told.text
    again = {"csrf_token": office.token(page)}
    assert "没有停下" in office.browser.post(f"{page}/again", data=again, follow_redirects=True).text
    work_off(app)
    assert [row["change"] for row in office.rows(page)] == ["new"]
    with clock.held_at(clock.now() + timedelta(seconds=10)):
        work_off(app)
    assert office.rows(later) == []
    with reading(app):
        deeds = [one.action for one in audit.history("filing", page.rpartition("/")[2])]
    assert deeds.count("filing.tried_again") == 1


def broken(*_of: object) -> None:
    raise OSError(28, "No space left on device")
