"""Records: handed in, verified by levels, corrected, withdrawn, kept from strangers; what requirements say of them."""

import io
import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from cast import Cast
from credit_stage import reading, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from record_stage import (
    DIPLOMA,
    LICENCE,
    PRACTICE,
    SAID,
    WRITTEN,
    House,
    card_of,
    decide,
    entered,
    facts_of,
    handed_in,
    known,
    photo,
    record_of,
    send,
    settled,
)
from sqlalchemy import func, select, update
from uploaded import jpeg
from werkzeug.test import TestResponse

from lms.kernel import clock, files
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.pathways import catalogue, queries
from lms.pathways.models import Following, PersonRecord, RecordFile, RecordStep
from lms.pathways.numbers import opened
from lms.pathways.rules.judging import judge
from lms.pathways.rules.records import Kind, Standing
from lms.pathways.rules.states import State
from lms.people.models import Person
from lms.people.notices import licences
from lms.people.privacy import closing


@pytest.fixture
def there(app: Flask, cast: Cast) -> House:
    return settled(app, cast)


def count(app: Flask, table: Any) -> int:
    with reading(app):
        return session().scalar(select(func.count()).select_from(table)) or 0


def state_of(there: House, pathway: str, code: str) -> State | None:
    card = card_of(there.app, there.cast.learner)
    known_facts = facts_of(there.app, there.cast.learner)
    way = catalogue.known(pathway)
    assert way
    with reading(there.app):
        _, (standing,) = queries.standings(card, known_facts, [way])
    return standing.state(code)


def test_her_unit_then_the_county_and_the_requirement_stands(there: House) -> None:
    doctor, unit, county = (there.browser(one) for one in (there.cast.learner, there.unit, there.cast.county_auditor))
    assert state_of(there, "assistant-physician", "E2") is State.MISSING
    record_id = handed_in(doctor, "practice", PRACTICE)
    assert [one.standing for one in known(there.app, there.cast.learner, Kind.PRACTICE)] == [Standing.SUBMITTED]
    assert state_of(there, "assistant-physician", "E2") is State.SUBMITTED
    assert "等本单位核实" in doctor.get("/pathways/records").text
    assert decide(unit, record_id).status_code == 303
    assert record_of(there.app, record_id).waiting == 2
    assert "您这一级已经核实过" in unit.get(f"/audit/records/{record_id}").text
    assert "本单位已核实，现在由县级核实" in doctor.get(f"/pathways/records/{record_id}").text
    assert decide(county, record_id).status_code == 303
    [held] = known(there.app, there.cast.learner, Kind.PRACTICE)
    assert (held.standing, held.fields["supervisor"]) == (Standing.VERIFIED, "钱伯雅")
    assert state_of(there, "assistant-physician", "E2") is State.VERIFIED
    page = doctor.get(f"/pathways/records/{record_id}").text
    assert "已核实，各条路都用得上" in page
    assert "何文静" in page


def test_a_higher_level_need_not_wait_and_a_lower_one_cannot_undo_it(there: House) -> None:
    doctor, unit, county = (there.browser(one) for one in (there.cast.learner, there.unit, there.cast.county_auditor))
    record_id = handed_in(doctor, "practice", PRACTICE)
    assert decide(county, record_id).status_code == 303
    assert record_of(there.app, record_id).state == "verified"
    assert "上一级已经看过" in unit.get(f"/audit/records/{record_id}").text
    refused = unit.post(
        f"/audit/records/{record_id}", data={"csrf_token": token(unit), "action": "reject", "version": "2",
                                             "reason": SAID}
    )  # fmt: skip
    assert refused.status_code == 403
    assert record_of(there.app, record_id).state == "verified"


def token(client: Any) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").text)
    assert found
    return found[1]


def test_the_numbers_are_sealed_and_masked_everywhere(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    record_id = handed_in(doctor, "diploma", DIPLOMA)
    record = record_of(there.app, record_id)
    with there.app.app_context():
        assert opened(record.number_sealed) == DIPLOMA["number"]
    assert record.number_mask == "00************56"
    for client, page in (
        (doctor, "/pathways/records"), (doctor, f"/pathways/records/{record_id}"),
        (county, "/audit/records"), (county, f"/audit/records/{record_id}"),
    ):  # fmt: skip
        assert DIPLOMA["number"] not in client.get(page).text
    with reading(there.app):
        step = session().scalars(select(RecordStep)).one()
        assert DIPLOMA["number"] not in str(step.content)


def test_strangers_and_other_counties_find_nothing(there: House) -> None:
    doctor = there.browser(there.cast.learner)
    record_id = handed_in(doctor, "diploma", DIPLOMA)
    with reading(there.app):
        file_id = session().scalars(select(RecordFile.id)).one()
    paper = f"/pathways/records/{record_id}/papers/{file_id}"
    for member in (there.cast.colleague, there.cast.stranger):
        client = there.browser(member)
        for page in (f"/pathways/records/{record_id}", paper, f"{paper}/small"):
            assert client.get(page).status_code == 404, (member.key, page)
    other = there.browser(there.cast.stranger)
    assert other.get(f"/audit/records/{record_id}").status_code == 404
    assert "赵桂芳" not in other.get("/audit/records").text
    assert other.get(f"/audit/records/new?person={there.cast.learner.person_id}").status_code == 404
    assert "赵桂芳" not in other.get("/audit/records/new?q=赵").text
    # Diplomas are the county's to look at; her unit has no business with them.
    assert there.browser(there.unit).get(paper).status_code == 404
    for client in (doctor, there.browser(there.cast.county_auditor)):
        with client.get(paper) as shown:
            assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")


def test_nobody_verifies_her_own(there: House) -> None:
    county = there.browser(there.cast.county_auditor)
    record_id = handed_in(county, "training", {"on": "2026-05-01", "title": "急救", "place": "县医院"})
    assert "这是您自己的材料" in county.get(f"/audit/records/{record_id}").text
    sent = county.post(
        f"/audit/records/{record_id}", data={"csrf_token": token(county), "action": "verify", "version": "1"}
    )
    assert sent.status_code == 403
    assert record_of(there.app, record_id).state == "waiting"
    mine = f"/audit/records/new?person={there.cast.county_auditor.person_id}&kind=assessment"
    answer = post_form(county, mine, {"on": "2026-05-01", "result": "pass"}, action="/audit/records/new")
    assert answer.status_code == 403
    colleague = there.browser(there.cast.province_auditor)
    assert "在同一单位" in colleague.get(f"/audit/records/{record_id}").text


def test_the_same_form_twice_is_once_and_the_same_thing_twice_is_refused(there: House) -> None:
    doctor = there.browser(there.cast.learner)
    page = "/pathways/records/new?kind=diploma"
    form = next(one for one in forms_of(doctor.get(page).text) if "school" in one["names"])
    data = {**dict(form["fields"]), **DIPLOMA, "truth": "y"}
    picture = jpeg((320, 240))
    answers = [
        doctor.post("/pathways/records", data={**data, "papers": (io.BytesIO(picture), "证.jpg")}) for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert (count(there.app, PersonRecord), count(there.app, RecordStep)) == (1, 1)
    again = send(doctor, "diploma", {**DIPLOMA, "number": "another"})
    assert again.status_code == 422
    assert "同样的一份已经有了" in again.text
    assert count(there.app, PersonRecord) == 1


def test_the_next_record_is_one_that_she_may_decide_on(there: House) -> None:
    """The province's auditor works at the county's bureau, as the county's does: his record is somebody else's turn."""
    house, doctor = there.browser(there.cast.province_auditor), there.browser(there.cast.learner)
    handed_in(house, "diploma", DIPLOMA)
    first, second = (handed_in(doctor, "diploma", {**DIPLOMA, "on": f"200{year}-07-01"}) for year in (1, 4))
    county = there.browser(there.cast.county_auditor)
    assert str(decide(county, first, then="next").location).endswith(second)
    assert str(decide(county, second, then="next").location).endswith(second)


def went_back(client: FlaskClient, kind: str) -> dict[str, Any]:
    """The form of a kind as a browser still has it when its user goes back."""
    page = client.get(f"/pathways/records/new?kind={kind}").text
    form = next(one for one in forms_of(page) if "truth" in one["names"])
    return {**dict(form["fields"]), "truth": "y"}


def test_what_was_withdrawn_is_handed_in_anew_by_who_goes_back_to_its_form(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    form = {**went_back(doctor, "diploma"), **DIPLOMA}
    sent = doctor.post("/pathways/records", data={**form, "papers": photo()})
    record_id = str(sent.location).rsplit("/", 1)[1]
    assert post_form(doctor, f"/pathways/records/{record_id}", {}, action=f"/pathways/records/{record_id}/withdraw")
    assert record_of(there.app, record_id).state == "withdrawn"
    clearer = io.BytesIO(jpeg((300, 200))), "清楚.jpg"
    assert "请至少交一份材料" in doctor.post("/pathways/records", data=form).text
    again = doctor.post("/pathways/records", data={**form, "school": "云州医专", "papers": clearer})
    assert again.location == sent.location
    page = doctor.get(str(again.location)).text
    assert "已经交上去，等核实。" in page
    assert "刚才已经交上去了" not in page
    record = record_of(there.app, record_id)
    assert (record.state, record.waiting, record.fields["school"]) == ("waiting", 2, "云州医专")
    shown = county.get(f"/audit/records/{record_id}").text
    assert "清楚.jpg" in shown
    assert "证.jpg" not in shown
    assert [one.action for one in steps(there, record_id)] == ["handed_in", "withdrawn", "handed_in"]
    assert decide(county, record_id).status_code == 303


def test_what_was_changed_after_going_back_is_never_dropped_in_silence(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    form = {**went_back(doctor, "diploma"), **DIPLOMA}
    picture = jpeg((320, 240))

    def press(**changed: Any) -> TestResponse:
        return doctor.post("/pathways/records", data={**form, "papers": (io.BytesIO(picture), "证.jpg"), **changed})

    sent = press()
    record_id = str(sent.location).rsplit("/", 1)[1]
    for changed in ({"school": "云州医专"}, {"number": "0001232001000457"}, {"papers": photo()}):
        answer = press(**changed)
        assert answer.status_code == 422, changed
        assert "您后来改的没有存上" in answer.text
        fresh = next(one for one in forms_of(answer.text) if "truth" in one["names"])
        assert dict(fresh["fields"])["record_id"] != form["record_id"]  # to hand in another one
    assert press().status_code == 303
    assert "云州医专" in doctor.post("/pathways/records", data={**form, "school": "云州医专"}).text
    assert record_of(there.app, record_id).fields["school"] == DIPLOMA["school"]
    assert decide(county, record_id, "reject").status_code == 303
    assert "请打开那一份，改好再交" in press(school="云州医专").text
    # A correction that was sent, gone back to and changed.
    page = doctor.get(f"/pathways/records/{record_id}").text
    mine = next(one for one in forms_of(page) if "truth" in one["names"])
    data = {**dict(mine["fields"]), **DIPLOMA, "number": "", "truth": "y"}
    for school, status in (("云州医专", 303), ("云州医专", 303), ("云州卫校", 409)):
        answer = doctor.post(f"/pathways/records/{record_id}", data={**data, "school": school})
        assert answer.status_code == status, school
    assert "您写的没有存上" in answer.text
    assert "云州卫校" in answer.text
    assert record_of(there.app, record_id).fields["school"] == "云州医专"


def test_what_an_office_changes_after_going_back_is_not_dropped_either(there: House) -> None:
    county = there.browser(there.cast.county_auditor)
    page = county.get(f"/audit/records/new?person={there.cast.learner.person_id}&kind=assessment").text
    form = dict(next(one for one in forms_of(page) if "result" in one["names"])["fields"])
    form |= {"on": "2026-03-01", "result": "pass"}
    first, second = (county.post("/audit/records/new", data=form) for _ in range(2))
    assert first.location == second.location
    assert "您后来改的没有存上" in county.post("/audit/records/new", data={**form, "result": "fail"}).text
    record_id = str(first.location).rsplit("/", 1)[1]
    assert decide(county, record_id, "reject").status_code == 303
    assert "这一份已经作废" in county.post("/audit/records/new", data=form).text
    assert count(there.app, PersonRecord) == 1


def test_rejected_corrected_and_verified(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    record_id = handed_in(doctor, "diploma", DIPLOMA)
    assert "请写一句话" in decide(county, record_id, "reject", reason="").text
    assert decide(county, record_id, "reject").status_code == 303
    page = doctor.get(f"/pathways/records/{record_id}").text
    assert SAID in page
    assert DIPLOMA["number"] not in page
    assert known(there.app, there.cast.learner, Kind.DIPLOMA)[0].standing is Standing.REJECTED
    with reading(there.app):
        old = session().scalars(select(RecordFile.id)).one()
    gone = post_form(doctor, f"/pathways/records/{record_id}", {"gone": str(old), "truth": "y", "school": "云州医专"})
    assert gone.status_code == 422
    assert "请至少交一份材料" in gone.text
    sent = post_form(
        doctor, f"/pathways/records/{record_id}",
        {"gone": str(old), "truth": "y", "school": "云州医专", "papers": photo("清楚.jpg")},
    )  # fmt: skip
    assert sent.status_code == 303, sent.text
    record = record_of(there.app, record_id)
    assert (record.state, record.version, record.waiting, record.fields["school"]) == ("waiting", 3, 2, "云州医专")
    with there.app.app_context():
        assert opened(record.number_sealed) == DIPLOMA["number"]
    assert decide(county, record_id).status_code == 303
    assert record_of(there.app, record_id).state == "verified"
    assert [step.action for step in steps(there, record_id)] == ["handed_in", "rejected", "handed_in", "verified"]


def steps(there: House, record_id: str) -> list[RecordStep]:
    with reading(there.app):
        found = select(RecordStep).where(RecordStep.record_id == UUID(record_id)).order_by(RecordStep.at)
        rows = list(session().scalars(found))
        session().expunge_all()
        return rows


def test_two_tabs_and_two_auditors(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    province = there.browser(there.cast.province_auditor)
    record_id = handed_in(doctor, "diploma", DIPLOMA)
    page = f"/audit/records/{record_id}"
    open_form = next(one for one in forms_of(province.get(page).text) if "reason" in one["names"])
    assert decide(county, record_id, "reject").status_code == 303
    late = province.post(page, data={**dict(open_form["fields"]), "action": "reject", "reason": "学校名称不对。"})
    assert late.status_code == 409
    assert SAID in late.text
    assert "学校名称不对" in late.text
    mine = f"/pathways/records/{record_id}"
    first = next(one for one in forms_of(doctor.get(mine).text) if "school" in one["names"])
    assert post_form(doctor, mine, {"truth": "y", "school": "云州医专"}).status_code == 303
    assert decide(county, record_id, "reject").status_code == 303
    stale = {**dict(first["fields"]), "relevant": "yes", "level": "bachelor", "truth": "y", "school": "另一所学校"}
    answer = doctor.post(mine, data=stale)
    assert answer.status_code == 409
    assert "另一所学校" in answer.text
    assert "云州医专" in answer.text
    assert record_of(there.app, record_id).fields["school"] == "云州医专"


def test_withdrawn_while_nobody_decided(there: House) -> None:
    doctor, unit = there.browser(there.cast.learner), there.browser(there.unit)
    first, second = handed_in(doctor, "diploma", DIPLOMA), handed_in(doctor, "practice", PRACTICE)
    assert post_form(doctor, f"/pathways/records/{first}", action="/withdraw").status_code == 303
    assert record_of(there.app, first).state == "withdrawn"
    assert there.browser(there.cast.county_auditor).get(f"/audit/records/{first}").status_code == 404
    handed_in(doctor, "diploma", DIPLOMA)
    assert decide(unit, second).status_code == 303
    late = doctor.post(
        f"/pathways/records/{second}/withdraw", data={"csrf_token": token(doctor), "version": "2"}
    )
    assert late.status_code == 409
    assert "不能撤回" in late.text


def test_what_was_verified_may_turn_out_wrong(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    record_id = handed_in(doctor, "diploma", DIPLOMA)
    assert decide(county, record_id).status_code == 303
    wrong = decide(there.browser(there.cast.province_auditor), record_id, "reject", reason="学信网查不到这个编号。")
    assert wrong.status_code == 303
    record = record_of(there.app, record_id)
    assert (record.state, record.decided, record.verified_at) == ("rejected", 4, None)
    assert "学信网查不到这个编号" in doctor.get(f"/pathways/records/{record_id}").text
    assert post_form(doctor, f"/pathways/records/{record_id}", {"truth": "y"}).status_code == 303
    assert record_of(there.app, record_id).waiting == 4


BAD: tuple[tuple[str, dict[str, Any], dict[str, Any], str], ...] = (
    ("village_licence", LICENCE, {"until": "2022-02-28"}, "早于“发证日期”"),
    ("village_licence", LICENCE, {"until": "2027-03-02"}, "有效期是五年"),
    ("village_licence", LICENCE, {"on": "2099-01-01", "until": "2099-06-01"}, "还没有到"),
    ("village_licence", LICENCE, {"until": ""}, "请填写这一项"),
    ("diploma", DIPLOMA, {"on": "2099-07-01"}, "还没有到"),
    ("diploma", DIPLOMA, {"on": "1900-07-01"}, "日期不对"),
    ("diploma", DIPLOMA, {"on": "not a day"}, "日期的样子是"),
    ("diploma", DIPLOMA, {"level": "wizard"}, "请从列出的几项里选一项"),
    ("diploma", DIPLOMA, {"number": "9" * 41}, "最多 40 个字"),
    ("diploma", DIPLOMA, {"number": ""}, "请填写这一项"),
    ("diploma", DIPLOMA, {"school": "校" * 61}, "最多 60 个字"),
    ("practice", PRACTICE, {"until": "2099-12-31"}, "还没有到"),
    ("practice", PRACTICE, {"supervisor": "赵 桂芳"}, "带教医师不能是您自己"),
    ("exam_practical", {**WRITTEN, "exam": "rural_assistant"}, {"score": "300"}, "不到合格线"),
    ("exam_written", WRITTEN, {"result": "fail"}, "已到合格线"),
    ("exam_written", WRITTEN, {"score": "1e9"}, "0 到 1000"),
    ("exam_written", WRITTEN, {"score": "NaN"}, "0 到 1000"),
)


def test_bad_input_is_named_and_changes_nothing(there: House) -> None:
    doctor = there.browser(there.cast.learner)
    for kind, good, wrong, said in BAD:
        answer = send(doctor, kind, {**good, **wrong})
        assert answer.status_code == 422, (kind, wrong)
        assert said in answer.text, (kind, wrong)
        named = re.search(r'href="#(\w+)"', answer.text[answer.text.index("处要改") :])
        assert named, (kind, wrong)
        assert named[1] in {*wrong, "until", "on", "result"}
    no_paper = send(doctor, "diploma", DIPLOMA, paper=False)
    assert "请至少交一份材料" in no_paper.text
    form = post_form(doctor, "/pathways/records/new?kind=diploma", {**DIPLOMA, "papers": photo()},
                     action="/pathways/records")  # fmt: skip
    assert "请先确认内容属实" in form.text
    assert "收好了，提交时会一起交上去" in form.text
    assert (count(there.app, PersonRecord), count(there.app, RecordFile)) == (0, 0)


def test_spans_of_practice_do_not_overlap(there: House) -> None:
    doctor = there.browser(there.cast.learner)
    handed_in(doctor, "practice", PRACTICE)
    answer = send(doctor, "practice", {**PRACTICE, "on": "2024-12-31", "until": "2025-06-30", "place": "县医院"})
    assert answer.status_code == 422
    assert "重叠" in answer.text
    handed_in(doctor, "practice", {**PRACTICE, "on": "2025-01-01", "until": "2025-06-30"})


def test_a_ban_is_the_countys_and_no_result_counts_within_it(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    assert doctor.get("/pathways/records/new?kind=ban").status_code == 404
    sent = doctor.post("/pathways/records", data={"csrf_token": token(doctor), "kind": "ban"})
    assert sent.status_code == 404
    before = handed_in(doctor, "exam_practical", {**WRITTEN, "on": "2025-06-10"})
    last = clock.today() + timedelta(days=30)
    ban = {"on": "2025-01-01", "until": last.isoformat(), "reason": "考试作弊"}
    assert entered(county, there.cast.learner, "ban", ban).status_code == 303
    [held] = known(there.app, there.cast.learner, Kind.BAN)
    assert held.verified
    late = decide(county, before)
    assert (late.status_code, "在禁考期内" in late.text) == (422, True)
    assert record_of(there.app, before).state == "waiting"
    answer = send(doctor, "exam_written", WRITTEN)
    assert answer.status_code == 422
    assert f"在禁考期内（到 {last.year}年{last.month}月{last.day}日 为止）" in answer.text
    assert entered(county, there.cast.learner, "exam_written", WRITTEN).status_code == 422
    shown = doctor.get(f"/pathways/records/{held.id}").text
    assert "由审核机关登记" in shown
    assert "何文静" in shown
    assert "/withdraw" not in shown
    assert state_of(there, "assistant-physician", "E4") is State.REJECTED
    assert decide(county, held.id, "reject", reason="登记错了人。").status_code == 303
    assert "改好再交" not in doctor.get(f"/pathways/records/{held.id}").text
    assert entered(county, there.cast.learner, "ban", ban).status_code == 303


def test_a_ban_over_a_verified_pass_sends_it_back_to_be_looked_at(there: House) -> None:
    doctor, county, province = (
        there.browser(one) for one in (there.cast.learner, there.cast.county_auditor, there.cast.province_auditor)
    )
    passes = {
        "exam_practical": {**WRITTEN, "on": "2025-06-10"}, "exam_written": WRITTEN,
        "another": {**WRITTEN, "on": "2024-12-31"},
    }  # fmt: skip
    ids = {name: handed_in(doctor, name.replace("another", "exam_written"), told) for name, told in passes.items()}
    for name, record_id in ids.items():
        assert decide(county if name == "exam_practical" else province, record_id).status_code == 303
    ban = {"on": "2025-01-01", "until": "2026-12-31", "reason": "考试作弊"}
    done = entered(county, there.cast.learner, "ban", ban)
    assert "禁考期内有 2 份已核实的考试成绩，已退回再核实。" in county.get(str(done.location)).text
    standing = {name: (record_of(there.app, one).state, record_of(there.app, one).waiting) for name, one in ids.items()}
    assert standing == {"exam_practical": ("waiting", 2), "exam_written": ("waiting", 4), "another": ("verified", 0)}
    assert "要再核实一次，现在由省级核实" in doctor.get(f"/pathways/records/{ids['exam_written']}").text
    told = doctor.get("/account/notices").text
    assert "您的实践技能考试成绩要再核实一次：登记的禁考期盖住了考试那一天。" in told
    assert "您的医学综合考试成绩要再核实一次" in told
    assert "还要考点再核实一次。" in doctor.get("/pathways/assistant-physician").text
    assert ids["exam_practical"] in county.get("/audit/records?mine=y").text
    # Neither counts while both stand; the office that was wrong takes back its own.
    late = decide(county, ids["exam_practical"])
    assert (late.status_code, "在禁考期内" in late.text) == (422, True)
    held = str(done.location).rsplit("/", 1)[1]
    assert decide(county, held, "reject", reason="登记错了人。").status_code == 303
    assert decide(county, ids["exam_practical"]).status_code == 303
    assert decide(province, ids["exam_written"], "reject").status_code == 303
    assert "改好再交" in doctor.get(f"/pathways/records/{ids['exam_written']}").text


def test_what_an_office_enters_waits_for_the_province_where_it_must(there: House) -> None:
    county, province = there.browser(there.cast.county_auditor), there.browser(there.cast.province_auditor)
    done = entered(county, there.cast.learner, "assessment", {"on": "2026-03-01", "result": "pass"})
    record_id = str(done.location).rsplit("/", 1)[1]
    assert record_of(there.app, record_id).state == "verified"
    assert duty(there, "V3") is State.VERIFIED
    sent = entered(county, there.cast.learner, "exam_written", WRITTEN)
    exam = str(sent.location).rsplit("/", 1)[1]
    assert (record_of(there.app, exam).state, record_of(there.app, exam).waiting) == ("waiting", 4)
    doctor = there.browser(there.cast.learner)
    for client, page in (
        (doctor, "/pathways/records"), (doctor, f"/pathways/records/{exam}"),
        (county, "/audit/records"), (county, f"/audit/records/{exam}"),
    ):  # fmt: skip
        shown = client.get(page).text
        assert "等省级核实" in shown, page
        assert not re.search("自报|您自己说的", shown), page
    assert decide(province, exam).status_code == 303
    assert record_of(there.app, exam).state == "verified"
    choices = province.get(f"/audit/records/{exam}").text
    assert "作废，写明原因" in choices
    assert "请医生改正" not in choices
    assert decide(province, exam, "reject", reason="登记错了人。").status_code == 303
    told = doctor.get("/account/notices").text
    assert "登记在您名下的医学综合考试成绩已经作废" in told
    assert "改好可以再交" not in told
    assert "已经作废，请看原因" in doctor.get(f"/pathways/records/{exam}").text
    assert state_of(there, "assistant-physician", "E6") is not State.REJECTED
    assert entered(county, there.cast.learner, "declaration", {}).status_code == 422
    assert "赵桂芳" in county.get("/audit/records/new?q=赵").text


def duty(there: House, code: str) -> State | None:
    way = catalogue.known("village-doctor-duties")
    assert way
    return judge(way, facts_of(there.app, there.cast.learner), clock.today()).state(code)


def test_a_declaration_holds_a_fixed_sentence(there: House) -> None:
    doctor = there.browser(there.cast.learner)
    record_id = handed_in(doctor, "declaration", {}, paper=False)
    [step] = steps(there, record_id)
    assert step.content["affirmed"].startswith("我声明")
    assert "我声明" in there.browser(there.cast.county_auditor).get(f"/audit/records/{record_id}").text


def test_queue_filters_and_english(there: House) -> None:
    doctor, unit, county = (there.browser(one) for one in (there.cast.learner, there.unit, there.cast.county_auditor))
    handed_in(doctor, "diploma", DIPLOMA)
    handed_in(doctor, "practice", PRACTICE)
    assert county.get("/audit/records").text.count("赵桂芳") == 2
    assert county.get("/audit/records?mine=y").text.count("赵桂芳") == 1
    assert county.get("/audit/records?kind=practice").text.count("赵桂芳") == 1
    assert unit.get("/audit/records?mine=y").text.count("赵桂芳") == 1
    assert unit.get("/audit/records?q=没有这个人").text.count("赵桂芳") == 0
    assert county.get("/audit/records?state=verified").text.count("赵桂芳") == 0
    post_form(doctor, "/account", {"language": "en"}, action="/account/language")
    for page in ("/pathways/records", "/pathways/records/new", "/pathways/records/new?kind=exam_written"):
        assert "处要改" not in doctor.get(page).text
    assert "My certificates and experience" in doctor.get("/pathways/records").text


def test_a_licence_that_ends_is_to_be_renewed(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    end = clock.today() + timedelta(days=60)
    start = end - timedelta(days=4 * 365)
    record_id = handed_in(
        doctor, "village_licence", {**LICENCE, "on": start.isoformat(), "until": end.isoformat()}
    )
    assert "快到期了" not in doctor.get("/pathways/records").text
    decide(county, record_id)
    page = doctor.get("/pathways/records").text
    assert "乡村医生执业证书快到期了" in page
    assert "kind=renewal" in page
    handed_in(doctor, "renewal", {"on": clock.today().isoformat()}, paper=False)
    assert "您已申请再注册" in doctor.get("/pathways/records").text
    assert duty(there, "V4") is State.SUBMITTED


def test_who_has_applied_for_renewal_is_not_reminded_until_it_is_rejected(there: House) -> None:
    hers, county = there.cast.learner, there.browser(there.cast.county_auditor)
    doctor, end = there.browser(hers), clock.today() + timedelta(days=60)
    said = "要继续执业，现在该向县卫生健康局申请再注册了"

    def reminded() -> bool:
        with writing(there.app):
            licences.remind({hers.person_id: end})
        return said in doctor.get("/account/notices").text

    def applied(day: date) -> str:
        return handed_in(doctor, "renewal", {"on": day.isoformat()}, paper=False)

    early = applied(clock.today())
    assert not reminded()
    assert post_form(doctor, f"/pathways/records/{early}", {}, action="/withdraw").status_code == 303
    assert reminded()
    assert applied(end - timedelta(days=1800))  # of the licence before
    assert said in doctor.get("/account/notices").text
    record_id = applied(clock.today())
    assert said not in doctor.get("/account/notices").text
    assert not reminded()
    assert decide(county, record_id, "reject").status_code == 303
    assert reminded()
    assert post_form(doctor, f"/pathways/records/{record_id}", {"truth": "y"}).status_code == 303
    assert not reminded()
    assert decide(county, record_id).status_code == 303
    assert not reminded()


def test_exemptions_name_a_programme_and_a_module_of_it(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    assert "免修" not in doctor.get("/pathways/records/new").text
    assert "没有可以参加的培训项目" in doctor.get("/pathways/records/new?kind=exemption").text
    with writing(there.app):
        hers = update(Person).where(Person.id == there.cast.learner.person_id)
        session().execute(hers.values(population="physician"))
    assert "2010 年大纲" in doctor.get("/pathways/records/new?kind=exemption").text
    page = "exemption&programme=gp-transfer-2010"
    exempt = {"on": "2026-05-01", "module": "T", "reason": "学过同样的理论课"}
    for wrong in ({"module": "C9"}, {"module": ""}):
        assert send(doctor, page, {**exempt, **wrong}).status_code == 422
    assert send(doctor, page, {**exempt, "programme": "no-such-programme"}).status_code == 404
    record_id = handed_in(doctor, page, exempt)
    assert "理论培训" in county.get(f"/audit/records/{record_id}").text
    assert decide(county, record_id).status_code == 303
    [held] = known(there.app, there.cast.learner, Kind.EXEMPTION)
    assert dict(held.fields) == {"programme": "gp-transfer-2010", "module": "T", "reason": "学过同样的理论课"}
    final = "final_assessment&programme=gp-transfer-2010"
    assert entered(county, there.cast.learner, final, {"on": "2026-05-01", "result": "pass"}).status_code == 303


def chosen(page: str) -> list[str]:
    """The modules that are ticked on a form of an exemption."""
    return re.findall(r'value="([^"]+)"', " ".join(re.findall(r'<input[^>]*name="module"[^>]* checked[^>]*>', page)))


def test_a_way_that_is_open_to_her_no_more_can_be_gone_to_its_end(there: House) -> None:
    """Her population or her province changed: what she began stays hers, with its plan, forms and verifiers."""
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    way = "gp-transfer-2010"
    with writing(there.app):
        session().add(Following(person_id=there.cast.learner.person_id, pathway=way, since=clock.today()))
    page = doctor.get(f"/pathways/{way}").text
    link = unescape(re.findall(r'href="(/pathways/records/new\?kind=exemption[^"]*module=C[^"]*)"', page)[0])
    form = doctor.get(link).text
    assert chosen(form) == ["C"]
    assert chosen(doctor.get(link.replace("module=C", "module=T")).text) == ["T"]
    plan = doctor.get("/pathways/plan").text
    assert f"programme={way}" in plan
    final = f"final_assessment&programme={way}"
    record_id = handed_in(doctor, final, {"on": "2026-05-01", "result": "pass"})
    assert decide(county, record_id).status_code == 303
    assert state_of(there, way, "F1") is State.VERIFIED
    assert post_form(doctor, f"/pathways/{way}", {}, action=f"/pathways/{way}/stop").status_code == 303
    assert doctor.get(f"/pathways/{way}").status_code == 404


def test_erased_it_says_nothing_of_anybody(there: House) -> None:
    doctor, county = there.browser(there.cast.learner), there.browser(there.cast.county_auditor)
    record_id = handed_in(doctor, "diploma", DIPLOMA)
    with reading(there.app):
        sha = session().scalars(select(RecordFile.sha)).one()
    assert "还没有核实完" in doctor.get("/account/close").text
    decide(county, record_id, "reject")
    with writing(there.app):
        closing.close(SYSTEM, there.cast.learner.person_id, "office")
        closing.erase(SYSTEM, there.cast.learner.person_id)
    with there.app.app_context():
        there.app.extensions["xinglin.runner"].drain()
    record = record_of(there.app, record_id)
    assert (record.state, record.fields, record.number_sealed, record.search_text) == ("withdrawn", {}, None, "")
    assert all(step.reason == "" and step.content == {} for step in steps(there, record_id))
    with reading(there.app):
        assert not files.exists(sha)
    assert county.get(f"/audit/records/{record_id}").status_code == 404
