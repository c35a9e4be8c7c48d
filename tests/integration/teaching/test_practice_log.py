"""The doctor's practice log through its pages, and the supervisor's signature on another phone."""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from cast import PASSWORD
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError
from teaching_stage import Ward

from lms.kernel import clock
from lms.kernel.actor import Role
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.ids import new_id
from lms.kernel.outbox import OutboxRow
from lms.kernel.uow import unit_of_work
from lms.people.models import RoleGrant
from lms.teaching import commands, queries
from lms.teaching.models import PracticeEntry, PracticeStep
from lms.teaching.personal import KEEPER


def day(client: FlaskClient, ward: Ward, **fields: object) -> str:
    """Put a day in as a phone without a script does; the answer's text or where it led."""
    given = {
        "kind": "outpatient", "hours": "6", "place_id": str(ward.cast.places["LB-YL-LX"]),
        "supervisor_id": str(ward.teacher.person_id), "note": "给老人量血压",
    }  # fmt: skip
    answer = post_form(client, "/practice-log", given | fields, action="/practice-log")
    return f"{answer.status_code} {answer.headers.get('Location', '')} {answer.text}"


def rows(ward: Ward) -> int:
    with ward.app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(PracticeEntry)) or 0


def test_ten_days_are_entered_and_signed_on_another_phone(ward: Ward) -> None:
    doctor, teacher = ward.browser(ward.cast.learner), ward.browser(ward.teacher)
    assert 'href="/practice-log"' in doctor.get("/account").text
    today = clock.today()
    for back in range(10):
        said = day(doctor, ward, on_date=(today - timedelta(days=back)).isoformat(), cases="3")
        assert said.startswith("303 /practice-log"), said
    page = teacher.get("/practice-log/signing").text
    assert page.count("赵桂芳") >= 1
    boxes = re.findall(r'name="entry" value="([^"]+)"', page)
    assert len(boxes) == 10
    assert post_form(teacher, "/practice-log/signing", {"entry": boxes}).status_code == 303
    assert "没有等您签字的" in teacher.get("/practice-log/signing").text
    seen = doctor.get("/practice-log").text
    assert seen.count("已签字") >= 10
    assert "60 小时，30 例" in re.sub(r"<[^>]+>", "", seen)
    with ward.app.app_context(), unit_of_work(write=False):
        sums = queries.totals(ward.cast.learner.person_id)
    assert (sums.all.hours_signed, sums.all.cases_signed, sums.all.hours_waiting) == (60, 30, 0)


def test_all_days_of_one_doctor_are_ticked_by_one_press_and_signed_by_the_next(ward: Ward) -> None:
    today, page = clock.today(), "/practice-log/signing"
    hers = [ward.enter(on_date=today - timedelta(days=back)) for back in range(10)]
    with ward.app.app_context(), unit_of_work():
        other = new_id()
        commands.enter(ward.cast.colleague.actor, other, ward.written())
    teacher = ward.browser(ward.teacher)

    def ticked(html: str) -> list[object]:
        return [value for form in forms_of(html) for name, value in form["fields"] if name == "entry"]

    assert ticked(teacher.get(page).text) == []
    (press,) = {one for form in forms_of(teacher.get(page).text) for one in form["buttons"] if one[0] == "tick"}
    assert "勾上赵桂芳的这 10 条" in teacher.get(page).text
    before = {str(one): ward.entry(one).version for one in hers}
    shown = post_form(teacher, page, {"entry": [f"{other}:1"], "tick": press[1]})
    assert shown.status_code == 200
    assert {ward.entry(one).version for one in hers} == set(before.values()), "nothing is signed by ticking"
    boxes = ticked(shown.text)
    assert set(boxes) == {f"{other}:1", *(f"{one}:{version}" for one, version in before.items())}
    token = next(value for form in forms_of(shown.text) for name, value in form["fields"] if name == "csrf_token")
    ward.sign(hers[0])
    sent = teacher.post(page, data={"csrf_token": token, "entry": boxes}, follow_redirects=True)
    assert "签好了 10 条" in sent.text
    assert "没有等您签字的" in sent.text


def test_one_press_of_many_signatures_gives_one_thing_to_do(ward: Ward) -> None:
    entries = [ward.enter(hours=Decimal(1)) for _ in range(9)]
    before = outbox_rows(ward)
    with ward.app.app_context(), unit_of_work():
        assert commands.sign_entries(ward.teacher.actor, [(one, 1) for one in entries]) == (9, 0)
    assert outbox_rows(ward) == before + 1


def outbox_rows(ward: Ward) -> int:
    with ward.app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(OutboxRow)) or 0


def test_an_ordinary_day_begins_with_what_was_chosen_last(ward: Ward) -> None:
    doctor = ward.browser(ward.cast.learner)
    day(doctor, ward, kind="home_visit", hours="4.5", supervisor_id=str(ward.second.person_id))
    form = next(one for one in forms_of(doctor.get("/practice-log").text) if "entry_id" in one["names"])
    fields = dict(form["fields"])
    assert fields["on_date"] == clock.today().isoformat()
    assert (fields["kind"], fields["hours"], fields["note"]) == ("home_visit", "4.5", "")
    assert fields["supervisor_id"] == str(ward.second.person_id)
    assert post_form(doctor, "/practice-log", {"entry_id": fields["entry_id"]}).status_code == 303
    assert rows(ward) == 2


def test_after_a_day_the_form_is_open_for_the_next(ward: Ward) -> None:
    doctor, today = ward.browser(ward.cast.learner), clock.today()
    rotation = ward.plan(-3, -1)
    for back in (3, 2):
        on_date = (today - timedelta(days=back)).isoformat()
        sent = day(doctor, ward, on_date=on_date, kind="ward", rotation_id=str(rotation), hours="7.5")
        page, fields = next_day(doctor, sent)
        assert "再记一天" in page
        assert re.search(r'<input[^>]*name="hours"[^>]*autofocus', page)
        assert fields["on_date"] == (today - timedelta(days=back - 1)).isoformat()
        assert (fields["kind"], fields["hours"], fields["rotation_id"]) == ("ward", "7.5", str(rotation))
        assert fields["supervisor_id"] == str(ward.teacher.person_id)
    # Its last day was the day before: the rotation is over then.
    _, fields = next_day(doctor, day(doctor, ward, on_date=(today - timedelta(days=1)).isoformat()))
    assert (fields["on_date"], fields["rotation_id"]) == (today.isoformat(), "")
    # There is no day after today; today once more is never entered by a press alone.
    _, fields = next_day(doctor, day(doctor, ward, on_date=today.isoformat()))
    assert (fields["on_date"], fields["hours"], fields["kind"]) == (today.isoformat(), "", "outpatient")
    assert "至少写一样" in post_form(doctor, "/practice-log?again=y", {}, action="/practice-log").text
    assert rows(ward) == 4
    assert "再记一天" not in doctor.get("/practice-log").text


def next_day(doctor: FlaskClient, sent: str) -> tuple[str, dict[str, str]]:
    """The page that follows a day that was entered, and what its form holds."""
    page = doctor.get(sent.split()[1]).text
    assert re.search(r'<details class="card" open>', page)
    return page, dict(next(one for one in forms_of(page) if "entry_id" in one["names"])["fields"])


def test_a_form_sent_twice_is_one_entry(ward: Ward) -> None:
    doctor, entry_id = ward.browser(ward.cast.learner), str(new_id())
    assert day(doctor, ward, entry_id=entry_id).startswith("303 /practice-log?again=y ")
    assert day(doctor, ward, entry_id=entry_id).startswith(f"303 /practice-log/{entry_id}")
    # Gone back to and changed it is another day, under another id, and not lost.
    assert "再按一次" in day(doctor, ward, entry_id=entry_id, hours="8")
    assert "再按一次" in day(doctor, ward, entry_id=entry_id, hours="4.1234")
    ward.sign(UUID(entry_id))
    assert "再按一次" in day(doctor, ward, entry_id=entry_id, hours="8")
    assert rows(ward) == 1
    colleague = ward.browser(ward.cast.colleague)
    assert day(colleague, ward, entry_id=entry_id).startswith("404")
    assert rows(ward) == 1


def test_a_browser_is_told_what_it_may_keep_and_what_the_house_has(ward: Ward) -> None:
    doctor, mine = ward.browser(ward.cast.learner), ward.cast.learner
    page = doctor.get("/practice-log").text
    assert f'data-keep="practice" data-who="{mine.person_id}" data-keep-id="entry_id"' in page
    assert "data-had" not in page
    entry_id = str(new_id())
    day(doctor, ward, entry_id=entry_id)
    for shown in ("/practice-log", f"/practice-log/{entry_id}"):
        assert f'data-had="{entry_id}"' in doctor.get(shown).text, shown
    gone = post_form(doctor, "/account", {}, action="/sign-out").headers["Location"]
    assert "/keep." in doctor.get(gone).text
    assert "/keep." not in doctor.get("/").text
    shared = ward.app.test_client()
    post_form(shared, "/sign-in", {"account": mine.phone, "password": PASSWORD, "shared": "y"})
    assert "data-keep=" not in shared.get("/practice-log").text


BAD = (
    ({"on_date": "2099-01-01"}, "这一天还没有到"),
    ({"on_date": "2020-01-01"}, "最近 90 天"),
    ({"hours": "", "cases": ""}, "至少写一样"),
    ({"hours": "25"}, "一天最多 24 小时"),
    ({"hours": "0"}, "要大于 0"),
    ({"hours": "1e3"}, "请写小时数"),
    ({"hours": "0.0001"}, "最多三位小数"),
    ({"cases": "2.5"}, "请填整数"),
    ({"cases": "0"}, "1 到 300 的整数"),
    ({"cases": "-3"}, "1 到 300 的整数"),
    ({"cases": "99999999999999999999"}, "1 到 300 的整数"),
    ({"kind": "golf"}, "请从列出的几项里选一项"),
    ({"place_id": "x"}, "请从列出的几项里选一项"),
    ({"supervisor_id": ""}, "请填写这一项"),
    ({"note": "患者姓名王某，量了血压"}, "里面像是写了病人是谁"),
    ({"note": "回访 13800000000"}, "像手机号"),
    ({"note": "住院号：20331"}, "床号、住院号、病历号"),
    ({"note": "身份证 000000197506120017"}, "像身份证号"),
    ({"note": "长" * 201}, "最多 200 个字"),
)


def test_bad_input_is_named_and_keeps_nothing(ward: Ward) -> None:
    doctor = ward.browser(ward.cast.learner)
    for fields, said in BAD:
        answer = day(doctor, ward, **fields)
        assert answer.startswith("422"), fields
        assert said in answer, fields
    assert rows(ward) == 0


def test_supervisors_are_those_of_her_county_and_never_herself(ward: Ward) -> None:
    doctor = ward.browser(ward.cast.learner)
    page = doctor.get("/practice-log").text
    assert "邓立新" in page
    assert "曹大勇" not in page
    assert "请选一位本县的带教老师" in day(doctor, ward, supervisor_id=str(ward.foreign.person_id))
    assert "请选一位本县的带教老师" in day(doctor, ward, supervisor_id=str(ward.cast.colleague.person_id))
    herself = ward.browser(ward.teacher)
    assert "带教老师不能是您自己" in day(herself, ward, supervisor_id=str(ward.teacher.person_id))
    assert rows(ward) == 0


def test_the_database_itself_refuses_who_signs_for_himself(ward: Ward) -> None:
    entry = ward.enter()
    with ward.app.app_context(), unit_of_work(), pytest.raises(IntegrityError, match="not_herself"):
        session().execute(update(PracticeEntry).where(PracticeEntry.id == entry).values(
            supervisor_id=ward.cast.learner.person_id))  # fmt: skip


def test_a_day_has_24_hours(ward: Ward) -> None:
    doctor = ward.browser(ward.cast.learner)
    assert day(doctor, ward, hours="20").startswith("303")
    assert "最多还能记 4 小时" in day(doctor, ward, hours="4.001")
    assert day(doctor, ward, hours="4", kind="ward").startswith("303")
    assert "超过 24 小时" in day(doctor, ward, hours="0.5")
    assert day(doctor, ward, hours="", cases="2").startswith("303")
    assert rows(ward) == 3


def test_a_returned_entry_comes_first_is_mended_and_signed(ward: Ward) -> None:
    entry = ward.enter()
    ward.enter(kind="ward", hours=Decimal(1))
    doctor, teacher = ward.browser(ward.cast.learner), ward.browser(ward.teacher)
    page = f"/practice-log/signing/{entry}"
    assert post_form(teacher, page, {"reason": " "}, action="/return").status_code == 422
    assert "像手机号" in post_form(teacher, page, {"reason": "打 13800000000"}, action="/return").text
    assert post_form(teacher, page, {"reason": "那天是半天"}, action="/return").status_code == 303
    seen = doctor.get("/practice-log").text
    assert "有 1 条退回给您改" in seen
    assert seen.index("那天是半天") < seen.index("等签字")
    address = f"/practice-log/{entry}"
    assert "邓立新请您改正" in doctor.get(address).text
    assert post_form(doctor, address, {"hours": "4"}, action=str(entry)).status_code == 303
    assert ward.entry(entry).state == "waiting"
    assert ward.sign(entry, 3) == (1, 0)
    with ward.app.app_context(), unit_of_work(write=False):
        _, steps = queries.entry_card(ward.cast.learner.actor, entry)
    assert [(one.action, one.level) for one in steps] == [
        ("entered", "own"), ("returned", "supervisor"), ("changed", "own"), ("signed", "supervisor"),
    ]  # fmt: skip


def test_what_is_signed_stays(ward: Ward) -> None:
    entry = ward.enter()
    doctor = ward.browser(ward.cast.learner)
    form = next(one for one in forms_of(doctor.get(f"/practice-log/{entry}").text) if "hours" in one["names"])
    assert ward.sign(entry) == (1, 0)
    assert ward.sign(entry) == (0, 0), "a double press is harmless"
    for address in (f"/practice-log/{entry}", f"/practice-log/{entry}/withdraw"):
        answer = doctor.post(address, data=dict(form["fields"]) | {"hours": "9", "note": "我后来写的"})
        assert answer.status_code == 409, address
        assert "已经签了字" in answer.text
    kept = ward.entry(entry)
    assert (kept.state, kept.hours_milli, kept.version) == ("signed", 6000, 2)
    page = doctor.get(f"/practice-log/{entry}").text
    assert "撤回这一条" not in page
    with ward.app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count()).where(PracticeStep.action == "signed")) == 1


def test_two_tabs_see_both_texts(ward: Ward) -> None:
    entry = ward.enter()
    doctor = ward.browser(ward.cast.learner)
    old = dict(next(
        one for one in forms_of(doctor.get(f"/practice-log/{entry}").text) if "hours" in one["names"])["fields"]
    )  # fmt: skip
    assert post_form(doctor, f"/practice-log/{entry}", {"note": "第一个页面"}, action=str(entry)).status_code == 303
    # A second press says what was sent already.
    twice = doctor.post(f"/practice-log/{entry}", data=old | {"note": "第一个页面"}, follow_redirects=True)
    assert "刚才已经改好，没有再改一次" in twice.text
    assert ward.entry(entry).version == 2
    answer = doctor.post(f"/practice-log/{entry}", data=old | {"note": "第二个页面"})
    assert answer.status_code == 409
    assert "第一个页面" in answer.text
    assert "第二个页面" in answer.text
    assert ward.entry(entry).note == "第一个页面"
    form = next(one for one in forms_of(answer.text) if "hours" in one["names"])
    assert doctor.post(f"/practice-log/{entry}", data=dict(form["fields"])).status_code == 303
    assert ward.entry(entry).note == "第二个页面"


def test_nobody_else_comes_near(ward: Ward) -> None:
    entry = ward.enter()
    for member in (ward.cast.colleague, ward.cast.stranger, ward.cast.county_auditor, ward.teacher):
        assert ward.browser(member).get(f"/practice-log/{entry}").status_code == 404, member.key
    for member in (ward.cast.colleague, ward.second, ward.foreign, ward.cast.learner):
        client = ward.browser(member)
        assert client.get(f"/practice-log/signing/{entry}").status_code == 404, member.key
        token = dict(forms_of(client.get("/practice-log").text)[0]["fields"])["csrf_token"]
        for address, said in (
            ("/practice-log/signing", {"entry": f"{entry}:1"}),
            (f"/practice-log/signing/{entry}/return", {"reason": "不对不对"}),
            (f"/practice-log/{entry}/withdraw", {"version": "1"}),
        ):
            if member is ward.cast.learner and address.endswith("withdraw"):
                continue
            assert client.post(address, data=said | {"csrf_token": token}).status_code == 404, (member.key, address)
    assert ward.entry(entry).state == "waiting"


def test_of_a_batch_only_his_own_are_signed(ward: Ward) -> None:
    """The doctor may have named somebody else meanwhile; and of others' alone there is nothing to sign."""
    mine, other = ward.enter(), ward.enter(supervisor_id=ward.second.person_id, hours=Decimal(1))
    teacher = ward.browser(ward.teacher)
    boxes = [f"{mine}:1", f"{other}:1"]
    assert post_form(teacher, "/practice-log/signing", {"entry": boxes[1:]}).status_code == 404
    answer = post_form(teacher, "/practice-log/signing", {"entry": boxes}, follow=True)
    assert "有 1 条刚刚变了，没有签" in answer.text
    assert (ward.entry(mine).state, ward.entry(other).state) == ("signed", "waiting")


def test_what_changed_meanwhile_is_not_signed_unseen(ward: Ward) -> None:
    first, second = ward.enter(), ward.enter(hours=Decimal(2))
    with ward.app.app_context(), unit_of_work():
        commands.change(ward.cast.learner.actor, second, ward.written(hours=Decimal(12)), version=1)
    teacher = ward.browser(ward.teacher)
    answer = post_form(
        teacher, "/practice-log/signing", {"entry": [f"{first}:1", f"{second}:1"]}, follow=True
    )
    assert "有 1 条刚刚变了，没有签" in answer.text
    assert (ward.entry(first).state, ward.entry(second).state) == ("signed", "waiting")


def test_nothing_ticked_is_said(ward: Ward) -> None:
    ward.enter()
    answer = post_form(ward.browser(ward.teacher), "/practice-log/signing", {"entry": []})
    assert answer.status_code == 422
    assert "请先勾选要签的" in answer.text


def test_who_is_no_supervisor_any_more_signs_no_more_and_gives_back(ward: Ward) -> None:
    entry, given_back, rotation = ward.enter(), ward.enter(hours=Decimal(1)), ward.plan(-9, -1)
    with ward.app.app_context(), unit_of_work():
        session().execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == ward.teacher.person_id, RoleGrant.role == str(Role.TEACHER))
            .values(withdrawn_at=clock.now())
        )
    teacher = ward.browser(ward.teacher)
    desk, planned = "/practice-log/signing", f"/practice-log/rotations/{rotation}"
    assert desk in teacher.get("/account").text
    for page in (desk, planned):
        shown = teacher.get(page).text
        assert "您现在不是带教老师，不能签字" in shown
        assert 'name="entry"' not in shown
        assert "/finish" not in shown
    token = dict(forms_of(teacher.get("/account").text)[0]["fields"])["csrf_token"]
    for address, said in ((desk, {"entry": f"{entry}:1"}), (f"{planned}/finish", {"exam": "pass", "version": "1"})):
        assert teacher.post(address, data=said | {"csrf_token": token}).status_code == 403, address
    doctor = ward.browser(ward.cast.learner)
    assert "请改选带教老师" in doctor.get("/practice-log").text
    assert "邓立新现在不是本县的带教老师" in doctor.get(f"/practice-log/{entry}").text
    # What he may not sign he gives back, and nothing keeps his account open then.
    words = {"reason": "我不再带教，请改选一位老师"}
    assert post_form(teacher, f"{desk}/{given_back}", words, action="/return").status_code == 303
    assert post_form(teacher, planned, words, action="/return").status_code == 303
    assert "我不再带教" in doctor.get("/practice-log").text
    assert "邓立新" not in str(forms_of(doctor.get("/practice-log").text))
    assert "请选一位本县的带教老师" in post_form(
        doctor, f"/practice-log/{entry}", {"supervisor_id": str(ward.teacher.person_id)}, action=str(entry)
    ).text
    change = {"supervisor_id": str(ward.second.person_id)}
    assert post_form(doctor, f"/practice-log/{entry}", change, action=str(entry)).status_code == 303
    assert "请改选带教老师" not in doctor.get("/practice-log").text
    assert desk not in teacher.get("/account").text
    with ward.app.app_context(), unit_of_work(write=False):
        assert not KEEPER.blocks(ward.teacher.person_id)


def test_a_withdrawn_entry_is_gone_from_lists_and_sums(ward: Ward) -> None:
    entry = ward.enter()
    doctor = ward.browser(ward.cast.learner)
    assert post_form(doctor, f"/practice-log/{entry}", action="/withdraw").status_code == 303
    assert "还没有记过" in doctor.get("/practice-log").text
    teacher = ward.browser(ward.teacher)
    assert "没有等您签字的" in teacher.get("/practice-log/signing").text
    assert teacher.get(f"/practice-log/signing/{entry}").status_code == 404
    assert ward.sign(entry) == (0, 1)


def test_history_is_append_only(ward: Ward) -> None:
    ward.enter()
    for statement in ("UPDATE practice_step SET level = 'x'", "DELETE FROM practice_step"):
        with ward.app.app_context(), unit_of_work(), pytest.raises(Exception, match="append-only"):
            session().execute(text(statement))


def test_her_page_costs_the_same_however_much_there_is(ward: Ward, count_sql) -> None:  # type: ignore[no-untyped-def]
    doctor, teacher = ward.browser(ward.cast.learner), ward.browser(ward.teacher)
    ward.enter(hours=Decimal(1))
    numbers = []
    for more in (0, 5):
        for _ in range(more):
            ward.enter(hours=Decimal(1))
        for client, page in ((doctor, "/practice-log"), (teacher, "/practice-log/signing")):
            with count_sql() as statements:
                assert client.get(page).status_code == 200
            numbers.append(len(statements))
    assert numbers[:2] == numbers[2:]
    assert max(numbers) <= 12


def test_a_kind_of_an_earlier_month_has_its_line_too(ward: Ward) -> None:
    ward.enter(on_date=clock.today() - timedelta(days=40), kind="emergency", hours=Decimal(8))
    page = re.sub(r"<[^>]+>", " ", ward.browser(ward.cast.learner).get("/practice-log").text)
    assert re.search(r"急诊\s+—\s+—\s+8 小时", page)


def test_a_note_in_full_width_digits_is_found_by_the_command_too(ward: Ward) -> None:
    with ward.app.app_context(), unit_of_work(), pytest.raises(Invalid) as refused:
        commands.enter(ward.cast.learner.actor, new_id(), ward.written(note="电话１３８ ００００ ００００"))
    assert set(refused.value.fields) == {"note"}
