"""Leaving: a supervisor first signs what waits; a doctor's log becomes nobody's, without a word of hers."""

import pytest
from sqlalchemy import select
from teaching_stage import Ward

from lms.kernel import personal
from lms.kernel.actor import SYSTEM
from lms.kernel.audit import GONE
from lms.kernel.db import session
from lms.kernel.errors import Conflict
from lms.kernel.uow import unit_of_work
from lms.people.privacy import closing, copying
from lms.teaching import commands
from lms.teaching.models import PracticeEntry, PracticeStep


def test_a_supervisor_leaves_once_nothing_waits_and_keeps_his_name_while_it_counts(ward: Ward) -> None:
    entry, rotation = ward.enter(), ward.plan(-5, -1)
    with ward.app.app_context():
        with pytest.raises(Conflict, match="等您签字"), unit_of_work():
            closing.close(SYSTEM, ward.teacher.person_id, "office")
        with unit_of_work():
            commands.sign_entries(ward.teacher.actor, [(entry, 1)])
            commands.finish_rotation(ward.teacher.actor, rotation, "pass", version=1)
        with unit_of_work():
            assert not closing.close(SYSTEM, ward.teacher.person_id, "office").at_once
        with unit_of_work(write=False):
            signed = select(PracticeStep.by_name).where(PracticeStep.action == "signed")
            assert session().scalar(signed) == "邓立新"


def test_a_returned_rotation_of_who_has_left_is_not_planned_anew(ward: Ward) -> None:
    rotation = ward.plan(-9, -1)
    office = ward.browser(ward.cast.county_auditor)
    with ward.app.app_context(), unit_of_work():
        commands.return_rotation(ward.teacher.actor, rotation, "只来了三天", version=1)
    told = "没有给您安排的轮转“内科”签字"
    assert told in office.get("/account/notices").text
    with ward.app.app_context(), unit_of_work():
        assert closing.close(SYSTEM, ward.cast.learner.person_id, "office").at_once
    assert told not in office.get("/account/notices").text


def test_a_doctors_log_is_told_then_closed_then_nobodys(ward: Ward) -> None:
    signed, waiting, rotation = ward.enter(note="学会缝合"), ward.enter(note="换药"), ward.plan(3, 9)
    assert ward.sign(signed) == (1, 0)
    who = ward.cast.learner.person_id
    with ward.app.app_context():
        with unit_of_work(write=False):
            told = {table: list(personal.rows_of(table, copying.every_told(), who)) for table in (
                "practice_entry", "practice_step", "rotation", "rotation_step")}  # fmt: skip
        assert [len(rows) for rows in told.values()] == [2, 3, 1, 1]
        assert str(ward.teacher.person_id) not in str(told)
        with unit_of_work():
            assert closing.close(SYSTEM, who, "office").at_once
        with unit_of_work(write=False):
            notes = session().scalars(select(PracticeEntry.note)).all()
            steps = session().execute(select(PracticeStep.by_name, PracticeStep.content)).all()
    assert notes == ["", ""]
    assert all(step.content == {} for step in steps)
    assert sorted(step.by_name for step in steps) == sorted([GONE, GONE, "邓立新"])
    assert (ward.entry(signed).state, ward.entry(waiting).state) == ("signed", "withdrawn")
    assert ward.entry(signed).hours_milli == 6000
    assert ward.rotation(rotation).state == "cancelled"
