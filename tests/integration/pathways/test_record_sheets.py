"""Licences and exam results by workbook: judged as single ones are, entered whole or not at all, taken back."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member, id_number
from counting import counted
from credit_stage import reading
from flask import Flask
from record_stage import House, card_of, decide, entered, facts_of, settled
from roster_files import as_csv, as_xlsx
from sheet_desk import COLLEAGUE, LEARNER, NOBODY, PAGE, STRANGER, SheetDesk, desk_of, filled
from sqlalchemy import select

from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.pathways import catalogue, queries
from lms.pathways.models import PersonRecord, RecordStep
from lms.pathways.rules.states import State
from lms.people import commands as people
from lms.people.batches import commands as batches
from lms.people.batches import working
from lms.people.notices import Kind, post
from lms.people.notices.models import Notice

LICENCE_HEADINGS = (
    "姓名", "身份证号", "手机号", "类型", "证书编号", "发证日期", "有效期至", "级别", "执业范围", "地点或单位"
)  # fmt: skip
EXAM_HEADINGS = (
    "姓名", "身份证号", "手机号", "哪一种考试", "哪一部分", "考试日期", "得分", "合格线", "结果", "成绩有效期至"
)  # fmt: skip
YEAR = clock.today().year
VILLAGE = {
    "类型": "乡村医生执业证书", "证书编号": "XZ0001234567", "发证日期": f"{YEAR - 2}-03-01",
    "有效期至": f"{YEAR + 2}-02-28", "地点或单位": "石门沟村卫生室",
}  # fmt: skip
QUALIFIED = {"类型": "医师资格证书", "证书编号": "000000199901010", "发证日期": "2019-12-01", "级别": "执业助理医师"}
REGISTERED = QUALIFIED | {
    "类型": "医师执业证书", "证书编号": "000000199902020", "发证日期": "2020-03-01", "执业范围": "含全科医学",
    "地点或单位": "柳溪镇卫生院",
}  # fmt: skip
SKILLS = {
    "哪一种考试": "执业助理医师", "哪一部分": "实践技能", "考试日期": "2025-06-10", "得分": "70", "合格线": "60",
    "结果": "合格",
}  # fmt: skip
WRITTEN = SKILLS | {"哪一部分": "医学综合", "考试日期": "2025-08-20", "得分": "362", "合格线": "360"}


@pytest.fixture
def there(app: Flask, cast: Cast) -> House:
    return settled(app, cast)


@pytest.fixture
def licences(app: Flask, cast: Cast, sign_in: Any, work_off: Callable[[Flask], int]) -> SheetDesk:
    return desk_of(app, sign_in, work_off, cast.county_auditor, "licences", LICENCE_HEADINGS)


@pytest.fixture
def exams(app: Flask, cast: Cast, sign_in: Any, work_off: Callable[[Flask], int]) -> SheetDesk:
    return desk_of(app, sign_in, work_off, cast.county_auditor, "exam_results", EXAM_HEADINGS)


def records(app: Flask, member: Member) -> list[PersonRecord]:
    with reading(app):
        query = select(PersonRecord).where(PersonRecord.person_id == member.person_id).order_by(PersonRecord.on_date)
        found = list(session().scalars(query))
        session().expunge_all()
        return found


def steps(app: Flask, record_id: UUID) -> list[tuple[str, int, str]]:
    with reading(app):
        query = select(RecordStep).where(RecordStep.record_id == record_id).order_by(RecordStep.at, RecordStep.id)
        return [(one.action, one.level, one.by_name) for one in session().scalars(query)]


def state_of(there: House, pathway: str, code: str) -> State | None:
    card, known = card_of(there.app, there.cast.learner), facts_of(there.app, there.cast.learner)
    way = catalogue.known(pathway)
    assert way
    with reading(there.app):
        _, (standing,) = queries.standings(card, known, [way])
    return standing.state(code)


def test_licences_are_entered_verified_and_taken_back(there: House, licences: SheetDesk) -> None:
    app, cast = there.app, there.cast
    page = licences.rehearse(LEARNER | VILLAGE, COLLEAGUE | REGISTERED)
    said = licences.text(page)
    assert "这是预演，还没有办理" in said
    assert "登记，已核实" in said
    assert records(app, cast.learner) == []
    assert state_of(there, "village-doctor-duties", "V1") is State.MISSING
    with app.app_context(), unit_of_work():
        old = msg("到期了")
        assert all(
            post(one.person_id, Kind.LICENCE, f"licence:{YEAR}-03-01:3", old, "/account")
            for one in (cast.learner, cast.colleague)
        )
    licences.press(page, "/commit")
    with reading(app):
        told = select(Notice.person_id).where(Notice.kind == Kind.LICENCE, Notice.settled_at.is_(None))
        assert list(session().scalars(told)) == [cast.colleague.person_id]
    [record] = records(app, cast.learner)
    assert (record.state, record.told_by, record.decided) == ("verified", cast.county_auditor.person_id, 2)
    assert record.number_mask == "XZ********67"
    assert steps(app, record.id) == [("entered", 2, "何文静")]
    assert state_of(there, "village-doctor-duties", "V1") is State.VERIFIED
    assert there.browser(cast.learner).get(f"/pathways/records/{record.id}").status_code == 200
    [other] = records(app, cast.colleague)
    assert (other.kind, other.fields["scope"]) == ("registration", "gp")
    # The same table changes nothing, as a workbook too.
    rows = filled(LICENCE_HEADINGS, [LEARNER | VILLAGE, COLLEAGUE | REGISTERED])
    again = licences.rehearse_file(as_xlsx(rows, days=["发证日期"]))
    assert "没有要办的" in licences.text(again)
    assert licences.report()["same"] == 2
    # Somebody has a word on one of them: that one stays, and is named beforehand.
    assert decide(there.browser(cast.province_auditor), str(other.id), "reject").status_code == 303
    licences.press(page, "/undo/rehearse")
    assert "后来又有人核实过或改过" in licences.text(page)
    licences.press(page, "/undo")
    assert "收回 1 行，留下 1 行" in licences.text(page)
    [record] = records(app, cast.learner)
    assert (record.state, record.fingerprint) == ("withdrawn", None)
    assert steps(app, record.id)[1:] == [("taken_back", 0, "何文静")]
    assert state_of(there, "village-doctor-duties", "V1") is State.MISSING
    licences.do(LEARNER | VILLAGE)
    assert [one.state for one in records(app, cast.learner)].count("verified") == 1


def test_a_higher_level_has_its_word_on_what_a_county_enters(there: House, exams: SheetDesk) -> None:
    page = exams.rehearse(LEARNER | SKILLS, LEARNER | WRITTEN)
    assert exams.report()["deeds"] == {"verified": 1, "waiting": 1}
    exams.press(page, "/commit")
    assert [(one.kind, one.state, one.waiting) for one in records(there.app, there.cast.learner)] == [
        ("exam_practical", "verified", 0), ("exam_written", "waiting", 4)
    ]  # fmt: skip
    assert state_of(there, "assistant-physician", "E5") is State.VERIFIED
    assert state_of(there, "assistant-physician", "E6") is State.SUBMITTED
    exams.rehearse(LEARNER | SKILLS, LEARNER | WRITTEN)
    assert exams.report()["same"] == 2
    exams.press(page, "/undo")
    assert [one.state for one in records(there.app, there.cast.learner)] == ["withdrawn", "withdrawn"]


def test_every_fault_of_a_licence_is_named_by_row_and_column(there: House, licences: SheetDesk) -> None:
    admin = {"姓名": "孙海燕", "身份证号": STRANGER["身份证号"]}
    said = licences.faults(
        LEARNER | VILLAGE,
        LEARNER | VILLAGE | {"有效期至": f"{YEAR + 1}-02-28"},
        COLLEAGUE | VILLAGE,
        COLLEAGUE | VILLAGE | {"发证日期": "2017-01-01", "证书编号": "", "有效期至": "2023-01-01"},
        COLLEAGUE | QUALIFIED | {"有效期至": "2030-01-01", "地点或单位": "村卫生室"},
        COLLEAGUE | REGISTERED | {"级别": "", "执业范围": "外科"},
        COLLEAGUE | REGISTERED | {"级别": "", "执业范围": ""},
        COLLEAGUE | VILLAGE | {"姓名": "李春"},
        STRANGER | VILLAGE,
        NOBODY | VILLAGE,
        admin | VILLAGE,
        {"姓名": "赵桂芳"} | VILLAGE,
        {"姓名": "何文静", "手机号": there.cast.county_auditor.phone} | VILLAGE,
        {"姓名": "孙海燕", "手机号": there.cast.admin.phone} | VILLAGE | {"类型": ""},
        COLLEAGUE | VILLAGE | {"发证日期": "03/04/2022"},
    )
    outside = "您管的范围里没有登记过这个号码。"
    wanted = (
        ("第 2、3 行是同一份", "第 2、3、4"), ("第 2、3 行是同一份",), ("同一个证书编号，却是不同的人",),
        ("证书编号：请填写这一项。", "有效期是五年"), ("没有结束日期", "这种证书没有这一项"),
        ("不认识“外科”",), ("级别：请填写这一项。", "执业范围：请填写这一项。"), ("姓名和登记的不一样",),
        (outside,), (outside,), (outside,), ("身份证号和手机号至少写一样",), ("自己的材料要请别的审核人员登记",),
        ("类型：请填写这一项。",), ("看不出“03/04/2022”是哪一天",),
    )  # fmt: skip
    for line, (sentences, cell) in enumerate(zip(wanted, said, strict=True), start=2):
        for sentence in sentences:
            assert sentence in cell, (line, sentence, cell)
    assert said[8].replace("身份证号：", "") == outside
    assert records(there.app, there.cast.learner) == []
    assert "在同一单位" in licences.faults({"姓名": "孙海燕", "手机号": there.cast.admin.phone} | VILLAGE)[0]


def test_every_fault_of_a_result_is_named_by_row_and_column(there: House, exams: SheetDesk) -> None:
    ban = {"on": "2025-06-01", "until": "2025-07-31", "reason": "违纪"}
    assert entered(there.browser(there.cast.county_auditor), there.cast.learner, "ban", ban).status_code == 303
    said = exams.faults(
        LEARNER | SKILLS,
        LEARNER | WRITTEN,
        COLLEAGUE | SKILLS | {"得分": "59.5"},
        COLLEAGUE | WRITTEN | {"结果": "不合格"},
        COLLEAGUE | SKILLS | {"考试日期": "2099-06-10", "得分": "很高"},
        COLLEAGUE | WRITTEN | {"哪一部分": "", "考试日期": "2024-08-20"},
    )
    wanted = (
        "这一天在禁考期内（到 2025年7月31日 为止）", "", "得分 59.5 不到合格线 60", "得分 362 已到合格线 360",
        "这一天还没有到", "哪一部分：请填写这一项。",
    )  # fmt: skip
    for sentence, cell in zip(wanted, said, strict=True):
        assert sentence in cell, cell
    assert said[1] == ""
    assert "请写 0 到 1000 之间的数" in said[4]
    # Another result of the same day and exam than the one on record.
    exams.do(COLLEAGUE | SKILLS)
    assert "同样的一份已经有了" in exams.faults(COLLEAGUE | SKILLS | {"得分": "71"})[0]


def test_each_kind_is_for_whom_its_page_is_for(there: House, licences: SheetDesk, sign_in: Any) -> None:
    app, cast = there.app, there.cast
    page = licences.rehearse(LEARNER | VILLAGE)
    listed = licences.client.get(PAGE).text
    assert "登记证书" in listed
    assert "登记人员" not in listed
    assert "没有密码" not in listed
    for ending in ("xlsx", "csv"):
        for kind in ("licences", "exam_results"):
            answer = licences.client.get(f"{PAGE}/{kind}/template.{ending}")
            licences.kind = kind
            assert "只有标题行，没有内容" in licences.text(licences.rehearse_file(answer.data))
    assert licences.client.get(f"{PAGE}/people/template.csv").status_code == 404
    licences.kind = "people"
    assert licences.send(b"name\nx\n").status_code == 422
    admin = sign_in(app.test_client(), cast.admin)
    assert "登记证书" not in admin.get(PAGE).text
    assert admin.get(f"{PAGE}/licences/template.csv").status_code == 404
    assert admin.get(page).status_code == 404
    assert sign_in(app.test_client(), cast.province_auditor).get(page).status_code == 404
    with app.app_context(), unit_of_work(), pytest.raises(Invalid):
        batches.keep(SYSTEM, "licences", "a.csv", io.BytesIO(b"x"))


def test_no_statement_is_sent_a_row(app: Flask, cast: Cast) -> None:
    auditor, serials = cast.county_auditor, range(300, 325)
    rows = []
    with app.app_context(), unit_of_work():
        for serial in serials:
            people.add_person(
                SYSTEM, name="王建国", phone=f"000{serial:08d}", id_number=id_number(serial),
                workplace_id=cast.places["LB-YL-LX-SM"], starts_on=date(2024, 3, 1), population="village_doctor",
            )  # fmt: skip
            numbered = {"姓名": "王建国", "身份证号": id_number(serial), "证书编号": f"XZ{serial:08d}"}
            rows.append(VILLAGE | numbered)

    def there_and_back(some: list[dict[str, str]]) -> tuple[int, int]:
        with app.app_context():
            with unit_of_work():
                table = io.BytesIO(as_csv(filled(LICENCE_HEADINGS, some)))
                batch_id = batches.keep(auditor.actor, "licences", "a.csv", table)
            working.rehearse(batch_id)
            with unit_of_work():
                assert batches.start(auditor.actor, batch_id)
            with counted() as there:
                working.commit(batch_id, auditor.person_id)
            with unit_of_work():
                assert batches.undo(auditor.actor, batch_id)
            with counted() as back:
                working.undo(batch_id, auditor.person_id)
            with unit_of_work(write=False):
                report = batches.mine(auditor.actor, batch_id).report
                assert (report["undone"], report["held"]) == (len(some), 0)
        return len(there), len(back)

    assert there_and_back(rows) == there_and_back(rows[:2])
