"""Rotations by workbook: planned whole or not at all, never two places on one day, taken back until they are used."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from cast import Cast, id_number
from flask import Flask
from roster_files import as_xlsx
from sheet_desk import COLLEAGUE, LEARNER, PAGE, STRANGER, SheetDesk, desk_of, filled
from sqlalchemy import select
from teaching_stage import Ward, make_ward

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.teaching import commands
from lms.teaching.models import Rotation, RotationStep

HEADINGS = (
    "姓名", "身份证号", "手机号", "培训项目", "模块", "轮转单位", "带教老师", "开始日期", "结束日期"
)  # fmt: skip


@pytest.fixture
def ward(app: Flask, cast: Cast) -> Ward:
    return make_ward(app, cast)


@pytest.fixture
def desk(ward: Ward, cast: Cast, sign_in: Any, work_off: Callable[[Flask], int]) -> SheetDesk:
    return desk_of(ward.app, sign_in, work_off, cast.county_auditor, "rotations", HEADINGS)


def days(first: int, last: int) -> dict[str, str]:
    """Days counted from today."""
    start, end = (clock.today() + timedelta(days=day) for day in (first, last))
    return {"开始日期": start.isoformat(), "结束日期": end.isoformat()}


def turn(first: int, last: int, **changed: str) -> dict[str, str]:
    said = {"培训项目": "gp-transfer-2010", "模块": "C", "轮转单位": "LB-YL-YY", "带教老师": id_number(60)}
    return said | days(first, last) | changed


def rotations(app: Flask, person_id: Any) -> list[Rotation]:
    with app.app_context(), unit_of_work(write=False):
        found = list(
            session().scalars(select(Rotation).where(Rotation.person_id == person_id).order_by(Rotation.starts_on))
        )
        session().expunge_all()
        return found


def test_rotations_are_planned_and_taken_back_until_they_are_used(app: Flask, ward: Ward, desk: SheetDesk) -> None:
    learner, colleague = ward.cast.learner, ward.cast.colleague
    rows = [
        LEARNER | turn(-5, 20), LEARNER | turn(21, 40, 轮转单位="柳溪镇卫生院", 带教老师=ward.second.phone),
        COLLEAGUE | turn(-5, 20),
    ]  # fmt: skip
    page = desk.rehearse(*rows)
    assert rotations(app, learner.person_id) == []
    desk.press(page, "/commit")
    assert "已办理" in desk.text(page)
    first, second = rotations(app, learner.person_id)
    assert (first.module, first.state, first.supervisor_id) == ("C", "planned", ward.teacher.person_id)
    assert "Clinical rotation" in first.titles["en"]
    assert (second.site_id, second.supervisor_id) == (ward.cast.places["LB-YL-LX"], ward.second.person_id)
    assert ward.browser(learner).get(f"/practice-log/rotations/{first.id}").status_code == 200
    # The same again, as a workbook, changes nothing.
    again = desk.rehearse_file(as_xlsx(filled(HEADINGS, rows), days=["开始日期", "结束日期"]))
    assert "没有要办的" in desk.text(again)
    # Practice in one, a change of the other: both stay.
    said = ward.written(
        place_id=ward.cast.places["LB-YL-YY"], supervisor_id=ward.teacher.person_id, hours=Decimal(6),
        rotation_id=first.id,
    )  # fmt: skip
    with app.app_context(), unit_of_work():
        commands.enter(learner.actor, new_id(), said)
        commands.cancel_rotation(ward.cast.county_auditor.actor, second.id, version=1)
    desk.press(page, "/undo/rehearse")
    assert "已经记了临床实践" in desk.text(page)
    desk.press(page, "/undo")
    assert "收回 1 行，留下 2 行" in desk.text(page)
    assert [one.state for one in rotations(app, colleague.person_id)] == ["cancelled"]
    assert [one.state for one in rotations(app, learner.person_id)] == ["planned", "cancelled"]
    with app.app_context(), unit_of_work(write=False):
        [one] = rotations(app, colleague.person_id)
        history = select(RotationStep.action).where(RotationStep.rotation_id == one.id).order_by(RotationStep.at)
        assert list(session().scalars(history)) == ["planned", "cancelled"]


def test_every_fault_is_named_by_row_and_column(app: Flask, ward: Ward, desk: SheetDesk) -> None:
    ward.plan(100, 120)
    said = desk.faults(
        LEARNER | turn(0, 10),
        LEARNER | turn(10, 20),
        LEARNER | turn(21, 30),
        LEARNER | turn(110, 130),
        COLLEAGUE | turn(0, 10, 培训项目="no-such"),
        COLLEAGUE | turn(11, 20, 模块="X"),
        COLLEAGUE | turn(21, 30, 轮转单位="LB-ST-HW"),
        COLLEAGUE | turn(31, 40, 带教老师=COLLEAGUE["身份证号"]),
        COLLEAGUE | turn(41, 50, 带教老师=ward.foreign.phone),
        COLLEAGUE | turn(51, 60, 带教老师="00000000777"),
        COLLEAGUE | turn(70, 61),
        STRANGER | turn(0, 10),
        {"姓名": "何文静", "手机号": ward.cast.county_auditor.phone} | turn(0, 10),
        COLLEAGUE | turn(71, 80),
    )
    wanted = (
        "第 2、3 行的日期有重叠", "第 2、3 行的日期有重叠", "", "和已经安排的轮转", "没有“no-such”这个培训项目",
        "没有模块“X”。可以写：T、C", "不能在这里轮转", "带教老师不能是本人", "请选一位本县的带教老师",
        "请选一位本县的带教老师", "结束日期早于开始日期", "您管的范围里没有登记过这个号码",
        "您自己的轮转要请别人来安排", "",
    )  # fmt: skip
    for line, (sentence, cell) in enumerate(zip(wanted, said, strict=True), start=2):
        assert sentence in cell, (line, cell)
        assert bool(sentence) == bool(cell), (line, cell)
    assert len(rotations(app, ward.cast.learner.person_id)) == 1
    assert rotations(app, ward.cast.colleague.person_id) == []


def test_a_supervisor_plans_by_table_and_enters_no_records(app: Flask, ward: Ward, desk: SheetDesk) -> None:
    desk.client = ward.browser(ward.teacher)
    listed = desk.client.get(PAGE).text
    assert "安排轮转" in listed
    assert "登记证书" not in listed
    desk.do(LEARNER | turn(0, 10))
    [one] = rotations(app, ward.cast.learner.person_id)
    assert (one.made_by, one.starts_on) == (ward.teacher.person_id, clock.today())
    blank = desk.client.get(f"{PAGE}/rotations/template.xlsx")
    assert "只有标题行，没有内容" in desk.text(desk.rehearse_file(blank.data))
