"""People and postings by workbook: rehearsed, done whole or not at all, taken back."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from cast import PASSWORD, Cast, id_number
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from roster_desk import PAGE, Desk
from roster_dump import dumped
from roster_files import WAYS, as_csv, as_file, as_xlsx, name, roster
from sqlalchemy import select, text

from lms.kernel import messages
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people import commands, queries
from lms.people.batches import working
from lms.people.batches.models import Batch, BatchLine
from lms.people.models import Person, Posting
from lms.people.rosters.kinds import PEOPLE
from lms.sheets.incoming.tables import read_table

LEARNER = {"姓名": "赵桂芳", "身份证号": id_number(1), "手机号": "", "执业类别": "", "工作单位": "", "任职日期": ""}
MOVE = LEARNER | {"工作单位": "LB-YL-LX", "聘用单位": "", "任职日期": "2026-09-01"}
PASSWORD_OF_HERS = "shimengou-2026"


@pytest.fixture
def admin(app: Flask, cast: Cast, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(app.test_client(), cast.admin)


@pytest.fixture
def desk(app: Flask, admin: FlaskClient, work_off: Callable[[Flask], int]) -> Desk:
    return Desk(app, admin, work_off)


def person_of(app: Flask, phone: str) -> Any:
    with app.app_context(), unit_of_work(write=False):
        person_id = queries.by_account(phone)
        return queries.person(person_id) if person_id else None


def test_the_same_roster_in_every_file_comes_to_the_same(app: Flask, desk: Desk) -> None:
    rows = roster(3)
    reports, digests = [], set()
    for way in WAYS:
        desk.rehearse(as_file(rows, way))
        reports.append({name: value for name, value in desk.report().items() if name != "encoding"})
        with app.app_context(), unit_of_work(write=False):
            digests |= set(session().scalars(select(Batch.digest)))
    assert reports == [reports[0]] * len(WAYS)
    assert reports[0]["deeds"] == {"added": 3}
    assert len(digests) == 1


def test_people_are_registered_whole_and_set_their_own_password_by_code(
    app: Flask, desk: Desk, client: FlaskClient
) -> None:
    rows = roster(3)
    page = desk.rehearse(as_file(rows, "xlsx"))
    assert "这是预演，还没有办理" in desk.text(page)
    assert person_of(app, rows[0]["手机号"]) is None
    desk.press(page, "/commit")
    assert "已办理" in desk.text(page)
    card = person_of(app, rows[1]["手机号"])
    assert (card.name, card.workplace_name) == (rows[1]["姓名"], "石门沟村卫生室")
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(Person.password_hash).where(Person.id == card.id)) is None
        assert session().scalar(text("SELECT count(*) FROM year_result")) >= 3
    asked = post_form(client, "/sign-in/code", {"account": rows[1]["手机号"]})
    assert asked.status_code == 303
    desk.work_off(app)
    with app.app_context(), unit_of_work(write=False):
        code = re.search(r"\d{6}", messages.kept()[0][3])[0]  # type: ignore[index]
    done = post_form(client, asked.location, {"code": code, "password": PASSWORD_OF_HERS})
    assert done.status_code == 303, done.text
    account = {"account": rows[1]["手机号"], "password": PASSWORD_OF_HERS}
    assert post_form(app.test_client(), "/sign-in", account).status_code == 303
    # Said beforehand, and kept when the others are taken back.
    assert "已经设过密码" not in desk.text(page)
    desk.press(page, "/undo/rehearse")
    assert person_of(app, rows[0]["手机号"]) is not None
    assert "有 1 行现在收不回" in desk.text(page)
    assert "已经设过密码或者登录过" in desk.text(page)
    desk.press(page, "/undo")
    said = desk.text(page)
    assert "收回 2 行，留下 1 行" in said
    assert "第 3 行" in said
    assert person_of(app, rows[1]["手机号"]) is not None
    assert person_of(app, rows[0]["手机号"]) is None


def test_taking_back_restores_the_state_before(app: Flask, cast: Cast, desk: Desk) -> None:
    """New people, changed fields, a new phone, a move: all of it is as it was."""
    before = dumped(app)
    changes = [
        LEARNER | {"手机号": "00000009901", "执业类别": "执业医师", "工作单位": "LB-YL-LX", "任职日期": "2026-09-01"},
        {**LEARNER, "姓名": "李春燕", "身份证号": id_number(2)},
        {**roster(1)[0], "证书发证日": "", "证书到期日": ""} | {"执业证书编号": ""},
    ]
    rows = [{**dict.fromkeys(roster(1)[0], ""), **row} for row in changes]
    page = desk.do(as_csv(rows))
    assert dumped(app) != before
    with app.app_context(), unit_of_work(write=False):
        moved = queries.person(cast.learner.person_id)
        assert (moved.population, moved.workplace_name) == ("physician", "柳溪镇卫生院")  # type: ignore[union-attr]
        assert queries.by_account("00000009901") == cast.learner.person_id
        assert session().scalar(select(BatchLine.kept_sealed).limit(1)) is not None
    desk.press(page, "/undo")
    assert "收回 3 行，留下 0 行" in desk.text(page)
    assert dumped(app) == before
    with app.app_context(), unit_of_work(write=False):
        assert set(session().scalars(select(BatchLine.kept_sealed))) == {None}


def test_the_same_table_again_changes_nothing(app: Flask, desk: Desk) -> None:
    rows = roster(3)
    desk.do(as_csv(rows))
    page = desk.rehearse(as_file(rows, "xlsx"))
    assert desk.report()["same"] == 3
    assert "没有要办的" in desk.text(page)


def test_moves_by_the_same_door(app: Flask, cast: Cast, desk: Desk) -> None:
    page = desk.do(as_csv([MOVE]), "postings")
    with app.app_context(), unit_of_work(write=False):
        posts = session().scalars(
            select(Posting).where(Posting.person_id == cast.learner.person_id).order_by(Posting.starts_on)
        ).all()
        assert [one.ends_on for one in posts] == [date(2026, 8, 31), None]
    assert "调动" in desk.text(page)
    too_early = MOVE | {"工作单位": "LB-YL-YY", "任职日期": "2026-08-31"}
    assert "要晚于现在这一段的开始日期" in desk.text(desk.rehearse(as_csv([too_early]), "postings"))
    nobody = MOVE | {"身份证号": id_number(777)}
    assert "您管的范围里没有登记过这个号码" in desk.text(desk.rehearse(as_csv([nobody]), "postings"))


def faults(desk: Desk, data: bytes, kind: str = "people") -> str:
    page = desk.rehearse(data, kind)
    said = desk.text(page)
    assert "/commit" not in said
    return said


def test_everything_wrong_is_named_and_nothing_is_done(app: Flask, cast: Cast, desk: Desk) -> None:
    good = roster(12)
    stranger = good[0] | {"身份证号": id_number(8), "手机号": "00000009990"}
    rows = [
        good[1] | {"手机号": "00000009991"},
        good[1] | {"手机号": "00000009992"},
        good[2] | {"手机号": "00000009993"},
        good[3] | {"手机号": "00000009993"},
        good[4] | {"身份证号": good[4]["身份证号"][:-1] + ("1" if good[4]["身份证号"][-1] != "1" else "2")},
        good[5] | {"证书发证日": "2027-07-01"},
        good[6] | {"任职日期": "03/04/2024"},
        good[7] | {"工作单位": "LB-ST-HW"},
        good[8] | {"工作单位": "#REF!"},
        stranger,
        good[10] | {"执业类别": "护士"},
        good[11] | {"任职日期": "1899-01-01"},
        good[9],
    ]
    before = dumped(app)
    said = faults(desk, as_csv(rows))
    for sentence in (
        "第 2、3 行是同一个身份证号", "第 4、5 行是同一个手机号", "身份证号有一位不对", "到期日要晚于发证日",
        "看不出“03/04/2024”是哪一天", "您管的范围里没有这个机构", "公式出错留下的 #REF!",
        "这个身份证号已经登记过。如果是从外地调来",
    ):  # fmt: skip
        assert sentence in said, sentence
    assert "吴德福" not in said
    assert dumped(app) == before
    marked = desk.client.get(re.search(r'href="(/admin/rosters/[^"]+/faults.xlsx)"', said)[1])  # type: ignore[index]
    names = {heading: heading for heading in ("原来的行", "问题", "姓名", "身份证号")}
    table = read_table(marked.data, names, list(names))
    assert len(table.rows) == len(rows)
    assert [row.cells["身份证号"] for row in table.rows] == [row["身份证号"] for row in rows]
    assert "第 2、3 行是同一个身份证号" in table.rows[0].cells["问题"]
    assert table.rows[-1].cells["问题"] == ""
    # Kept as it was found, and read in the language of whoever reads it.
    page = desk.rehearse(as_csv(rows))
    post_form(desk.client, page, {"language": "en"}, action="/account/language")
    said = desk.text(page)
    for sentence in ("Rows 2, 3 ", "Village doctor, ", "1 January 1899"):
        assert sentence in said, sentence


def test_what_a_spreadsheet_does_to_a_table(app: Flask, desk: Desk) -> None:
    rows = [{**row, "身份证号": "000000197506120014"} for row in roster(1)]
    cut = [{**rows[0], "身份证号": "110101197506120010"}]
    assert "后几位已经丢了" in faults(desk, as_xlsx(cut, numbers=["身份证号"]))
    assert "后几位已经丢了" in faults(desk, as_csv([{**rows[0], "身份证号": "1.10101E+17"}]))
    assert "B2:B3 是合并的单元格" in faults(desk, as_xlsx(roster(2), merged="B2:B3"))
    digests = set()
    for data in (
        as_xlsx(roster(2)), as_xlsx(roster(2), days=["任职日期", "证书发证日"]),
        as_xlsx(roster(2), days=["任职日期", "证书到期日"], late=True),
        as_csv([row | {"任职日期": "2024年3月1日", "证书发证日": "20220701"} for row in roster(2)]),
    ):  # fmt: skip
        desk.rehearse(data)
        with app.app_context(), unit_of_work(write=False):
            digests.add(session().scalars(select(Batch.digest).order_by(Batch.made_at.desc())).first())
    assert len(digests) == 1


def test_one_person_by_two_numbers_is_flagged(desk: Desk, cast: Cast) -> None:
    by_id = {**dict.fromkeys(roster(1)[0], ""), "姓名": "赵桂芳", "身份证号": id_number(1)}
    by_phone = {**dict.fromkeys(roster(1)[0], ""), "姓名": "赵桂芳", "手机号": cast.learner.phone}
    assert "第 2、3 行是同一个已经登记的人" in faults(desk, as_csv([by_id, by_phone]))


UNNUMBERED = {"身份证号": "", "执业证书编号": "", "证书发证日": "", "证书到期日": ""}


def test_one_name_at_one_workplace_under_two_phones_is_flagged(app: Flask, desk: Desk) -> None:
    """Unless identity numbers tell two apart: in the table, and against who is registered."""
    first, other = (row | UNNUMBERED | {"姓名": "钱 一凡"} for row in roster(2))
    numbered = roster(3)[2] | {"姓名": "钱 一凡"}
    second = roster(4)[3] | {"姓名": "钱 一凡"}
    for rows in ([first, other], [first, numbered], [numbered, first | {"工作单位": "石门沟村卫生室"}]):
        said = faults(desk, as_csv(rows))
        assert said.count("第 2、3 行同名、同单位，可能是同一个人：写上身份证号，或者只留一行") >= 2
    elsewhere = other | {"工作单位": "LB-YL-LX"}
    for rows in ([numbered, second], [first, elsewhere]):
        assert "/commit" in desk.text(desk.rehearse(as_csv(rows)))
    desk.do(as_csv([first]))
    assert "这个单位已经有同名的人：如果是同一个人，请用登记的号码" in faults(desk, as_csv([other]))
    assert "登记的没有身份证号" in faults(desk, as_csv([numbered]))
    registered = first | {"身份证号": second["身份证号"]}
    for rows in ([elsewhere], [registered, numbered]):
        assert "/commit" in desk.text(desk.rehearse(as_csv(rows)))
    desk.do(as_csv([registered]))
    assert "这个单位已经有同名的人：如果是同一个人" in faults(desk, as_csv([other]))
    desk.do(as_csv([numbered]))


def test_registered_namesakes_cost_the_same_however_long_the_table_is(app: Flask, desk: Desk, count_sql: Any) -> None:
    counts = []
    for many in (2, 40):
        rows = [row | {"身份证号": "", "姓名": f"钱{name(one)}"} for one, row in enumerate(roster(many))]
        desk.send(as_csv(rows))
        with count_sql() as statements:
            desk.work_off(app)
        assert desk.report()["deeds"] == {"added": many}
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_village_licence_holds_five_years_at_most(app: Flask, cast: Cast, desk: Desk) -> None:
    """As the records say; another kind of licence may hold longer."""
    (row,) = roster(1)
    long = row | {"证书到期日": "2037-07-01"}
    assert "乡村医生执业证书有效期是五年" in faults(desk, as_csv([long]))
    assert "/commit" in desk.text(desk.rehearse(as_csv([long | {"执业类别": "执业医师"}])))
    desk.do(as_csv([row | {"证书到期日": "2027-07-01"}]))
    later = {**dict.fromkeys(row, ""), "姓名": row["姓名"], "身份证号": row["身份证号"], "证书到期日": "2027-07-02"}
    assert "乡村医生执业证书有效期是五年" in faults(desk, as_csv([later]))


def test_what_has_changed_since_the_rehearsal_is_shown_first(app: Flask, cast: Cast, desk: Desk) -> None:
    rows = roster(2)
    page = desk.rehearse(as_csv(rows))
    with app.app_context(), unit_of_work():
        commands.add_person(
            cast.admin.actor, name=rows[0]["姓名"], phone=rows[0]["手机号"], id_number=rows[0]["身份证号"],
            workplace_id=cast.places["LB-YL-LX-SM"], starts_on=date(2024, 3, 1),
        )  # fmt: skip
    seen = next(one for one in forms_of(desk.text(page)) if one["action"].endswith("/commit"))
    desk.press(page, "/commit")
    assert "名单刚刚有变化，还没有办理" in desk.text(page)
    # A second press on the page that showed the first rehearsal confirms nothing that it did not show.
    stale = desk.client.post(seen["action"], data=dict(seen["fields"]))
    assert (stale.status_code, "请再看一遍" in stale.text) == (422, True)
    desk.work_off(app)
    assert person_of(app, rows[1]["手机号"]) is None
    desk.press(page, "/commit")
    assert "已办理" in desk.text(page)
    assert person_of(app, rows[1]["手机号"]) is not None


def test_who_was_changed_since_keeps_what_she_has(app: Flask, cast: Cast, desk: Desk) -> None:
    page = desk.do(as_csv([{**dict.fromkeys(roster(1)[0], ""), "姓名": "李春燕", "身份证号": id_number(2)}]))
    with app.app_context(), unit_of_work():
        commands.edit_person(cast.admin.actor, cast.colleague.person_id, name="李春雁", population="village_doctor")
    desk.press(page, "/undo/rehearse")
    assert "后来又有人改过" in desk.text(page)
    desk.press(page, "/undo")
    # Of nothing that is taken back the way is not gone: it can be asked for again.
    said = desk.text(page)
    assert "一行也收不回，什么也没有收回" in said
    assert "后来又有人改过" in said
    assert "已整批收回" not in said
    with app.app_context(), unit_of_work(write=False):
        assert queries.person(cast.colleague.person_id).name == "李春雁"  # type: ignore[union-attr]


def test_a_phone_that_changes_ends_what_the_old_one_opened(app: Flask, cast: Cast, desk: Desk, sign_in: Any) -> None:
    hers = sign_in(app.test_client(), cast.learner)
    desk.do(as_csv([{**dict.fromkeys(roster(1)[0], ""), **LEARNER, "手机号": "00000009901"}]))
    assert hers.get("/account").status_code == 303
    with app.app_context(), unit_of_work(write=False):
        assert any("登录方式已由管理员更改" in said and to == cast.learner.phone for _, _, to, said in messages.kept())
    assert post_form(app.test_client(), "/sign-in", {"account": "00000009901", "password": PASSWORD}).status_code == 303


def test_many_new_phones_are_put_back_by_a_few_statements(app: Flask, cast: Cast, desk: Desk, count_sql: Any) -> None:
    rows = roster(8)
    desk.do(as_csv(rows))
    counts = []
    for many in (2, 8):
        fresh = [{**row, "手机号": f"0000009{many}{number:03d}"} for number, row in enumerate(rows[:many])]
        desk.do(as_csv(fresh))
        with app.app_context(), unit_of_work():
            found = session().scalars(select(Batch).order_by(Batch.made_at.desc())).first()
            assert found is not None
            done = working.lines_of(found)
            assert len(done) == many
            with count_sql() as statements:
                assert PEOPLE.held(cast.admin.actor, found.id, done) == {}
                PEOPLE.take_back(cast.admin.actor, found.id, done)
            counts.append(len(statements))
        desk.work_off(app)
        with app.app_context(), unit_of_work(write=False):
            assert [queries.by_account(row["手机号"]) is not None for row in rows] == [True] * 8
            told = [to for _, _, to, said in messages.kept() if "登录方式已由管理员更改" in said]
            assert set(told) >= {row["手机号"] for row in [*rows[:many], *fresh]}
    assert counts[0] == counts[1]


@pytest.mark.parametrize("late", [False, True])
def test_the_marked_copy_of_a_workbook_is_handed_in_again(desk: Desk, late: bool) -> None:
    """Days that the workbook holds as numbers are days in it, from whichever year it counts."""
    rows = roster(2)
    rows[1]["工作单位"] = "没有的单位"
    page = desk.rehearse(as_xlsx(rows, days=["任职日期", "证书发证日"], late=late))
    again = desk.client.get(desk.rehearse(desk.client.get(f"{page}/faults.xlsx").data)).text
    for shown in (desk.client.get(page).text, again):
        assert "您管的范围里没有这个机构" in shown
        assert re.search(r"有错的行</dt>\s*<dd[^>]*>1<", shown)
        assert "看不出" not in shown


def test_another_administrators_batch_does_not_exist(app: Flask, cast: Cast, desk: Desk, sign_in: Any) -> None:
    page = desk.rehearse(as_csv([roster(1)[0] | {"任职日期": "x"}]))
    assert desk.client.get(f"{page}/faults.xlsx").status_code == 200
    other = sign_in(app.test_client(), cast.stranger)
    assert other.get(page).status_code == 404
    assert other.get(f"{page}/faults.xlsx").status_code == 404


def test_the_empty_tables_explain_themselves_and_can_be_handed_in(desk: Desk) -> None:
    for kind in ("people", "postings"):
        for ending in ("xlsx", "csv"):
            answer = desk.client.get(f"{PAGE}/{kind}/template.{ending}")
            assert answer.status_code == 200
            assert "只有标题行，没有内容" in desk.text(desk.rehearse(answer.data, kind))
    assert desk.client.get(f"{PAGE}/people/template.exe").status_code == 404
    assert desk.client.get(f"{PAGE}/nothing/template.csv").status_code == 404


def test_no_number_stands_in_plain_text_anywhere(app: Flask, desk: Desk) -> None:
    rows = roster(2)
    desk.do(as_csv(rows))
    desk.rehearse(as_csv([rows[0] | {"任职日期": "x", "手机号": "00000009994"}]))
    # Without a heading the first row is a person.
    desk.rehearse(",".join((rows[0]["姓名"], rows[0]["身份证号"], "00000009994")).encode())
    with app.app_context(), unit_of_work(write=False):
        for table in ("batch", "batch_line", "audit_trail", "outbox"):
            for row in session().execute(text(f"SELECT * FROM {table}")):
                for secret in (rows[0]["身份证号"], rows[0]["手机号"], "00000009994"):
                    assert secret not in str(tuple(row))
        assert session().scalar(select(Batch.files_sealed).where(Batch.state == "done")) is None
