"""Notices through their reader's door: told once, gone when settled, sent as she chose and never twice."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member, id_number
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import func, select, update

from lms.kernel import clock, jobs, messages, outbox
from lms.kernel.actor import SYSTEM
from lms.kernel.clock import CIVIL
from lms.kernel.db import session
from lms.kernel.text import Message, msg
from lms.kernel.uow import unit_of_work
from lms.people import commands as people
from lms.people import notices
from lms.people.models import Person
from lms.people.notices import Kind, licences, sending
from lms.people.notices.models import Notice, NoticePreference, NoticeTimes
from lms.people.privacy import closing

SignIn = Callable[[FlaskClient, Member], FlaskClient]
WorkOff = Callable[[Flask], int]
LIST, CHOOSE = "/account/notices", "/account/notices/preferences"
SENTENCE = "您的申报“{title}”退回给您改正：{reason}。"
TITLE = "某甲的糖尿病足"


def sentence(title: str = TITLE) -> Message:
    return msg(SENTENCE, title=title, reason=msg("材料不全"))


@contextmanager
def at(app: Flask, text: str) -> Iterator[None]:
    """A moment on the wall clock of Shanghai, in the application."""
    with app.app_context(), clock.held_at(datetime.fromisoformat(text).replace(tzinfo=CIVIL).astimezone(UTC)):
        yield


def post(member: Member, key: str = "claim:1:2", kind: Kind = Kind.RETURNED, **more: Any) -> bool:
    values: dict[str, Any] = {"message": sentence(), "link": "/credits/claims"} | more
    with unit_of_work():
        return notices.post(member.person_id, kind, key, **values)


def rows(app: Flask) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(Notice)) or 0


def choose(client: FlaskClient, **fields: Any) -> None:
    answer = post_form(client, CHOOSE, fields)
    assert answer.status_code == 303, answer.text


def sent(app: Flask) -> list[tuple[str, str]]:
    """Channel and text of what the embedded port kept, the oldest first."""
    with app.app_context(), unit_of_work(write=False):
        return [(channel, text) for _, channel, _, text in reversed(messages.kept())]


def run(app: Flask, moment: str) -> None:
    """The job and all that follows from it, at a moment."""
    with at(app, moment):
        jobs.forget_slots()
        with unit_of_work():
            sending.send_due()
        app.extensions["xinglin.runner"].drain()


def give_mail(app: Flask, member: Member) -> None:
    with app.app_context(), unit_of_work():
        people.edit_person(
            SYSTEM, member.person_id, name=member.name, population="village_doctor", email="gui@example.org"
        )


@pytest.fixture
def doctor(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.learner)


# The list -------------------------------------------------------------------------------------------


def test_the_same_thing_is_told_once(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with app.app_context():
        assert post(cast.learner)
        assert not post(cast.learner, message=sentence("别的"))
        assert post(cast.colleague), "of another's nothing is known"
    page = doctor.get(LIST).text
    assert page.count(f"您的申报“{TITLE}”退回给您改正：材料不全。</b>") == 1
    assert "别的" not in page
    assert "1 条没看的消息" in doctor.get("/today").text


def test_two_at_once_tell_once(app: Flask, cast: Cast) -> None:
    barrier = Barrier(2)

    def tell(_: int) -> bool:
        with app.app_context():
            barrier.wait(30)
            return post(cast.learner)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tell, range(2))) == [False, True]
    assert rows(app) == 1


def test_many_are_told_once(app: Flask, cast: Cast) -> None:
    posts = [
        notices.Post(one.person_id, Kind.DEADLINE, "credit-year:2026:60", sentence(), "/today") for one in cast.members
    ]
    with app.app_context(), unit_of_work():
        assert notices.post_all(posts) == len(cast.members)
        assert notices.post_all(posts) == 0
        assert notices.post_all([]) == 0


def test_it_is_read_in_the_readers_language(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with app.app_context():
        post(cast.learner)
    with app.app_context(), unit_of_work():
        people.choose_language(cast.learner.actor, "en")
    other = app.test_client()
    page = post_form(other, "/sign-in", {"account": cast.learner.phone, "password": "xinglin-demo"})
    assert page.status_code == 303
    assert f"Your claim “{TITLE}” was returned for you to correct" in other.get(LIST).text
    assert "1 notice not read yet" in other.get("/today").text


def test_opening_one_marks_it_and_leads_there(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with app.app_context():
        post(cast.learner, link="/credits/claims?old=y")
        post(cast.learner, key="claim:2:2")
        with unit_of_work(write=False):
            found = session().scalar(select(Notice.id).where(Notice.key == "claim:1:2"))
    assert "2 条没看的消息" in doctor.get("/today").text
    for _ in range(2):
        answer = doctor.post(f"{LIST}/{found}/open", data={"csrf_token": token(doctor)})
        assert answer.location == "/credits/claims?old=y"
    assert "1 条没看的消息" in doctor.get("/today").text
    page = doctor.get(LIST).text
    assert page.index("没看的") < page.index("看过的")
    assert doctor.post(f"{LIST}/read", data={"csrf_token": token(doctor)}).status_code == 303
    assert "没看的消息" not in doctor.get("/today").text
    assert "没看的" not in doctor.get(LIST).text


def token(client: FlaskClient) -> str:
    client.get("/account")
    with client.session_transaction() as kept:
        return str(kept["csrf"])


def test_anothers_does_not_exist(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with app.app_context():
        post(cast.colleague)
        with unit_of_work(write=False):
            found = session().scalar(select(Notice.id))
    assert doctor.post(f"{LIST}/{found}/open", data={"csrf_token": token(doctor)}).status_code == 404
    doctor.post(f"{LIST}/read", data={"csrf_token": token(doctor)})
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(Notice.read_at)) is None
    assert TITLE not in doctor.get(LIST).text


def test_what_is_settled_or_moot_is_gone(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    today = clock.today()
    with app.app_context():
        for key in ("claim:1:2", "claim:1:4", "claim:10:2", "claim_1:2"):
            post(cast.learner, key=key, message=msg("{year} 年的学分还没修够，{day}截止，最多还有 {days} 天。",
                                                    year=2026, day=today, days=key))  # fmt: skip
        post(cast.learner, key="moot", message=sentence("过了"), until=today - timedelta(days=1))
        post(cast.learner, key="last", message=sentence("今天"), until=today)
        post(cast.colleague, key="claim:1:2")
        with unit_of_work():
            notices.settle(cast.learner.person_id, "claim:1")
    page = doctor.get(LIST).text
    assert "最多还有 claim:1:" not in page
    for kept in ("最多还有 claim:10:2", "最多还有 claim_1:2", "今天"):
        assert kept in page
    assert "过了”" not in page
    assert "3 条没看的消息" in doctor.get("/today").text
    with app.app_context():
        assert not post(cast.learner, key="claim:1:2"), "what was told and settled is not told again"


def test_a_long_list_is_paged(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        for number in range(25):
            notices.post(cast.learner.person_id, "record", f"record:{number}", sentence(f"第{number}件"), "/today")
    first, second = doctor.get(LIST).text, doctor.get(f"{LIST}?page=2").text
    assert first.count("/open\"") == 20
    assert second.count("/open\"") == 5
    assert doctor.get(f"{LIST}?page=nonsense").text.count("/open\"") == 20


@pytest.mark.parametrize("wrong", [{"link": "//evil.example"}, {"kind": "nonsense"}, {"key": "k" * 121}])
def test_a_wrong_post_is_refused(app: Flask, cast: Cast, wrong: dict[str, Any]) -> None:
    with app.app_context(), pytest.raises(ValueError):
        post(cast.learner, **wrong)
    assert rows(app) == 0


def test_nobody_is_told_who_may_not_sign_in(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with unit_of_work():
            people.disable_person(cast.admin.actor, cast.colleague.person_id)
            closing.close(SYSTEM, cast.learner.person_id, "office")
        assert not post(cast.colleague)
        assert not post(cast.learner)


# Preferences ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"quiet_from": "21:00", "quiet_until": "21:00"}, "开始和结束不能是同一时刻"),
        ({"quiet_from": "25:00"}, "时刻的样子是 21:00。"),
        ({"quiet_from": "nonsense"}, "时刻的样子是 21:00。"),
        ({"quiet_until": ""}, "请填写这一项。"),
        ({"digest": "hourly"}, "请从列出的几项里选一项。"),
        ({"sms": "everything"}, "请从列出的几项里选一项。"),
        ({"mail": "deadline"}, "您没有登记邮箱"),
    ],
)
def test_bad_preferences_are_refused(app: Flask, doctor: FlaskClient, wrong: dict[str, str], said: str) -> None:
    form = {"csrf_token": token(doctor), "digest": "off", "quiet_from": "21:00", "quiet_until": "07:00"}
    answer = doctor.post(CHOOSE, data=form | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(NoticeTimes)) == 0
        assert session().scalar(select(func.count()).select_from(NoticePreference)) == 0


def test_what_was_chosen_is_shown_again(doctor: FlaskClient) -> None:
    choose(doctor, sms=["deadline", "licence"], digest="weekly", quiet_from="20:30", quiet_until="08:15")
    page = doctor.get(CHOOSE).text
    assert 'value="20:30"' in page
    assert 'value="08:15"' in page
    assert 'value="weekly" checked' in page
    assert page.count("checked") == 3
    choose(doctor, sms=[], digest="off")
    assert doctor.get(CHOOSE).text.count("checked") == 1


# Outside the house ----------------------------------------------------------------------------------


def test_nothing_is_sent_that_nobody_asked_for(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with at(app, "2026-11-23T09:00"):
        post(cast.learner)
    run(app, "2026-11-23T09:10")
    assert sent(app) == []


def test_quiet_hours_hold_a_message_until_they_end(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with at(app, "2026-11-23T20:00"):
        choose(doctor, sms=["returned"])
        post(cast.learner, key="claim:0:2", kind=Kind.CERTIFICATE)
    with at(app, "2026-11-23T21:00"):
        post(cast.learner)
    for moment in ("2026-11-23T21:10", "2026-11-24T06:59"):
        run(app, moment)
        assert sent(app) == [], moment
    for moment in ("2026-11-24T07:00", "2026-11-24T07:00", "2026-11-24T07:10"):
        run(app, moment)
        assert sent(app) == [("sms", "杏林提醒：申报或学分退回给您。请登录看“消息”。")], moment


def test_the_clock_and_the_shell_have_it_sent(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with at(app, "2026-11-23T09:00"):
        choose(doctor, sms=["returned"])
        post(cast.learner)
    with at(app, "2026-11-23T09:10"):
        jobs.forget_slots()
        jobs.tick()
        app.extensions["xinglin.runner"].drain()
    assert len(sent(app)) == 1
    with at(app, "2026-11-24T09:00"):
        post(cast.learner, key="b")
    with at(app, "2026-11-24T09:10"):
        answers = [app.test_cli_runner().invoke(args=["notices", "send"]).stdout for _ in range(2)]
        app.extensions["xinglin.runner"].drain()
    assert [json.loads(one) for one in answers] == [{"people": 1}] * 2
    assert len(sent(app)) == 2


def test_one_text_message_a_day(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with at(app, "2026-11-23T09:00"):
        choose(doctor, sms=["returned", "deadline", "certificate"])
        post(cast.learner)
    run(app, "2026-11-23T09:10")
    with at(app, "2026-11-23T09:20"):
        post(cast.learner, key="b", kind=Kind.DEADLINE)
        post(cast.learner, key="c", kind=Kind.CERTIFICATE)
    run(app, "2026-11-23T20:50")
    assert len(sent(app)) == 1
    run(app, "2026-11-24T07:10")
    run(app, "2026-11-24T12:10")
    assert [text for _, text in sent(app)][1:] == [
        "杏林提醒：年度快到期，学分还没修够；新证书可以下载。请登录看“消息”。"
    ]


def test_a_task_that_comes_late_judges_anew(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    """Its worker was slow: meanwhile her quiet hours have begun, or she had her text message of the day."""
    with at(app, "2026-11-23T20:50"):
        choose(doctor, sms=["returned"])
        post(cast.learner)
        with unit_of_work():
            assert sending.send_due() == 1
    with at(app, "2026-11-23T21:00"):
        app.extensions["xinglin.runner"].drain()
        with unit_of_work():
            assert sending.send_due() == 0
    assert sent(app) == []
    run(app, "2026-11-24T07:00")
    with at(app, "2026-11-24T09:00"):
        post(cast.learner, key="b")
        with unit_of_work():
            assert sending.send_due() == 0
            sending.tell(cast.learner.person_id)
        app.extensions["xinglin.runner"].drain()
    assert len(sent(app)) == 1


def test_a_digest_is_one_mail_of_several_lines(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    give_mail(app, cast.learner)
    doctor = again(app, cast.learner)
    with at(app, "2026-11-23T09:00"):
        choose(doctor, mail=["returned", "deadline"], digest="daily")
        post(cast.learner)
        post(cast.learner, key="licence:1", kind=Kind.LICENCE)
    with at(app, "2026-11-23T15:00"):
        post(cast.learner, key="b", kind=Kind.DEADLINE)
    run(app, "2026-11-23T20:00")
    assert mails(app) == []
    with at(app, "2026-11-24T08:01"):
        post(cast.learner, key="c")
    run(app, "2026-11-24T08:10")
    (told,) = mails(app)
    address = app.extensions["xinglin.settings"].address
    assert told.split("\n") == [
        "杏林：您有 2 条消息",
        "",
        "· 11月23日  申报或学分退回给您",
        "· 11月23日  年度快到期，学分还没修够",
        "",
        f"详细内容在这里：{address}/account/notices",
        f"不想再收这样的邮件：{address}/account/notices/preferences",
    ]
    assert TITLE not in told
    run(app, "2026-11-24T20:00")
    assert len(mails(app)) == 1
    run(app, "2026-11-25T08:00")
    assert len(mails(app)) == 2


def test_a_week_is_told_on_monday(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    """23 November 2026 is a Monday."""
    with at(app, "2026-11-23T09:00"):
        choose(doctor, sms=["returned"], digest="weekly")
        post(cast.learner)
    for moment in ("2026-11-24T09:00", "2026-11-29T20:00", "2026-11-30T07:50"):
        run(app, moment)
        assert sent(app) == []
    run(app, "2026-11-30T08:00")
    assert len(sent(app)) == 1


def again(app: Flask, member: Member) -> FlaskClient:
    """A new sign-in: another address on file has ended the old one."""
    client = app.test_client()
    assert post_form(client, "/sign-in", {"account": member.phone, "password": "xinglin-demo"}).status_code == 303
    return client


def mails(app: Flask) -> list[str]:
    return [text for channel, text in sent(app) if channel == "mail"]


def test_what_was_read_settled_or_is_moot_is_not_sent(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with at(app, "2026-11-23T22:00"):
        choose(doctor, sms=[str(kind) for kind in Kind])
        post(cast.learner, key="settled")
        post(cast.learner, key="moot", until=date(2026, 11, 23))
        with unit_of_work():
            notices.settle(cast.learner.person_id, "settled")
        post(cast.learner, key="read")
        with unit_of_work():
            session().execute(update(Notice).where(Notice.key == "read").values(read_at=clock.now()))
    run(app, "2026-11-24T09:00")
    assert sent(app) == []


def test_who_switches_it_on_is_not_told_of_what_lies_there(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with at(app, "2026-11-23T09:00"):
        post(cast.learner)
    with at(app, "2026-11-23T09:05"):
        choose(doctor, sms=["returned"])
    run(app, "2026-11-23T09:10")
    assert sent(app) == []


def test_a_disabled_account_hears_nothing(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    with at(app, "2026-11-23T22:00"):
        choose(doctor, sms=["returned"])
        post(cast.learner)
        with unit_of_work():
            session().execute(
                update(Person).where(Person.id == cast.learner.person_id).values(disabled_at=clock.now())
            )
    run(app, "2026-11-24T09:00")
    assert sent(app) == []


def test_a_run_cut_off_sends_once(
    app: Flask, cast: Cast, doctor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the worker dies after it has claimed and before it commits; then the port takes the message and its
    answer is lost; everything is done again."""
    with at(app, "2026-11-23T09:00"):
        choose(doctor, sms=["returned"])
        post(cast.learner)
    taken: list[UUID] = []
    real = messages.send_sms

    def dies(*given: Any) -> None:
        real(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(messages, "send_sms", dies)
    with pytest.raises(KeyboardInterrupt):
        run(app, "2026-11-23T09:10")
    monkeypatch.setattr(messages, "send_sms", real)
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(Notice.texted_at)) is None
        assert session().scalar(select(NoticeTimes.texted_on)) is None

    def answer_is_lost(message_id: UUID, channel: str, to: str, text: str) -> None:
        messages.keep(message_id, channel, to, text)
        taken.append(message_id)
        if len(taken) == 1:
            session().commit()
            raise ConnectionError

    monkeypatch.setitem(app.extensions, "xinglin.message_port", answer_is_lost)
    for moment in ("2026-11-23T09:11", "2026-11-23T09:20", "2026-11-23T09:30", "2026-11-23T12:00"):
        run(app, moment)
    assert len(taken) == 2
    assert len(set(taken)) == 1, "the port sees by the id that it is the same message"
    assert len(sent(app)) == 1


def test_two_workers_at_once_send_once(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    give_mail(app, cast.learner)
    doctor = again(app, cast.learner)
    with at(app, "2026-11-23T09:00"):
        choose(doctor, sms=["returned"], mail=["returned"])
        post(cast.learner)
    before = len(sent(app))
    barrier = Barrier(2)

    def tell(_: int) -> None:
        with at(app, "2026-11-23T09:10"):
            barrier.wait(30)
            with unit_of_work():
                sending.tell(cast.learner.person_id)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tell, range(2)))
    with app.app_context():
        app.extensions["xinglin.runner"].drain()
    with app.app_context(), unit_of_work(write=False):
        assert len(outbox.rows_of("messages.deliver")) - before <= 3
    assert sorted(channel for channel, text in sent(app) if "退回" in text) == ["mail", "sms"]


def test_who_leaves_takes_them_along(app: Flask, cast: Cast, doctor: FlaskClient) -> None:
    choose(doctor, sms=["returned"])
    with app.app_context():
        post(cast.learner)
        with unit_of_work():
            closing.close(SYSTEM, cast.learner.person_id, "office")
        with unit_of_work(write=False):
            for table in (Notice, NoticePreference, NoticeTimes):
                assert session().scalar(select(func.count()).select_from(table)) == 0


# Licences -------------------------------------------------------------------------------------------


def licensed(app: Flask, cast: Cast, until: date, serial: int = 700) -> Member:
    with app.app_context(), unit_of_work():
        person_id = people.add_person(
            SYSTEM, name="钱小满", workplace_id=cast.places["LB-YL-LX-SM"], phone=f"000{serial:08d}",
            id_number=id_number(serial), population="village_doctor", licence_until=until,
        )  # fmt: skip
    return Member("licensed", "钱小满", "", person_id)


def told(app: Flask, member: Member) -> list[tuple[str, bool]]:
    """Key and whether it is settled, in the order told."""
    with app.app_context(), unit_of_work(write=False):
        found = session().execute(
            select(Notice.key, Notice.settled_at.is_not(None))
            .where(Notice.person_id == member.person_id)
            .order_by(Notice.made_at)
        )
        return [(row[0], bool(row[1])) for row in found]


def morning(app: Flask, day: str, work_off: WorkOff) -> None:
    with at(app, f"{day}T06:10"):
        with unit_of_work():
            licences.daily()
        work_off(app)


def test_a_licence_is_spoken_of_three_months_before_it_ends(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    doctor = licensed(app, cast, date(2027, 3, 31))
    with at(app, "2026-12-31T12:00"), unit_of_work():
        licences.daily()  # not its hour
    morning(app, "2026-12-30", work_off)
    assert told(app, doctor) == []
    for day in ("2026-12-31", "2026-12-31", "2027-01-01"):
        morning(app, day, work_off)
        assert told(app, doctor) == [("licence:2027-03-31:3", False)]
    for day in ("2027-02-28", "2027-03-31"):
        morning(app, day, work_off)
        assert told(app, doctor) == [("licence:2027-03-31:3", True), ("licence:2027-03-31:1", False)]
    late = licensed(app, cast, date(2027, 3, 31), 701)
    morning(app, "2027-04-01", work_off)
    assert told(app, late) == []


def test_many_are_reminded_by_a_few_statements(app: Flask, cast: Cast, count_sql: Any) -> None:
    """As many as it takes for one, whatever each of them is told."""
    village = [licensed(app, cast, date(2027, 3, 31), 700 + number) for number in range(9)]
    ends = {one.person_id: date(2027, 3 + number % 3, 31 - number % 3) for number, one in enumerate(village)}
    with at(app, "2027-02-28T06:10"), unit_of_work():
        with count_sql() as statements:
            assert licences.remind(ends) == len(village)
        assert licences.remind(ends) == 0
    assert len(statements) <= 3
    assert {key for one in village for key, _ in told(app, one)} == {
        "licence:2027-03-31:1", "licence:2027-04-30:3", "licence:2027-05-29:3"
    }  # fmt: skip


def test_a_renewed_licence_is_not_spoken_of(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    doctor = licensed(app, cast, date(2027, 3, 31))
    morning(app, "2027-01-02", work_off)
    with app.app_context(), unit_of_work():
        people.edit_person(
            SYSTEM, doctor.person_id, name=doctor.name, population="village_doctor", licence_until=date(2032, 3, 31)
        )
    assert told(app, doctor) == [("licence:2027-03-31:3", True)]
