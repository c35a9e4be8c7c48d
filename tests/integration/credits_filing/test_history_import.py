"""History from another system: rehearsed, imported once, marked with its source, taken back whole."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, id_number
from credit_stage import FACE, award_of, awards, ledger, ledger_sum, reading, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import text
from werkzeug.test import TestResponse
from xlsxwriter import Workbook

from lms.credits import commands
from lms.credits.history_import import importing
from lms.credits.history_import.rehearsing import policy_for
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

PAGE = "/admin/history"
NATIONAL = {
    "来源编号": "A-1", "身份证号": id_number(1), "姓名": "赵桂芳", "日期": "2023-05-12", "活动类型": "国家级项目",
    "活动名称": "心血管病新进展", "项目编号": "2023-03-01-001", "数量": "6", "单位": "学时", "学时": "6",
    "身份": "参加", "考核合格": "是", "学分类别": "I", "学分": "2",
}  # fmt: skip
LECTURE = NATIONAL | {
    "来源编号": "A-2", "活动类型": "专题讲座", "活动名称": "讲座", "项目编号": "", "数量": "1", "单位": "次",
    "学时": "2", "考核合格": "", "学分类别": "II", "学分": "1",
}  # fmt: skip
STATED = NATIONAL | {
    "来源编号": "A-3", "身份证号": id_number(2), "姓名": "李春生", "活动类型": "进修",
    "活动名称": "县医院进修", "项目编号": "", "数量": "",
    "单位": "", "学时": "", "考核合格": "", "学分类别": "II", "学分": "12.5",
}  # fmt: skip
ROWS = [NATIONAL, LECTURE, STATED]


def as_csv(rows: list[dict[str, str]], encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: list[dict[str, str]]) -> bytes:
    out = io.BytesIO()
    book = Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, list(rows[0]))
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows, start=1):
        for column, (name, value) in enumerate(row.items()):
            if name == "日期":
                sheet.write_datetime(number, column, date.fromisoformat(value), days)
            elif name in ("数量", "学时", "学分") and value:
                sheet.write_number(number, column, float(value))
            else:
                sheet.write_string(number, column, value)
    book.close()
    return out.getvalue()


@pytest.fixture
def admin(app: Flask, cast: Cast, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(app.test_client(), cast.admin)


def send(
    admin: FlaskClient, data: bytes, name: str = "历史.csv", system: str = "old-cme", more: str = ""
) -> TestResponse:
    """Fill the form of the page and send it."""
    text_ = admin.get(PAGE).text
    assert 'name="system"' in text_
    with admin.session_transaction() as kept:
        token = kept["csrf"]
    fields = {"csrf_token": token, "system": system, "headings": more, "file": (io.BytesIO(data), name)}
    return admin.post(PAGE, data=fields, content_type="multipart/form-data")


def begin(app: Flask, admin: FlaskClient, data: bytes, work_off: Callable[[Flask], int], **more: Any) -> str:
    """Rehearse, import, work it off; the import's page."""
    sent = send(admin, data, **more)
    assert sent.status_code == 303, sent.text
    assert post_form(admin, sent.location, {}, action="/start").status_code == 303
    work_off(app)
    page: str = sent.location
    return page


def tables(app: Flask) -> dict[str, int]:
    with reading(app):
        names = ("activity", "award", "ledger_entry", "history_row", "refused_activity", "certificate")
        return {name: session().scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in names}


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (as_csv(ROWS), "UTF-8"),
        (as_csv(ROWS, "utf-8"), "UTF-8"),
        (as_csv(ROWS, "gb18030"), "GB18030"),
        (as_csv(ROWS, "utf-16"), "UTF-16"),
        (as_xlsx(ROWS), "XLSX"),
    ],
    ids=["mark", "utf8", "gb18030", "utf16", "xlsx"],
)
def test_a_rehearsal_tells_everything_and_changes_nothing(
    app: Flask, cast: Cast, admin: FlaskClient, data: bytes, encoding: str
) -> None:
    before = tables(app)
    page = admin.get(send(admin, data).location).text
    assert encoding in page
    assert "这是预演" in page
    assert "导入，没有重算" in page
    assert "1 行，按来源写的学分记" in page
    assert "1 行，按规则算的记，来源的数留着" in page
    assert tables(app) == before
    assert id_number(1) not in page


def test_what_is_imported_is_decided_marked_and_in_the_ledger(
    app: Flask, cast: Cast, admin: FlaskClient, work_off: Callable[[Flask], int], sign_in: Callable[..., FlaskClient]
) -> None:
    page = begin(app, admin, as_csv(ROWS, "gb18030"), work_off)
    assert "已导入" in admin.get(page).text
    found = {award.kind: award for award in awards(app, cast.learner)}
    national, lecture = found["national_project"], found["unit_lecture"]
    assert (national.credit_class, national.awarded_milli, national.credit_year) == ("class_1", 2000, 2023)
    assert national.policy_version_id.startswith("CN-2006:")
    # The source said 1; the rules of the year say 0.5, and the claim is kept beside it.
    assert (lecture.credit_class, lecture.awarded_milli) == ("class_2", 500)
    assert "来源写的是 1.0 学分" in statement(sign_in, app, cast.learner)
    (stated,) = awards(app, cast.colleague)
    assert (stated.credit_class, stated.awarded_milli, stated.computed_milli) == ("class_2", 12500, 12500)
    hers = statement(sign_in, app, cast.colleague)
    assert "没有重算" in hers
    assert "old-cme" in hers
    assert "A-3" in hers
    assert ledger_sum(app, cast.learner) == 2500
    assert tables(app)["certificate"] == 0
    auditor = sign_in(app.test_client(), cast.county_auditor)
    assert "没有重算" in auditor.get(f"/audit/awards/{stated.id}").text


def statement(sign_in: Callable[..., FlaskClient], app: Flask, member: Any) -> str:
    return str(sign_in(app.test_client(), member).get("/credits?year=2023").text)


def test_the_same_file_again_changes_nothing(
    app: Flask, cast: Cast, admin: FlaskClient, work_off: Callable[[Flask], int]
) -> None:
    begin(app, admin, as_csv(ROWS), work_off)
    before = tables(app)
    again = admin.get(send(admin, as_xlsx(ROWS)).location).text
    assert "以前导入过，不会再导入" in again
    assert "/start" not in again
    assert tables(app) == before
    fourth = LECTURE | {"来源编号": "A-4", "日期": "2022-03-01"}
    begin(app, admin, as_csv([*ROWS, fourth]), work_off)
    assert tables(app)["award"] == before["award"] + 1


def test_duplicates_of_what_is_here_are_found(
    app: Flask, cast: Cast, admin: FlaskClient, work_off: Callable[[Flask], int]
) -> None:
    award_of(app, cast, cast.learner, **FACE)
    same_day = {"来源编号": "B-1", "日期": "2026-05-15", "活动类型": "promotion_project", "数量": "33", "项目编号": ""}
    same_project = {
        "来源编号": "B-2", "日期": "2026-03-01", "活动类型": "promotion_project", "数量": "3",
        "项目编号": FACE["project_number"],
    }  # fmt: skip
    other = NATIONAL | {"来源编号": "B-3"}
    twice = NATIONAL | {"来源编号": "B-4"}
    page = admin.get(send(admin, as_csv([NATIONAL | same_day, NATIONAL | same_project, other, twice])).location).text
    for line in (2, 3, 5):
        assert f"第 {line} 行：这个人同一天已有同类活动" in page
    assert "第 4 行：" not in page


def test_taking_it_back_reverses_every_award_and_the_file_may_come_again(
    app: Flask, cast: Cast, admin: FlaskClient, work_off: Callable[[Flask], int]
) -> None:
    page = begin(app, admin, as_csv([LECTURE, STATED]), work_off)
    (hers,) = awards(app, cast.colleague)
    with writing(app):
        commands.approve_award(cast.county_auditor.actor, hers.id, version=1)
    with writing(app):  # above the limit that one person may approve alone
        commands.answer_proposal(cast.province_auditor.actor, hers.id, "confirm", version=1)
    assert post_form(admin, page, {}, action="/undo").status_code == 303
    work_off(app)
    assert "已整批收回" in admin.get(page).text
    assert "已收回 1，审过留着 1" in admin.get(page).text
    assert ledger_sum(app, cast.learner) == 0
    assert len(ledger(app, cast.learner)) == 2
    assert ledger_sum(app, cast.colleague) == 12500
    corrected = LECTURE | {"活动名称": "讲座（改正）"}
    begin(app, admin, as_csv([corrected, STATED]), work_off)
    assert ledger_sum(app, cast.learner) == 500
    assert ledger_sum(app, cast.colleague) == 12500


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_step_cut_off_anywhere_is_done_once(
    app: Flask, cast: Cast, admin: FlaskClient, work_off: Callable[[Flask], int], monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:  # fmt: skip
    page = send(admin, as_csv(ROWS)).location
    assert post_form(admin, page, {}, action="/start").status_code == 303
    before, entered = tables(app), []

    def cut(card: Any, year: int) -> Any:
        entered.append(year)
        if len(entered) == at:
            raise InterruptedError
        return policy_for(card, year)

    with monkeypatch.context() as patched:
        patched.setattr(importing, "policy_for", cut)
        with app.app_context(), pytest.raises(InterruptedError), unit_of_work():
            importing.import_step(page.rpartition("/")[2], 0)
    assert tables(app) == before
    work_off(app)
    after = tables(app)
    assert (after["activity"], after["award"], after["ledger_entry"]) == (3, 3, 3)


def test_two_imports_of_the_same_rows_are_one_and_nothing_by_halves(
    app: Flask, cast: Cast, admin: FlaskClient, work_off: Callable[[Flask], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another import takes one of its rows between its last look and its writing."""
    page = send(admin, as_csv([LECTURE, NATIONAL])).location
    with reading(app):
        _, looked = importing.rehearsed(cast.admin.actor, UUID(page.rpartition("/")[2]))
    begin(app, admin, as_csv([NATIONAL]), work_off)
    before = tables(app)
    with monkeypatch.context() as patched:
        patched.setattr(importing, "rehearse", lambda *_of: looked)
        assert post_form(admin, page, {}, action="/start").status_code == 409
    assert tables(app) == before
    assert post_form(admin, page, {}, action="/start").status_code == 303
    work_off(app)
    assert tables(app)["award"] == before["award"] + 1


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        ({"身份证号": id_number(99)}, "id_number", "没有登记过这个号码"),
        ({"身份证号": id_number(8)}, "id_number", "没有登记过这个号码"),  # the other county's
        ({"姓名": "赵桂花"}, "name", "姓名和登记的不一样"),
        ({"日期": "2023-02-30"}, "date", "日期的样子是"),
        ({"日期": "2999-01-01"}, "date", "这一天还没有到"),
        ({"日期": "1999-05-01"}, "date", "1999 年没有规则集"),
        ({"活动类型": "跳舞"}, "kind", "不认识"),
        ({"数量": "-1"}, "quantity", "大于 0"),
        ({"数量": "1e9"}, "quantity", "大于 0"),
        ({"学分": "0.0005"}, "credits", "三位小数"),
        ({"学分类别": "III"}, "class", "不认识"),
        ({"来源编号": ""}, "source_id", "请填写"),
        ({"来源编号": id_number(1)}, "source_id", "不能是身份证号"),
        ({"活动类型": "进修", "学分": ""}, "kind", "没有"),
        ({"活动名称": "长" * 121}, "title", "最多 120 个字"),
    ],
)
def test_a_fault_is_named_by_line_and_column_and_stops_the_whole_file(
    app: Flask, cast: Cast, admin: FlaskClient, change: dict[str, str], column: str, said: str
) -> None:
    sent = send(admin, as_csv([LECTURE, NATIONAL | {"来源编号": "A-9"} | change]))
    assert sent.status_code == 303, sent.text
    page = admin.get(sent.location).text
    assert f"第 3 行，{column}：" in page
    assert said in page
    assert "/start" not in page
    before = tables(app)
    with admin.session_transaction() as kept:
        token = kept["csrf"]
    assert admin.post(f"{sent.location}/start", data={"csrf_token": token}).status_code == 422
    assert tables(app) == before


def test_her_own_history_is_for_somebody_else(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    own = NATIONAL | {"身份证号": id_number(7), "姓名": cast.admin.name}
    assert "自己的活动要请别的管理员登记" in admin.get(send(admin, as_csv([own])).location).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "请选一个文件"),
        (as_csv([{"来源编号": "1", "姓名": "x"}]), "缺少：id_number"),
        (as_csv([NATIONAL]).replace("姓名".encode(), "身份证号".encode(), 1), "有两列"),
        (b"\xff\xfe\x00\xd8", "既不是 UTF-8 也不是 GB18030"),
    ],
)
def test_what_is_no_table_of_history_is_refused(admin: FlaskClient, data: bytes, said: str) -> None:
    answer = send(admin, data)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_row_cut_in_half_is_named(admin: FlaskClient) -> None:
    whole = as_csv([LECTURE, NATIONAL]).decode("utf-8-sig")
    page = admin.get(send(admin, whole[: len(whole) - 20].encode("gb18030")).location).text
    assert "第 3 行：这一行有" in page


def test_other_headings_can_be_told(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    renamed = as_csv([LECTURE]).replace("活动类型".encode(), "项目类别".encode())
    assert "缺少：kind" in send(admin, renamed).text
    assert "新的" in admin.get(send(admin, renamed, more="kind=项目类别").location).text
    assert "一行一个" in send(admin, renamed, more="kinds=项目类别").text


def test_another_administrators_import_does_not_exist(
    app: Flask, cast: Cast, admin: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    page = send(admin, as_csv([LECTURE])).location
    stranger = sign_in(app.test_client(), cast.stranger)
    assert stranger.get(page).status_code == 404
    assert "没有登记过这个号码" in stranger.get(send(stranger, as_csv([LECTURE])).location).text


def test_the_shell_rehearses_and_imports(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_bytes(as_csv(ROWS, "gb18030"))
    words = ["credits", "import-history", str(file), "--system", "old-cme"]
    told = app.test_cli_runner().invoke(args=[*words, "--rehearse", "--json"])
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    assert (answer["encoding"], answer["new"], answer["stated"], answer["differs"]) == ("GB18030", 3, 1, 1)
    assert tables(app)["history_row"] == 0
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rows"] == {"awarded": 3}
    again = json.loads(app.test_cli_runner().invoke(args=[*words, "--rehearse", "--json"]).stdout)
    assert (again["new"], again["known"]) == (0, 3)
    file.write_bytes(as_csv([NATIONAL | {"来源编号": "X", "姓名": "别人"}]))
    wrong = app.test_cli_runner().invoke(args=[*words, "--rehearse", "--json"])
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)["fault_list"][0]["column"] == "name"


def test_a_filing_says_where_credit_was_imported_from(
    app: Flask, cast: Cast, admin: FlaskClient, work_off: Callable[[Flask], int], tmp_path: Path
) -> None:
    begin(app, admin, as_csv([LECTURE]), work_off)
    words = ["credits", "file", "--place", "LB-YL", "--from", "2023-01-01", "--until", "2023-12-31", "--json"]
    shell = app.test_cli_runner().invoke(args=[*words, "--out", str(tmp_path)])
    assert shell.exit_code == 0, shell.output
    data = json.loads((tmp_path / "xinglin-filing-LB-YL-1-full.json").read_text("utf-8"))
    (line,) = data["lines"]
    assert (line["source"], line["class"], Decimal(line["credits"])) == ("old-cme", "class_2", Decimal("0.5"))


def test_the_template_can_be_read_back(admin: FlaskClient) -> None:
    template = admin.get(f"{PAGE}/template.csv").data
    rows = list(csv.DictReader(io.StringIO(template.decode("utf-8-sig"), newline="")))
    assert list(rows[0]) == list(NATIONAL)
    assert "第 2 行，id_number：请填写" in admin.get(send(admin, template).location).text
