"""A county auditor returns an award, the doctor replies, the auditor reverses it; everybody is told."""

import browser_screens as screens
import pytest
from browser_stage import SHORT, Installation, Way
from browser_visitor import Arrive, Visitor
from cast import Member
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ASKED, TOLD, ENDED = "请说明当天在哪里学的。", "当天在卫生室用手机学的。", "核实后由别人代做。"


def _open_award(auditor: Visitor, member: Member) -> None:
    auditor.open("/today")
    auditor.follow("审核")
    auditor.look("audit-queue")
    auditor.fill("姓名、单位、活动或项目编号", member.name)
    auditor.press("筛选")
    auditor.page.get_by_role("link", name=member.name, exact=True).click()
    auditor.page.wait_for_url("**/audit/awards/**")


def _sees_all_evidence(auditor: Visitor, house: Installation) -> None:
    package = house.packages[SHORT]
    auditor.finds(auditor.way.of(package.title))
    auditor.reads("第 %(number)s 版", number=1)
    auditor.reads("%(percent)s 分，合格线 %(mark)s 分", percent=100, mark=80)
    auditor.reads("本人交卷")
    auditor.finds("CN-2025:")
    auditor.finds("TST-0")
    auditor.reads("系统按规则授分")
    auditor.look("audit-award")


def _decide(auditor: Visitor, action: str, reason: str, text: str) -> None:
    auditor.page.locator(f'label.opt:has(input[name=action][value="{action}"])').click()
    auditor.page.locator("main select[name=reason_code]").select_option(reason)
    auditor.fill("医生会看到这段话", text)
    auditor.press("保存")


def _sample(auditor: Visitor) -> None:
    auditor.open("/audit")
    auditor.follow("随机抽查")
    summary = auditor.page.locator("summary", has_text=auditor.way.say("抽一次"))
    if summary.locator("xpath=..").get_attribute("open") is None:
        summary.click()
    auditor.fill("随机种子", "2026-11")
    auditor.fill("抽几条", "3")
    auditor.press("抽，存下名单")
    auditor.reads("抽好了，名单已经存下，以后不会变。")
    auditor.look("audit-sample")


def _replies(doctor: Visitor) -> None:
    doctor.open("/today")
    first = doctor.page.locator("main .cols .note, main .cols .card").first
    expect(first).to_contain_text(doctor.way.say("有一条学分退回给您补充"))
    expect(first).to_contain_text(ASKED)
    doctor.look("today-returned")
    doctor.follow("去回复")
    doctor.look("credit-returned")
    doctor.fill("您的说明", TOLD)
    doctor.press("交给审核人员")
    doctor.finds(TOLD)
    doctor.look("credit-replied")
    doctor.open("/today")
    doctor.reads("您的回复已送到审核员")
    doctor.look("today-replied")


def _verification(doctor: Visitor) -> str:
    doctor.open("/certificates")
    address = doctor.page.locator('a[href*="/verify/"]').first.get_attribute("href")
    assert address
    return address


def _verdict(anybody: Visitor, address: str, sentence: str, name: str) -> None:
    anybody.open(address)
    anybody.heads(sentence)
    anybody.look(name)


@pytest.mark.opposites("embedded", "en-script")
def test_an_award_is_returned_answered_and_reversed(house: Installation, way: Way, visit: Arrive) -> None:
    member = house.new_doctor()
    package = house.packages[SHORT]
    title = way.of(package.title)
    doctor = visit(member)
    screens.pass_course(doctor, package)
    doctor.open("/certificates")
    screens.wait_until_drawn(doctor)
    address = _verification(doctor)
    anybody = visit()
    anybody.knows(member.name)
    anybody.open(address)
    anybody.speak()
    anybody.heads("这张证书有效")

    auditor = visit(house.cast.county_auditor)
    auditor.known |= {ASKED, TOLD, ENDED}
    doctor.known |= {ASKED, TOLD, ENDED}
    _sample(auditor)
    _open_award(auditor, member)
    _sees_all_evidence(auditor, house)
    auditor.expect_status(422)
    _decide(auditor, "return", "identity", "")
    auditor.look("audit-award-refused")
    _decide(auditor, "return", "identity", ASKED)
    auditor.reads("等医生补充")
    _verdict(anybody, address, "这张证书正在复核", "verify-under-review")
    _replies(doctor)
    doctor.open("/certificates")
    doctor.reads("正在复核")

    auditor.page.reload()
    auditor.finds(TOLD)
    auditor.look("audit-award-answered")
    _decide(auditor, "reverse", "absent", ENDED)
    auditor.reads("已撤销")
    auditor.look("audit-award-reversed")

    doctor.follow("学分")
    doctor.reads("没有计入，原因在这里")
    doctor.finds(title)
    doctor.reads("已撤销")
    doctor.look("credits-reversed")
    doctor.page.get_by_role("link", name=title, exact=True).first.click()
    doctor.finds(ENDED)
    doctor.look("credit-reversed")
    doctor.open("/certificates")
    doctor.reads("已撤销")
    doctor.look("certificates-revoked")
    _verdict(anybody, address, "这张证书已撤销", "verify-revoked")
