"""A province auditor finds why one doctor fails, draws a sample of 50 awards and has one of them taken back; it takes a
second auditor, and the doctor is told. On a phone and at a desk, with and without a script."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from browser_checks import DESK, PHONE
from browser_stage import CLINIC, Installation, Way
from browser_visitor import Visitor, arrive
from cast import PASSWORD, PLACES, Member, add_member, make_cast
from playwright.sync_api import Browser, ViewportSize, expect
from stack import stack

from lms.credits import commands as credits
from lms.credits.log import running as log_running
from lms.kernel import clock
from lms.kernel.actor import Role
from lms.kernel.db import dispose
from lms.kernel.uow import unit_of_work
from lms.people import passwords

pytestmark = pytest.mark.browser
CASES = [(Way("zh", True), PHONE), (Way("en", False), DESK)]
if os.environ.get("JOURNEYS") == "all":
    CASES += [(Way("en", True), DESK), (Way("en", False), PHONE)]
DOCTORS = tuple(a + b for a in "冯褚卫蒋沈" for b in ("秀兰", "玉梅", "建国"))
TITLE = {"zh": "县域急诊急救能力提升", "en": "Emergency care in the county"}
LECTURE = {"zh": "糖尿病足早期识别", "en": "Recognising the diabetic foot"}
WHY = "省里核实，当天没有参加。"
LIMIT, SIZE = "5", 50


def _activities(admin: Member, doctor: Member, year: int) -> None:
    """A project of ten credits, above the limit, and three lectures of half a credit."""
    credits.record_activity(
        admin.actor, person_id=doctor.person_id, kind="promotion_project", title=TITLE, on_date=date(year, 1, 15),
        started_on=date(year, 1, 11), hours=Decimal(33), project_number=f"{year}-14-00-007", assessed=True,
    )  # fmt: skip
    for day in (1, 2, 3):
        credits.record_activity(
            admin.actor, person_id=doctor.person_id, kind="unit_lecture", title=LECTURE, on_date=date(year, 1, day),
            hours=Decimal(2), quantity=Decimal(1), unit="items",
        )  # fmt: skip


@contextmanager
def _house(folder: Path) -> Iterator[Installation]:
    """A province of fifteen doctors and sixty awards, with two auditors."""
    made: dict[str, Any] = {}

    def prepare(app: Any) -> None:
        cast = make_cast(app)
        hashed, year = passwords.hash_password(PASSWORD), clock.today().year
        with app.app_context(), unit_of_work():
            doctors = [
                add_member(f"audited{n}", name, 300 + n, cast.places, CLINIC, ((Role.LEARNER, CLINIC),), hashed)
                for n, name in enumerate(DOCTORS)
            ]
            second = add_member(
                "second", "秦立新", 340, cast.places, "LB-YL-WJ", ((Role.PROVINCE_AUDITOR, "LB"),), hashed
            )
        for doctor in doctors:
            with app.app_context(), unit_of_work():
                _activities(cast.admin, doctor, year)
        with app.app_context():
            log_running.catch_up()  # the house has its log's key before its pulses begin
        made.update(app=app, cast=cast, doctors=iter(doctors), others={d.name: d for d in (*doctors, second)})

    with stack(folder, prepare, workers=1, settings={"XINGLIN_SECOND_PERSON_ABOVE": LIMIT}) as running:
        try:
            yield Installation(running=running, **made)
        finally:
            dispose(made["app"])


@pytest.fixture(scope="module")
def province_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with _house(tmp_path_factory.mktemp("province")) as found:
        yield found


def look(visitor: Visitor, name: str, size: ViewportSize) -> None:
    """As somebody with this screen: the close look leaves the page narrow."""
    visitor.look(name)
    visitor.page.set_viewport_size(size)


def finds_why_somebody_fails(auditor: Visitor, size: ViewportSize) -> None:
    """From the province's overview down to one doctor's reason, and back up."""
    auditor.open("/today")
    auditor.follow("达标")
    look(auditor, "province-overview", size)
    auditor.follow("还不够")
    look(auditor, "province-failing", size)
    auditor.page.locator("main table tbody a").first.click()
    auditor.page.wait_for_url("**/reports/compliance/people/**")
    auditor.reads("现在还差")
    auditor.reads("还不够")
    auditor.finds("2025")
    look(auditor, "province-why", size)
    auditor.follow("达标")


def draws(auditor: Visitor, seed: str, size: ViewportSize) -> str:
    """From the overview to a sample of fifty; its address."""
    auditor.follow("抽查这里的学分")
    look(auditor, "sample-draw", size)
    expect(auditor.page.locator("main input[name=size]")).to_have_value(str(SIZE))
    auditor.fill("随机种子", seed)
    auditor.press("抽，存下名单")
    auditor.page.wait_for_url(re.compile("/audit/samples/[0-9a-f-]{36}"))
    auditor.reads("抽好了，名单已经存下，以后不会变。")
    assert auditor.page.locator("main tbody tr").count() == SIZE
    look(auditor, "sample-drawn", size)
    return auditor.page.url.partition("#")[0]


def proposes(auditor: Visitor, size: ViewportSize) -> tuple[str, str]:
    """Opens the first big award nobody has looked at, and proposes to take it back; address and doctor."""
    row = auditor.page.locator("main tbody tr").filter(has_text="10.0").filter(has_text=auditor.way.say("还没看")).first
    name = row.locator("th").inner_text().strip()
    row.locator("a").click()
    auditor.page.wait_for_url("**/audit/awards/**")
    auditor.reads("这条学分超过限额，通过和撤销要两个人：您先提议，另一位审核人员确认后生效。退回不用。")
    look(auditor, "sample-award", size)
    address = auditor.page.url
    auditor.page.locator('label.opt:has(input[name=action][value="reverse"])').click()
    auditor.page.locator("main select[name=reason_code]").select_option("absent")
    auditor.fill("医生会看到这段话", WHY)
    auditor.press("保存，看下一条")
    auditor.reads("学分超过限额，要两个人审。您的提议已记下，另一位审核人员确认后才生效。")
    auditor.page.wait_for_url(lambda url: url != address and "/audit/awards/" in url and "sample=" in url)
    auditor.open(address)
    auditor.reads("这是您提出的，要由另一位审核人员来确认。")
    look(auditor, "sample-award-proposed", size)
    return address, name


def approves_by_keyboard(auditor: Visitor) -> None:
    """One of the small ones, without touching the mouse where there is a script."""
    auditor.page.locator("main tbody tr").filter(has_text="0.5").filter(
        has_text=auditor.way.say("还没看")
    ).first.locator("a").click()
    auditor.page.wait_for_url("**/audit/awards/**")
    here = auditor.page.url
    if auditor.way.script:
        auditor.page.keyboard.press("a")
        auditor.page.keyboard.press("Enter")
    else:
        auditor.page.locator('label.opt:has(input[name=action][value="approve"])').click()
        auditor.press("保存，看下一条")
    auditor.page.wait_for_url(lambda url: url != here)
    auditor.reads("已通过，学分计入。")


def confirms(other: Visitor, name: str, size: ViewportSize) -> None:
    """The second auditor finds it in her queue and confirms."""
    other.open("/today")
    other.follow("审核")
    other.follow("等第二人")
    look(other, "second-queue", size)
    other.page.get_by_role("link", name=name, exact=True).click()
    other.reads("等第二位审核人员")
    other.finds(WHY)
    look(other, "second-award", size)
    other.page.locator('label.opt:has(input[name=action][value="confirm"])').click()
    other.press("保存")
    other.reads("已确认，决定生效，两位审核人员都记在案。")
    look(other, "second-confirmed", size)


def protocol(auditor: Visitor, sample: str, size: ViewportSize) -> None:
    """What the sample has come to, on the page and as a file."""
    auditor.open(sample)
    auditor.reads("有错，已撤销")
    done = auditor.page.locator("main .meter .num").inner_text()
    look(auditor, "sample-after", size)
    auditor.follow("抽查记录")
    auditor.finds("50.0%")
    look(auditor, "sample-protocol", size)
    with auditor.page.expect_download() as saved:
        auditor.press("存成 CSV，并记下")
    text = saved.value.path().read_text("utf-8-sig")
    assert WHY in text
    auditor.open("/audit/samples")
    expect(auditor.page.locator("main tbody tr").first).to_contain_text(done)
    look(auditor, "samples", size)


@pytest.mark.parametrize(("way", "size"), CASES, ids=[f"{way}-{size['width']}" for way, size in CASES])
def test_the_province_samples_and_takes_back_what_was_wrong(
    chromium: Browser, province_house: Installation, way: Way, size: ViewportSize
) -> None:
    house = province_house
    looked: set[tuple[str, ...]] = set()
    names = {member.name for member in house.cast.members} | {name for _, _, name, _ in PLACES} | {"中文"}
    names |= {*house.others, WHY, TITLE["en"], LECTURE["en"]}

    def come(who: Member) -> Visitor:
        visitor = arrive(chromium, house, way, looked, names)
        visitor.sign_in(who)
        visitor.page.set_viewport_size(size)
        return visitor

    auditor = come(house.cast.province_auditor)
    finds_why_somebody_fails(auditor, size)
    sample = draws(auditor, f"2026-{way}-{size['width']}", size)
    approves_by_keyboard(auditor)
    auditor.open(sample)
    _address, name = proposes(auditor, size)
    doctor = come(house.others[name])
    doctor.open("/credits")
    before = doctor.page.locator("main").inner_text()
    assert "11.5" in before
    doctor.lacks(WHY)

    other = come(house.others["秦立新"])
    confirms(other, name, size)
    doctor.page.reload()
    doctor.reads("没有计入，原因在这里")
    doctor.reads("已撤销")
    assert "11.5" not in doctor.page.locator("main").inner_text()
    look(doctor, "statement-reversed", size)
    doctor.page.get_by_role("link", name=way.of(TITLE), exact=True).first.click()
    doctor.finds(WHY)
    doctor.reads("%(first)s提议，%(second)s确认", first=house.cast.province_auditor.name, second="秦立新")
    look(doctor, "award-reversed-by-two", size)
    protocol(auditor, sample, size)
    visitors = (auditor, doctor, other)
    wrong = [line for one in visitors for line in (*one.faults, *one.noise)] + house.new_faults()
    for one in visitors:
        one.context.close()
    assert not wrong, "\n".join(wrong)
