"""A rural doctor sees what she lacks, hands in her diploma, takes the first step of her plan and logs ten days of
practice that her supervisor signs on another phone; the county verifies, and finds who is one step from the
examination."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from browser_stage import Installation, Way
from browser_visitor import Visitor
from cast import Member
from playwright.sync_api import expect
from uploaded import jpeg

from lms.kernel import clock
from lms.kernel.actor import SYSTEM, Role
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.pathways import catalogue
from lms.pathways.models import PersonRecord
from lms.people import commands as people

pytestmark = pytest.mark.browser
WAY = "rural-gp-assistant"
DAYS = 10
PAPER = "毕业证.jpg"
SCHOOL, MAJOR = "岭北卫生学校", "临床医学"


def _settle(house: Installation, doctor: Member) -> None:
    """A supervisor in the county hospital; and of the doctor all is on record but the diploma and the declaration."""
    today = clock.today()
    with house.app.app_context(), unit_of_work():
        people.grant_role(SYSTEM, house.cast.reviewer.person_id, Role.TEACHER, house.cast.places["LB-YL-YY"])
        for kind, ago, days, fields in (
            ("village_licence", 400, 1500, {"place": "石门沟村卫生室"}),
            ("practice", 800, 400, {"result": "pass", "place": "柳溪镇卫生院", "supervisor": "陈望舒"}),
            ("employment", 700, None, {"place_kind": "village_clinic", "place": "石门沟村卫生室"}),
        ):
            start = today - timedelta(days=ago)
            session().add(
                PersonRecord(
                    id=new_id(), person_id=doctor.person_id, kind=kind, on_date=start,
                    until=None if days is None else start + timedelta(days=days), state="verified", fields=fields,
                    handed_in_at=clock.now(), changed_at=clock.now(), verified_at=clock.now(),
                )
            )  # fmt: skip


def _lacks(doctor: Visitor) -> None:
    """From the first page to the way she goes, and what it still asks."""
    way = catalogue.library()[WAY]
    doctor.look("today-clocks")
    doctor.follow("要做到的，和能走的路")
    doctor.look("ways")
    doctor.page.get_by_role("link", name=re.compile(re.escape(doctor.way.of(way.title.both())))).first.click()
    doctor.press("我走这条路")
    doctor.finds(doctor.way.of(way.requirements[1].title.both()))
    doctor.look("way-followed")


def _first_step(doctor: Visitor) -> None:
    doctor.open("/today")
    doctor.follow("每一步怎么做，要多久")
    doctor.heads("接下来怎么走")
    doctor.look("plan")
    doctor.follow("从第一步开始")
    expect(doctor.page.locator("main h1")).to_be_visible()
    assert "/pathways/plan" not in doctor.page.url


def _diploma(doctor: Visitor) -> None:
    doctor.open("/pathways/plan")
    doctor.page.locator('main a[href*="kind=diploma"]').last.click()
    page = doctor.page
    photo = {"name": PAPER, "mimeType": "image/jpeg", "buffer": jpeg((640, 480))}
    page.locator("input#papers").set_input_files([photo])
    if doctor.way.script:
        doctor.reads("“{name}”收好了，提交时会一起交上去。", name=PAPER)
    doctor.fill("毕业日期", "2012-07-01")
    page.locator('main input[name=level][value="secondary"]').check()
    page.locator('main input[name=relevant][value="yes"]').check()
    page.locator("main input[name=school]").fill(SCHOOL)
    page.locator("main input[name=major]").fill(MAJOR)
    page.locator("main input[name=number]").fill("LB2012070001")
    doctor.look("record-new")
    page.locator("input[name=truth]").check()
    doctor.press("交上去核实")
    doctor.reads("自报，等%(level)s核实", level=doctor.way.say("县级"))
    doctor.look("record-waiting")


def _log(doctor: Visitor, house: Installation) -> None:
    """Ten days; from the second on all but a press is there already."""
    first = clock.today() - timedelta(days=DAYS - 1)
    doctor.open("/practice-log")
    doctor.page.locator("main select[name=kind]").select_option("outpatient")
    doctor.page.locator("main select[name=place_id]").select_option(str(house.cast.places["LB-YL-LX"]))
    doctor.page.locator("main select[name=supervisor_id]").select_option(str(house.cast.reviewer.person_id))
    doctor.page.locator("main input[name=on_date]").fill(first.isoformat())
    doctor.page.locator("main input[name=hours]").fill("6")
    if doctor.way.script:
        _without_a_network(doctor)
    for number in range(DAYS):
        day = first + timedelta(days=number)
        expect(doctor.page.locator("main input[name=on_date]")).to_have_value(day.isoformat())
        expect(doctor.page.locator("main input[name=hours]")).to_have_value("6")
        if number:
            expect(doctor.page.locator("main input[name=hours]")).to_be_focused()
        doctor.press("记下，请老师签字")
        entries = doctor.page.locator("#list").locator("xpath=..").locator("ul.rows > li")
        expect(entries).to_have_count(number + 1)
    expect(doctor.page.locator("[data-kept]")).to_be_hidden()
    doctor.look("practice-log")


def _without_a_network(doctor: Visitor) -> None:
    """She sends it where there is no network, and closes the page: it is there when she comes back."""
    doctor.goes_offline = True
    doctor.context.set_offline(True)
    with doctor.page.expect_event("requestfailed"):
        doctor.press("记下，请老师签字")
    doctor.page.close()
    doctor.context.set_offline(False)
    doctor.page = doctor.context.new_page()
    doctor.listen()
    doctor.open("/practice-log")
    doctor.reads("上次写的还没有存上，替您填回来了")
    expect(doctor.page.locator("main select[name=kind]")).to_have_value("outpatient")


def _signs_out(doctor: Visitor) -> None:
    """What she typed and did not send stays on her phone as long as she is signed in."""
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('xinglin-keep-')).length"
    doctor.open("/practice-log")
    doctor.page.locator("main details:has(form) > summary").first.click()
    doctor.page.locator("main input[name=hours]").fill("3")
    assert doctor.page.evaluate(kept) == 1
    doctor.page.locator("header").get_by_role("button", name=doctor.way.say("退出"), exact=True).click()
    doctor.reads("已退出。")
    doctor.page.wait_for_load_state("load")
    assert doctor.page.evaluate(kept) == 0


def _sign(teacher: Visitor, doctor: Member) -> None:
    teacher.open("/practice-log/signing")
    teacher.knows(doctor.name)
    hers = teacher.page.locator("fieldset", has_text=doctor.name)
    boxes = hers.locator("input[name=entry]")
    expect(boxes).to_have_count(DAYS)
    for box in boxes.all():
        box.check()
    teacher.look("practice-signing")
    teacher.press("给勾选的签字")
    expect(teacher.page.locator("fieldset", has_text=doctor.name)).to_have_count(0)


def _verify(county: Visitor, doctor: Member) -> None:
    county.knows(doctor.name)
    county.open(f"/audit/records?q={doctor.name}")
    county.look("record-queue")
    county.page.locator("main table a", has_text=doctor.name).first.click()
    county.look("record-decide")
    county.page.locator('main input[name=action][value="verify"]').check()
    county.page.locator('main button[name=then][value="stay"]').click()
    expect(county.page.locator("main .chip.ok").first).to_be_visible()


def _one_step_away(county: Visitor, doctor: Member) -> None:
    """The county's numbers follow a moment after, in the background."""
    for _ in range(90):
        county.open(f"/reports/pathways?way={WAY}")
        link = county.page.locator('main a[href*="steps=1"]').first
        link.click()
        if county.page.locator("main th a", has_text=doctor.name).count():
            break
        county.page.wait_for_timeout(500)
    else:
        raise AssertionError(county.house.standing())
    county.look("one-step-away")
    county.open(f"/reports/pathways?way={WAY}")
    county.look("funnel")


@pytest.mark.opposites("embedded", "zh-script")
def test_a_doctor_goes_her_way_and_the_county_sees_it(
    house: Installation, way: Way, visit: Callable[..., Visitor]
) -> None:
    member = house.new_doctor()
    _settle(house, member)
    doctor = visit(member)
    for word in (PAPER, SCHOOL, MAJOR, "石门沟村卫生室", "柳溪镇卫生院", "陈望舒"):
        doctor.knows(word)
    _lacks(doctor)
    _first_step(doctor)
    _diploma(doctor)
    _log(doctor, house)
    teacher = visit(house.cast.reviewer)
    _sign(teacher, member)
    doctor.open("/practice-log")
    expect(doctor.page.locator("#sums").locator("xpath=..")).to_contain_text(f"{6 * DAYS}")
    county = visit(house.cast.county_auditor)
    county.known |= doctor.known
    _verify(county, member)
    doctor.open("/account/notices")
    doctor.look("notices")
    if way.script:
        _signs_out(doctor)
    _one_step_away(county, member)
