"""Rotations: planned by an office, never overlapping, signed off with the exit assessment."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from pages import forms_of, post_form
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from teaching_stage import Ward

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.teaching import commands, parts, queries
from lms.teaching.models import Rotation
from lms.teaching.parts import ModuleChoice
from lms.teaching.queries import ModuleDone
from lms.teaching.rules import Span

PLAN = {"programme": "gp-transfer", "module": "internal", "title_zh": "内科", "title_en": "Internal medicine"}


def after(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def span(first: int, last: int) -> Span:
    today = clock.today()
    return Span(today + timedelta(days=first), today + timedelta(days=last))


def test_an_office_plans_the_supervisor_signs_she_reads(ward: Ward) -> None:
    office = ward.browser(ward.cast.county_auditor)
    found = office.get("/practice-log/planning?q=赵").text
    page = f"/practice-log/planning/{ward.cast.learner.person_id}"
    assert page in found
    given = PLAN | {
        "site_id": str(ward.cast.places["LB-YL-YY"]), "supervisor_id": str(ward.teacher.person_id),
        "starts_on": after(-10), "ends_on": after(0),
    }  # fmt: skip
    answer = post_form(office, page, given)
    assert answer.status_code == 303, answer.text
    address = answer.headers["Location"]
    doctor, teacher = ward.browser(ward.cast.learner), ward.browser(ward.teacher)
    assert address in doctor.get("/practice-log/rotations").text
    assert "正在轮转" in doctor.get(address).text
    assert address in teacher.get("/practice-log/signing").text
    assert post_form(teacher, address, {}, action="/finish").status_code == 422
    assert post_form(teacher, address, {"exam": "pass"}, action="/finish").status_code == 303
    page = doctor.get(address).text
    assert "出科合格" in page
    assert "改安排" not in office.get(address).text
    assert "Internal medicine" in doctor.get(address, headers={"Accept-Language": "en"}).text


def test_rotations_that_share_a_day_are_refused_by_name(ward: Ward) -> None:
    ward.plan(0, 10)
    with ward.app.app_context():
        for first, last in ((10, 20), (-5, 0), (3, 4), (-5, 30)):
            days = span(first, last)
            planned = ward.planned(days.first, days.last, titles={"zh": "儿科", "en": "Paediatrics"})
            with pytest.raises(Invalid) as refused, unit_of_work():
                commands.plan_rotation(
                    ward.cast.county_auditor.actor, new_id(), ward.cast.learner.person_id, planned
                )
            said = translate(refused.value.fields["starts_on"], "zh")
            assert "“儿科”" in said
            assert "“内科”" in said
            assert "Paediatrics" in translate(refused.value.fields["starts_on"], "en")
    ward.plan(11, 20)
    ward.plan(-3, -1)


def test_a_cancelled_rotation_makes_room(ward: Ward) -> None:
    first = ward.plan(0, 10)
    office = ward.browser(ward.cast.county_auditor)
    assert post_form(office, f"/practice-log/rotations/{first}", action="/cancel").status_code == 303
    assert ward.rotation(first).state == "cancelled"
    ward.plan(5, 10)


def test_bad_days_codes_and_people_are_named(ward: Ward) -> None:
    office = ward.browser(ward.cast.county_auditor)
    page = f"/practice-log/planning/{ward.cast.learner.person_id}"
    good = PLAN | {
        "site_id": str(ward.cast.places["LB-YL-YY"]), "supervisor_id": str(ward.teacher.person_id),
        "starts_on": after(1), "ends_on": after(9),
    }  # fmt: skip
    for changed, said in (
        ({"ends_on": after(0)}, "结束日期早于开始日期"),
        ({"ends_on": after(2000)}, "一次轮转最多 1100 天"),
        ({"starts_on": "31.12."}, "日期的样子是"),
        ({"starts_on": "9999-12-31", "ends_on": "9999-12-31"}, "离今天太远"),
        ({"starts_on": "0001-01-01", "ends_on": "0001-01-02"}, "离今天太远"),
        ({"programme": "a b"}, "请写代码"),
        ({"module": ""}, "请写代码"),
        ({"title_zh": ""}, "请填写这一项"),
        ({"supervisor_id": str(ward.foreign.person_id)}, "请选一位本县的带教老师"),
        ({"supervisor_id": str(ward.cast.learner.person_id)}, "带教老师不能是本人"),
        ({"site_id": str(ward.cast.places["LB-ST-HW"])}, "请从列出的几项里选一项"),
    ):
        answer = post_form(office, page, good | changed)
        assert answer.status_code == 422, changed
        assert said in answer.text, changed
    with ward.app.app_context(), unit_of_work(write=False):
        assert queries.rotations_of([ward.cast.learner.person_id]) == {}


def test_nobody_plans_her_own_nor_another_countys(ward: Ward) -> None:
    days = span(1, 5)
    for actor, person in (
        (ward.teacher, ward.teacher),
        (ward.cast.stranger, ward.cast.learner),
        (ward.foreign, ward.cast.learner),
        (ward.cast.learner, ward.cast.colleague),
        (ward.cast.admin, ward.cast.learner),
    ):
        with ward.app.app_context(), pytest.raises(NotFound), unit_of_work():
            commands.plan_rotation(actor.actor, new_id(), person.person_id, ward.planned(days.first, days.last))
    rotation = ward.plan(1, 5)
    with ward.app.app_context(), pytest.raises(IntegrityError, match="not_her_own"), unit_of_work():
        session().execute(update(Rotation).where(Rotation.id == rotation).values(made_by=ward.cast.learner.person_id))
    for member in (ward.cast.colleague, ward.cast.stranger, ward.foreign, ward.cast.admin):
        assert ward.browser(member).get(f"/practice-log/rotations/{rotation}").status_code == 404
    found = ward.browser(ward.teacher).get("/practice-log/planning?q=邓").text
    assert str(ward.teacher.person_id) not in found


def test_a_form_sent_twice_is_one_rotation(ward: Ward) -> None:
    office, page = ward.browser(ward.cast.county_auditor), f"/practice-log/planning/{ward.cast.learner.person_id}"
    form = PLAN | {
        "site_id": str(ward.cast.places["LB-YL-YY"]), "supervisor_id": str(ward.teacher.person_id),
        "starts_on": after(1), "ends_on": after(5), "rotation_id": str(new_id()),
    }  # fmt: skip
    for said in ("轮转安排好了", "没有再安排一次"):
        assert said in post_form(office, page, form, follow=True).text
    # Gone back to and sent with other days it is another rotation, under another id, and not lost.
    other = post_form(office, page, form | {"starts_on": after(20), "ends_on": after(25)})
    assert other.status_code == 422
    assert "现在写的还没有存" in other.text
    again = dict(next(one for one in forms_of(other.text) if "starts_on" in one["names"])["fields"])
    assert again["starts_on"] == after(20)
    assert office.post(page, data=again).status_code == 303
    with ward.app.app_context(), unit_of_work(write=False):
        found = queries.rotations_of([ward.cast.learner.person_id])[ward.cast.learner.person_id]
    assert [one.span for one in found] == [span(1, 5), span(20, 25)]


def test_signing_off_waits_for_the_last_day_and_is_for_the_supervisor(ward: Ward) -> None:
    running, over = ward.plan(0, 3), ward.plan(-9, -1)
    with ward.app.app_context():
        with pytest.raises(Invalid, match="才结束"), unit_of_work():
            commands.finish_rotation(ward.teacher.actor, running, "pass", version=1)
        for actor in (ward.second.actor, ward.cast.learner.actor, ward.cast.county_auditor.actor):
            with pytest.raises(NotFound), unit_of_work():
                commands.finish_rotation(actor, over, "pass", version=1)
        for _ in range(2):
            with unit_of_work():
                commands.finish_rotation(ward.teacher.actor, over, "fail", version=1)
        with pytest.raises(Conflict), unit_of_work():
            commands.finish_rotation(ward.teacher.actor, over, "pass", version=2)
        with pytest.raises(Conflict), unit_of_work():
            commands.cancel_rotation(ward.cast.county_auditor.actor, over, version=2)
    kept = ward.rotation(over)
    assert (kept.state, kept.exam, kept.version) == ("finished", "fail", 2)


def test_a_returned_rotation_is_planned_again(ward: Ward) -> None:
    rotation = ward.plan(-9, -1)
    teacher, office = ward.browser(ward.teacher), ward.browser(ward.cast.county_auditor)
    address = f"/practice-log/rotations/{rotation}"
    assert post_form(teacher, address, {"reason": "只来了三天"}, action="/return").status_code == 303
    assert "只来了三天" in office.get(address).text
    assert "退回重排" in office.get("/practice-log/planning").text
    doctor = ward.browser(ward.cast.learner)
    returned = "没有给您安排的轮转“内科”签字"
    assert returned in office.get("/account/notices").text
    assert returned not in doctor.get("/account/notices").text
    assert "没有给您的轮转“内科”签字" in doctor.get("/account/notices").text
    old = next(one for one in forms_of(office.get(f"{address}/change").text) if "starts_on" in one["names"])
    fixed = {"starts_on": after(-3), "title_zh": "内科（心内）"}
    assert post_form(office, f"{address}/change", fixed).status_code == 303
    assert returned not in office.get("/account/notices").text
    twice = office.post(f"{address}/change", data=dict(old["fields"]) | fixed, follow_redirects=True)
    assert "刚才已经改好，没有再改一次" in twice.text
    stale = office.post(f"{address}/change", data=dict(old["fields"]))
    assert stale.status_code == 409
    kept = ward.rotation(rotation)
    assert (kept.state, kept.version, kept.titles["zh"]) == ("planned", 3, "内科（心内）")
    with ward.app.app_context(), unit_of_work(write=False):
        steps = queries.seen_rotation(ward.cast.learner.actor, rotation).steps
    assert [one.action for one in steps] == ["planned", "returned", "changed"]
    with ward.app.app_context(), unit_of_work(), pytest.raises(Exception, match="append-only"):
        session().execute(text("DELETE FROM rotation_step"))


def test_practice_belongs_to_a_rotation_of_its_day(ward: Ward) -> None:
    rotation = ward.plan(-5, -1)
    inside, outside = span(-2, -2).first, clock.today()
    entry = ward.enter(on_date=inside, rotation_id=rotation)
    with ward.app.app_context():
        for changed in ({"on_date": outside, "rotation_id": rotation}, {"rotation_id": new_id()}):
            with pytest.raises(Invalid) as refused, unit_of_work():
                commands.enter(ward.cast.learner.actor, new_id(), ward.written(**changed))
            assert set(refused.value.fields) == {"rotation_id"}
        last = span(-1, -1).first
        with pytest.raises(Invalid, match="落在这段日期以外"), unit_of_work():
            commands.change_rotation(ward.cast.county_auditor.actor, rotation, ward.planned(last, last), version=1)
    assert "内科" in ward.browser(ward.cast.learner).get(f"/practice-log/{entry}").text


def test_modules_sum_what_is_signed_and_what_waits(ward: Ward, count_sql) -> None:  # type: ignore[no-untyped-def]
    first, second = ward.plan(-20, -11), ward.plan(-10, -1)
    failed, off = ward.plan(-40, -35, module="surgery"), ward.plan(-30, -28, module="surgery")
    on = {one: span(day, day).first for one, day in ((first, -15), (second, -5), (failed, -36), (off, -29))}
    for rotation, day in on.items():
        signed = ward.enter(on_date=day, rotation_id=rotation, hours=Decimal("5.5"), cases=2)
        assert ward.sign(signed) == (1, 0)
        ward.enter(on_date=day, rotation_id=rotation, hours=None, cases=3)
    with ward.app.app_context():
        for rotation, exam in ((first, "pass"), (failed, "fail")):
            with unit_of_work():
                commands.finish_rotation(ward.teacher.actor, rotation, exam, version=1)
        with unit_of_work():
            commands.cancel_rotation(ward.cast.county_auditor.actor, off, version=1)
        who = [ward.cast.learner.person_id, ward.cast.colleague.person_id]
        with unit_of_work(write=False), count_sql() as statements:
            found = queries.module_totals(who)
    assert len(statements) == 2
    assert found == {
        ward.cast.learner.person_id: {
            ("gp-transfer", "internal"): ModuleDone(
                passed=(span(-20, -11),), planned=(span(-10, -1),), hours_signed=Decimal(11), cases_signed=4,
                hours_waiting=Decimal(0), cases_waiting=6,
            ),
            ("gp-transfer", "surgery"): ModuleDone(failed=(span(-40, -35),)),
        }
    }  # fmt: skip


def test_modules_that_are_known_above_are_chosen_not_typed(ward: Ward) -> None:
    known = ModuleChoice("gp-transfer", "internal", {"zh": "内科", "en": "Internal medicine"})
    office = ward.browser(ward.cast.county_auditor)
    page = f"/practice-log/planning/{ward.cast.learner.person_id}"
    given = {
        "site_id": str(ward.cast.places["LB-YL-YY"]), "supervisor_id": str(ward.teacher.person_id),
        "starts_on": after(1), "ends_on": after(9),
    }  # fmt: skip
    parts.modules_offered.fill(lambda cards: {card.id: [known] for card in cards})
    try:
        assert 'name="programme"' not in office.get(page).text
        assert "请从列出的几项里选一项" in post_form(office, page, given | {"chosen": ""}).text
        answer = post_form(office, page, given | {"chosen": "gp-transfer/internal"})
        assert answer.status_code == 303
        renamed = ModuleChoice("gp-transfer", "internal", {"zh": "内科（新）", "en": "New"})
        parts.modules_offered.fill(lambda cards: {card.id: [renamed] for card in cards})
        change = f"{answer.headers['Location']}/change"
        assert post_form(office, change, {"ends_on": after(12)}).status_code == 303
        with ward.app.app_context(), unit_of_work(write=False):
            [kept] = queries.rotations_of([ward.cast.learner.person_id])[ward.cast.learner.person_id]
        assert kept.titles == {"zh": "内科", "en": "Internal medicine"}, "titles are those of then"
        assert kept.ends_on == date.fromisoformat(after(12))
    finally:
        parts.modules_offered.fill(lambda cards: None)
