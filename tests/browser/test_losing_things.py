"""Reload, the back button, a lost network, a double click, the end of time, an old form: nothing is lost."""

import re
from datetime import timedelta
from uuid import UUID

import browser_screens as screens
import pytest
from browser_stage import SHORT, Installation, Way
from browser_visitor import Arrive, Visitor
from cast import Member
from playwright.sync_api import expect

from lms.assessments import commands as assessments
from lms.courses import commands as courses
from lms.courses import editions
from lms.courses import queries as found
from lms.kernel import clock
from lms.kernel.uow import unit_of_work

pytestmark = pytest.mark.browser

LEFT = timedelta(seconds=12)


def _at_the_assessment(house: Installation, visit: Arrive) -> tuple[Visitor, Member]:
    """A doctor who has read the short course and stands at its assessment."""
    member = house.new_doctor()
    doctor = visit(member)
    doctor.open(f"/courses/{SHORT}")
    screens.enrol(doctor)
    screens.read_all_lessons(doctor, house.packages[SHORT])
    return doctor, member


def _having_read(house: Installation, visit: Arrive) -> tuple[Visitor, Member, str]:
    """The same, where only what follows matters: she has read it without its pages; with her enrolment."""
    member = house.new_doctor()
    with house.app.app_context(), unit_of_work():
        enrolment_id = courses.enrol(member.actor, SHORT)
        card = found.enrolment(enrolment_id)
        assert card is not None
        for lesson in editions.edition(card.edition_id).lessons:
            courses.finish_lesson(member.actor, enrolment_id, lesson.id)
    doctor = visit(member)
    doctor.open(f"/courses/{SHORT}")
    return doctor, member, str(enrolment_id)


def _answered(doctor: Visitor) -> None:
    """The question on this page holds an answer."""
    expect(doctor.page.locator("#question input:checked:not([name=flagged])")).to_have_count(1)


def _saved_by_server(doctor: Visitor) -> None:
    """With JavaScript the page says so once the server has it; without, going on is what saves."""
    expect(doctor.page.locator("#state .chip.ok")).to_contain_text(
        re.compile(re.escape(doctor.way.say("本题已保存 {time}").split("{")[0].strip()))
    )


@pytest.mark.ways(houses=("embedded",))
def test_reload_and_back_lose_nothing(house: Installation, way: Way, visit: Arrive) -> None:
    package = house.packages[SHORT]
    doctor, _ = _at_the_assessment(house, visit)
    screens.start_assessment(doctor)
    screens.answer_here(doctor, package)
    if way.script:
        _saved_by_server(doctor)
        doctor.page.reload()
        _answered(doctor)
    screens.go_on(doctor, 15)
    screens.answer_here(doctor, package)
    screens.go_on(doctor, 15)
    doctor.page.go_back()
    expect(doctor.page.locator("#question input[name=position]")).to_have_value("2")
    doctor.page.reload()
    _answered(doctor)
    doctor.press("上一题")
    expect(doctor.page.locator("#question input[name=position]")).to_have_value("1")
    _answered(doctor)
    doctor.open("/today")
    doctor.open(f"/courses/{SHORT}")
    doctor.look("course-attempt-open")
    doctor.follow("接着答题")
    assert screens.question_number(doctor) == 3
    doctor.look("question-going-on")
    screens.answer_rest(doctor, package)
    screens.hand_in(doctor)
    doctor.finds("100")
    doctor.page.go_back()
    doctor.page.reload()
    expect(doctor.page).to_have_url(re.compile("/result$"))


@pytest.mark.ways(houses=("embedded",), script=(True,))
def test_an_answer_without_a_network_waits_on_the_phone(house: Installation, visit: Arrive) -> None:
    package = house.packages[SHORT]
    doctor, _, _ = _having_read(house, visit)
    screens.start_assessment(doctor)
    screens.answer_here(doctor, package)
    _saved_by_server(doctor)
    doctor.goes_offline = True
    doctor.context.set_offline(True)
    screens.go_on(doctor, 15)
    screens.answer_here(doctor, package)
    doctor.reads("第 {list} 题只存在这部手机上", list="2")
    screens.go_on(doctor, 15)
    screens.answer_here(doctor, package)
    doctor.reads("第 {list} 题只存在这部手机上", list=doctor.way.say("、").join("23"))
    doctor.context.set_offline(False)
    doctor.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(doctor.page.locator("#note-kept")).to_have_count(0)
    _saved_by_server(doctor)
    doctor.page.evaluate("localStorage.clear()")
    doctor.page.reload()
    _answered(doctor)
    screens.answer_rest(doctor, package)
    screens.hand_in(doctor)
    doctor.finds("100")


@pytest.mark.ways(houses=("embedded",), script=(True,))
def test_the_phone_keeps_what_was_not_sent_over_a_restart(house: Installation, visit: Arrive) -> None:
    package = house.packages[SHORT]
    doctor, _, _ = _having_read(house, visit)
    screens.start_assessment(doctor)
    address = doctor.page.url
    doctor.goes_offline = True
    doctor.context.set_offline(True)
    screens.answer_here(doctor, package)
    doctor.reads("第 {list} 题只存在这部手机上", list="1")
    doctor.page.close()
    doctor.context.set_offline(False)
    doctor.page = doctor.context.new_page()
    doctor.listen()
    doctor.open(address)
    _saved_by_server(doctor)
    _answered(doctor)


@pytest.mark.opposites("embedded", "zh-script")
def test_a_double_click_hands_in_once(house: Installation, way: Way, visit: Arrive) -> None:
    package = house.packages[SHORT]
    doctor, _ = _at_the_assessment(house, visit)
    screens.start_assessment(doctor)
    screens.answer_rest(doctor, package)
    doctor.button("交卷，看结果").dblclick(no_wait_after=True)
    # The second click cuts the first's page off; only where she ends matters.
    expect(doctor.page).to_have_url(re.compile("/result$"), timeout=20_000)
    doctor.heads("通过了")
    doctor.open("/credits")
    line = doctor.page.get_by_role("link", name=way.of(package.title), exact=True)
    expect(line).to_have_count(1)
    doctor.open("/certificates")
    expect(doctor.page.locator('main tbody a[href*="/verify/"]')).to_have_count(1)


def _almost_over(house: Installation, member: Member, enrolment: str) -> str:
    """Begin an attempt as if it had been begun almost its whole time ago: the clock cannot be hurried."""
    assessment = house.packages[SHORT].assessment
    assert assessment is not None
    begun = clock.now() - timedelta(minutes=assessment.minutes) + LEFT
    with house.app.app_context(), unit_of_work():
        return str(assessments.start_attempt(member.actor, UUID(enrolment), now=begun))


@pytest.mark.ways(houses=("embedded",))
def test_saved_answers_count_when_time_runs_out(house: Installation, way: Way, visit: Arrive) -> None:
    package = house.packages[SHORT]
    doctor, member, enrolment = _having_read(house, visit)
    attempt = _almost_over(house, member, enrolment)
    doctor.expect_status(410)
    doctor.open(f"/attempts/{attempt}")
    doctor.finds(way.say("%(title)s，%(end)s 自动交卷。存好的答案都算。", title="", end="@").split("@")[1])
    screens.answer_here(doctor, package)
    if way.script:
        _saved_by_server(doctor)
        doctor.page.wait_for_url("**/result", timeout=60_000)
    else:
        screens.go_on(doctor, 15)
        doctor.page.wait_for_timeout(LEFT.total_seconds() * 1000)
        doctor.page.reload()
        doctor.heads("时间到了，已经收卷")
        doctor.look("attempt-closing")
        doctor.press("看结果")
        doctor.page.wait_for_url("**/result", timeout=60_000)
    doctor.heads("这次没有通过")
    doctor.reads("%(all)s 题，全对 %(right)s 题", all=15, right=1)
    doctor.reads("到时间自动交卷")
    doctor.look("result-time-up")


@pytest.mark.ways(houses=("embedded",))
def test_an_old_form_gets_its_own_sentence(house: Installation, visit: Arrive) -> None:
    doctor = visit(house.new_doctor())
    doctor.follow("我的")
    doctor.follow("改密码")
    doctor.fill("现在的密码", "xinglin-demo")
    doctor.fill("新密码", "green-tea-42")
    doctor.context.clear_cookies(name="xinglin")
    old_page, doctor.page = doctor.page, doctor.context.new_page()
    doctor.listen()
    doctor.open("/")
    doctor.speak()
    doctor.page = old_page
    doctor.expect_status(400)
    doctor.press("改密码")
    doctor.reads("这一页开得太久，或者您已换人登录。请重新打开这一页再提交；刚才这次没有存上。")
    doctor.look("stale-form")
