"""A doctor claims a further-study month with two photos, the unit returns it, she corrects it, the county approves it,
the statement changes; on a phone and at a desk, with and without a script."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser_checks import DESK, PHONE
from browser_stage import CLINIC, Installation, Way
from browser_visitor import Visitor, arrive
from cast import PASSWORD, PLACES, Member, add_member, make_cast
from playwright.sync_api import Browser, ViewportSize, expect
from stack import stack
from uploaded import jpeg

sys.path.insert(0, str(Path(__file__).parent.parent / "integration" / "credits"))

from house_rules import IN_FORCE, PAPERS_AND_MONTHS, POLICIES, settle

from lms.credits.log import running as log_running
from lms.kernel.actor import Role
from lms.kernel.db import dispose
from lms.kernel.uow import unit_of_work
from lms.people import passwords

pytestmark = pytest.mark.browser
RULES = "CN-ZJ-2025"
TITLE, PLACE, BACK = "到县医院心内科进修", "云岭县人民医院", "请补一张鉴定表的照片。"
CASES = [(Way("zh", True), PHONE), (Way("en", False), DESK)]
if os.environ.get("JOURNEYS") == "all":
    CASES += [(Way("en", True), DESK), (Way("en", False), PHONE)]


@contextmanager
def _house(folder: Path) -> Iterator[Installation]:
    """A house in a province whose rules pay for months of further study (invented lines, added for this test)."""
    made: dict[str, Any] = {}
    rules = folder / "rules"
    rules.mkdir()
    for file in POLICIES.glob("*.toml"):
        text = file.read_text("utf-8")
        if file.stem == RULES:
            text = IN_FORCE.sub('status = "in_force"', text, count=1) + PAPERS_AND_MONTHS
        (rules / file.name).write_text(text, "utf-8")

    def prepare(app: Any) -> None:
        cast = make_cast(app)
        settle(app, cast, RULES[:5])
        hashed = passwords.hash_password(PASSWORD)
        with app.app_context(), unit_of_work():
            doctors = [
                add_member(f"claims{n}", name, 200 + n, cast.places, CLINIC, ((Role.LEARNER, CLINIC),), hashed)
                for n, name in enumerate(("沈秀兰", "韩玉梅", "杨建国"))
            ]
            unit = add_member(
                "unit", "邓立新", 220, cast.places, "LB-YL-LX", ((Role.UNIT_AUDITOR, "LB-YL-LX"),), hashed
            )
        with app.app_context():
            log_running.catch_up()  # the house has its log's key before its pulses begin
        made.update(app=app, cast=cast, doctors=iter(doctors), unit=unit)

    with stack(folder, prepare, workers=1, settings={"XINGLIN_POLICIES": str(rules)}) as running:
        unit = made.pop("unit")
        try:
            house = Installation(running=running, **made)
            house.packages = {}
            house.others["unit"] = unit
            yield house
        finally:
            dispose(made["app"])


@pytest.fixture(scope="module")
def claims_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with _house(tmp_path_factory.mktemp("claims")) as found:
        yield found


def photo(name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": jpeg((640, 480))}


def look(visitor: Visitor, name: str, size: ViewportSize) -> None:
    """As somebody with this screen: the close look leaves the page narrow."""
    visitor.look(name)
    visitor.page.set_viewport_size(size)


def add(visitor: Visitor, *names: str) -> None:
    """Choose photos; with a script they are sent before the form is."""
    visitor.page.locator("input#papers").set_input_files([photo(name) for name in names])
    if visitor.way.script:
        for name in names:
            visitor.reads("“{name}”收好了，提交时会一起交上去。", name=name)


def hand_in(doctor: Visitor, button: str) -> None:
    doctor.page.locator("input[name=truth]").check()
    doctor.press(button)


def decide(auditor: Visitor, address: str, action: str, size: ViewportSize) -> None:
    auditor.open(address)
    look(auditor, f"claim-decide-{action}", size)
    auditor.page.locator(f'label.opt:has(input[name=action][value="{action}"])').click()
    if action == "return":
        auditor.page.locator("main select[name=reason_code]").select_option("paper")
        auditor.fill("医生会看到这段话", BACK)
    auditor.press("保存")


@pytest.mark.parametrize(("way", "size"), CASES, ids=[f"{way}-{size['width']}" for way, size in CASES])
def test_a_claim_comes_back_is_corrected_and_becomes_credit(
    chromium: Browser, claims_house: Installation, way: Way, size: ViewportSize
) -> None:
    house = claims_house
    looked: set[tuple[str, ...]] = set()
    names = {member.name for member in house.cast.members} | {name for _, _, name, _ in PLACES} | {"中文"}
    member, unit = house.new_doctor(), house.others["unit"]
    names |= {member.name, unit.name, TITLE, PLACE, BACK, "一.jpg", "二.jpg", "三.jpg"}

    def come(who: Member) -> Visitor:
        visitor = arrive(chromium, house, way, looked, names)
        visitor.sign_in(who)
        visitor.page.set_viewport_size(size)
        return visitor

    doctor = come(member)
    doctor.open("/credits")
    doctor.follow("申报学分")
    look(doctor, "claims-none", size)
    doctor.follow("申报学分")
    look(doctor, "claim-kinds", size)
    doctor.follow("进修")
    doctor.fill("活动名称", TITLE)
    doctor.fill("从哪一天", "2026-05-01")
    doctor.fill("到哪一天", "2026-05-31")
    doctor.fill("在哪里、哪个单位", PLACE)
    doctor.fill("数量", "1")
    if way.script:
        doctor.page.reload()  # what was typed has stayed on the phone
        expect(doctor.page.locator("input[name=title]")).to_have_value(TITLE)
        expect(doctor.page.locator("input[name=on_date]")).to_have_value("2026-05-31")
    add(doctor, "一.jpg", "二.jpg")
    look(doctor, "claim-new", size)
    doctor.press("存草稿，看能算多少")
    doctor.page.wait_for_url(re.compile("/credits/claims/[0-9a-f-]{36}"))
    address = doctor.page.url.partition("#")[0]
    doctor.finds("0.0 → 5.0")
    assert doctor.page.locator("main figure img").count() == 2
    look(doctor, "claim-draft", size)
    hand_in(doctor, "交上去审核")
    doctor.reads("已经交上去，现在由%(level)s审核", level=way.say("本单位"))
    look(doctor, "claim-waiting", size)

    audit = address.replace("/credits/claims/", "/audit/claims/")
    of_unit = come(unit)
    of_unit.follow("审核")
    look(of_unit, "claim-queue", size)
    if way.script:
        of_unit.page.keyboard.press("j")
        of_unit.page.keyboard.press("Enter")
        of_unit.page.wait_for_url(audit)
    decide(of_unit, audit, "return", size)

    doctor.open("/today")
    first = doctor.page.locator("main .note").first
    expect(first).to_contain_text(way.say("有一条申报退回给您改正"))
    expect(first).to_contain_text(BACK)
    look(doctor, "today-claim-returned", size)
    doctor.follow("去改正")
    look(doctor, "claim-returned", size)
    doctor.fill("数量", "1.5")
    add(doctor, "三.jpg")
    doctor.press("存草稿，看能算多少")
    doctor.finds("0.0 → 7.5")
    hand_in(doctor, "改好了，再交")
    doctor.reads("已经交上去，现在由%(level)s审核", level=way.say("本单位"))

    county = come(house.cast.county_auditor)
    decide(county, audit, "approve", size)
    county.reads("已通过，授 {credits} 学分。", credits="7.5")
    doctor.open("/credits?year=2026")
    doctor.finds(TITLE)
    doctor.finds("7.5")
    look(doctor, "credits-claimed", size)
    doctor.open(address)
    doctor.reads("通过了，授 %(credits)s 学分、%(hours)s 学时", credits="7.5", hours="0")
    look(doctor, "claim-approved", size)
    visitors = (doctor, of_unit, county)
    wrong = [line for one in visitors for line in (*one.faults, *one.noise)] + house.new_faults()
    for one in visitors:
        one.context.close()
    assert not wrong, "\n".join(wrong)
