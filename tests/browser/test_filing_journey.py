"""A regulator file is made, one row comes back, is fixed and filed again."""

import csv
import io
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from browser_stage import Installation, mended
from browser_visitor import Arrive, Visitor
from cast import Member
from playwright.sync_api import expect

from lms.credits import commands as credits
from lms.kernel import clock
from lms.kernel.uow import unit_of_work

pytestmark = pytest.mark.browser

WHY = "姓名和证件不符"


def _lecture(house: Installation, member: Member) -> None:
    """A lecture that she attended yesterday, as the administrator enters it."""
    with house.app.app_context(), unit_of_work():
        credits.record_activity(
            house.cast.admin.actor, person_id=member.person_id, kind="unit_lecture",
            title={"zh": "糖尿病足早期识别", "en": "Recognising the diabetic foot"},
            on_date=max(clock.today() - timedelta(days=1), clock.today().replace(month=1, day=1)),
            hours=Decimal(2), quantity=Decimal(1), unit="items",
        )  # fmt: skip


def _make(admin: Visitor) -> None:
    admin.open("/reports/filings")
    admin.press("做这次上报")
    admin.page.wait_for_url("**/reports/filings/*")
    end = time.monotonic() + 60
    while not admin.page.locator("#files").count():
        assert time.monotonic() < end, "the filing was not made"
        time.sleep(0.3)
        admin.page.reload()


def _rows(admin: Visitor, name: str) -> list[dict[str, str]]:
    """The rows of a file, taken by its button."""
    with admin.page.expect_download() as taken:
        admin.page.get_by_role("button", name=name, exact=True).click()
    text = taken.value.path().read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _answer(admin: Visitor, row: str) -> None:
    said = f"row,result,code,text\n{row},rejected,E12,{WHY}\n".encode("gb18030")
    admin.page.locator("main [name=file]").set_input_files(
        {"name": "huifu.csv", "mimeType": "text/csv", "buffer": said}
    )
    admin.press("上传并预演")
    admin.heads("对账：%(name)s", name="huifu.csv")
    admin.reads("这是预演，还没有记")
    admin.finds(WHY)
    admin.look("filing-rehearsal")
    admin.press("记下这份回复")
    admin.reads("回复已经记好，被退回的进了待改的名单。")


def _fix(admin: Visitor, member: Member, name: str) -> None:
    admin.open("/reports/refused")
    task = admin.page.locator("main section.card", has_text=member.name)
    expect(task).to_contain_text(WHY)
    admin.look("filing-refused")
    task.get_by_role("link", name=admin.way.say("人员资料")).click()
    admin.heads(member.name)
    admin.page.goto(f"{admin.page.url}/edit")
    admin.fill("姓名", name)
    admin.press("保存")
    admin.open("/reports/refused")
    task.get_by_role("button", name=admin.way.say("改好了，下次重报")).click()
    admin.reads("记下了，下一次上报会重新报这一行。")
    admin.page.get_by_role("link", name=admin.way.say("已改好，等下一次上报")).click()
    admin.finds(WHY)
    admin.look("filing-mended")


@pytest.mark.opposites("embedded", "en-script")
def test_a_row_comes_back_is_fixed_and_filed_again(house: Installation, visit: Arrive) -> None:
    member = house.new_doctor()
    fixed = mended(member.name)
    _lecture(house, member)
    admin = visit(house.cast.admin)
    admin.known |= {WHY, "糖尿病足早期识别", member.name, fixed}
    admin.knows(member.name)
    admin.knows(fixed)
    admin.open("/reports/filings")
    admin.look("filings")
    _make(admin)
    admin.look("filing")
    mine = [row for row in _rows(admin, "delta.csv") if row["name"] == member.name]
    assert [row["change"] for row in mine] == ["new"]
    _answer(admin, mine[0]["row"])
    _fix(admin, member, fixed)
    _make(admin)
    again = [row for row in _rows(admin, "delta.csv") if row["row"] == mine[0]["row"]]
    assert [(row["change"], row["name"]) for row in again] == [("refiled", fixed)]
    admin.reads("重新上报")
    admin.finds(fixed)
    admin.look("filing-again")
