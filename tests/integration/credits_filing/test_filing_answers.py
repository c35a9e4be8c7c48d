"""What the regulator answers: rehearsed, entered whole or not at all; what it refused is mended and filed again."""

import io
from collections.abc import Callable
from uuid import UUID

import pytest
from cast import Cast
from credit_stage import FACE, LECTURE, SELF_STUDY, award_of, reading, writing
from filing_stage import Office, accepted, refused
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from xlsxwriter import Workbook

from lms.credits import commands
from lms.credits.filing import queries
from lms.kernel.db import session
from lms.people import commands as people

TASKS = "/reports/refused"


@pytest.fixture
def office(app: Flask, cast: Cast, sign_in: Callable, work_off: Callable) -> Office:  # type: ignore[type-arg]
    return Office(app, cast, sign_in(app.test_client(), cast.admin), work_off)


def states(app: Flask, page: str) -> dict[str, int]:
    with reading(app):
        counts = queries.standing_of(UUID(page.rpartition("/")[2])).counts
        return {state: number for state, number in counts.items() if number}


def enter(office: Office, page: str, rows: list[dict[str, str]]) -> str:
    sent = office.answer(page, rows)
    assert sent.status_code == 303, sent.text
    assert office.enter(sent.location).status_code == 303
    location: str = sent.location
    return location


def test_a_refused_row_is_mended_and_filed_again(app: Flask, cast: Cast, office: Office) -> None:
    face, lecture = award_of(app, cast, cast.learner, **FACE), award_of(app, cast, cast.colleague)
    page = office.make()
    rehearsal = office.answer(page, [accepted(lecture), refused(face)]).location
    shown = office.browser.get(rehearsal).text
    assert "这是预演" in shown
    assert "姓名和证件不符" in shown
    assert states(app, page) == {"filed": 2}
    assert office.enter(rehearsal).status_code == 303
    assert states(app, page) == {"accepted": 1, "rejected": 1}
    listed = office.browser.get(TASKS).text
    assert "姓名和证件不符" in listed
    assert f"/admin/people/{cast.learner.person_id}" in listed
    assert office.rows(office.make()) == [], "what was refused waits until it is mended"
    with writing(app):
        people.edit_person(cast.admin.actor, cast.learner.person_id, name="赵桂芬", population="village_doctor")
    marked = post_form(office.browser, TASKS, {"note": "姓名改正"})
    assert marked.status_code == 303
    assert "姓名改正" in office.browser.get(f"{TASKS}?ready=1").text
    again = office.make()
    assert [(row["row"], row["change"], row["name"]) for row in office.rows(again)] == [
        (str(face), "refiled", "赵桂芬")
    ]
    assert states(app, page) == {"accepted": 1, "refiled": 1}
    enter(office, again, [accepted(face)])
    assert states(app, again) == {"accepted": 1}
    assert "没有等着改的" in office.browser.get(TASKS).text


def test_wrong_credit_is_reversed_and_entered_anew(app: Flask, cast: Cast, office: Office) -> None:
    wrong = award_of(app, cast, cast.learner, **FACE)
    page = office.make()
    enter(office, page, [refused(wrong, "日期不对")])
    with writing(app):
        commands.reverse_award(cast.county_auditor.actor, wrong, version=1, reason_code="absent", text="日期写错了。")
    right = award_of(app, cast, cast.learner, **(FACE | {"project_number": "2026-14-00-008"}))
    again = office.make()
    assert {row["row"]: row["change"] for row in office.rows(again)} == {str(wrong): "reversed", str(right): "new"}
    assert states(app, page) == {"void": 1}


def test_a_row_that_is_right_after_all_is_filed_again_as_it_is(app: Flask, cast: Cast, office: Office) -> None:
    award = award_of(app, cast, cast.learner)
    page = office.make()
    enter(office, page, [refused(award)])
    assert post_form(office.browser, TASKS, {"note": ""}).status_code == 303
    again = office.make()
    assert [row["change"] for row in office.rows(again)] == ["refiled"]
    assert office.rows(office.make()) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"row": "x", "result": "accepted", "code": "", "text": ""}], "不是上报文件里的行编号"),
        ([accepted("01890000-0000-7000-8000-000000000000")], "都没有这一行"),
        ([{"row": "{award}", "result": "maybe", "code": "", "text": ""}], "要写 accepted"),
        ([refused("{award}", "", "")], "退回要写代码或说明"),
        ([accepted("{award}"), refused("{award}")], "第 2 行对同一行有不同的结果"),
        ([refused("{award}", "长" * 501)], "最多 500 个字"),
    ],
)
def test_faults_are_named_by_line_and_nothing_is_entered(
    app: Flask, cast: Cast, office: Office, rows: list[dict[str, str]], said: str
) -> None:
    award = str(award_of(app, cast, cast.learner))
    page = office.make()
    sent = office.answer(page, [{k: v.replace("{award}", award) for k, v in row.items()} for row in rows])
    assert sent.status_code == 303
    shown = office.browser.get(sent.location).text
    assert said in shown
    assert f"第 {len(rows) + 1} 行" in shown
    assert "/apply" not in shown
    forced = office.browser.post(f"{sent.location}/apply", data={"csrf_token": office.token(page)})
    assert forced.status_code == 422
    assert states(app, page) == {"filed": 1}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "请选一个文件"),
        (b"row,outcome\nx,y\n", "缺少：result"),
        (b"row,result,row\nx,y,z\n", "有两列"),
        (b"row,result\n", "只有标题行"),
        (b"row,result\n\"x,y\n", "不完整"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "不是"),
        (b"PK\x03\x04 nothing", "不是能读的 XLSX"),
        (b"row,result\n\xff\xff\xff,y\n", "既不是 UTF-8 也不是 GB18030"),
        (b"row,result," + b"x," * 200_000 + b"\n", "列太多"),
    ],
)
def test_what_is_no_answer_is_refused(app: Flask, cast: Cast, office: Office, data: bytes, said: str) -> None:
    award_of(app, cast, cast.learner)
    page = office.make()
    answer = office.upload(page, data)
    assert answer.status_code == 422
    assert said in answer.text
    with reading(app):
        assert session().scalar(text("SELECT count(*) FROM filing_answer")) == 0


def test_the_same_answer_again_changes_nothing(app: Flask, cast: Cast, office: Office) -> None:
    award = award_of(app, cast, cast.learner)
    page = office.make()
    where = enter(office, page, [refused(award)])
    assert office.answer(page, [refused(award)]).location == where
    again = office.browser.post(f"{where}/apply", data={"csrf_token": office.token(page)}, follow_redirects=True)
    assert "没有重复记" in again.text
    assert states(app, page) == {"rejected": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_an_answer_may_come_in_chinese_in_any_encoding(
    app: Flask, cast: Cast, office: Office, encoding: str
) -> None:
    award = award_of(app, cast, cast.learner)
    page = office.make()
    sent = office.upload(page, f"姓名,行编号,结果,说明\n赵,{award},退回,生僻字䶮不符\n".encode(encoding))
    assert office.enter(sent.location).status_code == 303
    assert "生僻字䶮不符" in office.browser.get(TASKS).text


def test_our_own_workbook_with_two_columns_more_is_an_answer(app: Flask, cast: Cast, office: Office) -> None:
    """The regulator writes beside what it got, for which a spreadsheet program writes the file anew."""
    awards = [award_of(app, cast, cast.learner, **LECTURE), award_of(app, cast, cast.learner, **SELF_STUDY)]
    page = office.make()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(office.file(page, "full.xlsx"))).get_sheet_by_index(0).to_python()
    out = io.BytesIO()
    book = Workbook(out)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        more = ["result", "text"] if number == 0 else ["rejected", "缺签到表"]
        sheet.write_row(number, 0, [*row, *more])
    book.close()
    sent = office.upload(page, out.getvalue(), "答复.xlsx")
    assert sent.status_code == 303, sent.text
    assert office.enter(sent.location).status_code == 303
    assert states(app, page) == {"rejected": len(awards)}


def test_the_tasks_of_another_county_do_not_exist(
    app: Flask, cast: Cast, office: Office, sign_in: Callable[..., FlaskClient], work_off: Callable[[Flask], int]
) -> None:
    award = award_of(app, cast, cast.learner)
    page = office.make()
    enter(office, page, [refused(award)])
    other = Office(app, cast, sign_in(app.test_client(), cast.stranger), work_off)
    assert "没有等着改的" in other.browser.get(TASKS).text
    own = other.make(place=str(cast.places["LB-ST"]))
    filing_id = page.rpartition("/")[2]
    token = other.token(own)
    assert other.browser.post(f"{TASKS}/{filing_id}/{award}", data={"csrf_token": token}).status_code == 404
    auditor = sign_in(app.test_client(), cast.county_auditor)
    assert "姓名和证件不符" in auditor.get(TASKS).text
