"""An administrator registers an institution and a person, who then comes in by herself."""

import re
import time

import pytest
from browser_stage import Installation
from browser_visitor import Arrive, Visitor
from cast import id_number

from lms.people.rules import mask_phone

pytestmark = pytest.mark.browser


def _add_clinic(admin: Visitor, code: str, name: str) -> None:
    admin.open("/today")
    admin.look("today-staff")
    admin.follow("管理")
    admin.look("admin")
    admin.follow("机构")
    admin.look("organisations")
    admin.fill("名称或代码", "LB-YL-LX")
    admin.press("查找")
    admin.look("organisations-found")
    admin.page.get_by_role("link", name="柳溪镇卫生院").first.click()
    admin.look("organisation")
    admin.follow("加一个机构")
    admin.look("organisation-new")
    admin.choose("类别", "village_clinic")
    admin.fill("全称", name)
    admin.fill("英文名", "Upper Terrace Village Clinic")
    admin.fill("代码", code)
    admin.press("加上")
    admin.finds(code)


def _add_person(admin: Visitor, name: str, phone: str, number: int, code: str) -> None:
    admin.open("/admin")
    admin.follow("人员")
    admin.look("people")
    admin.follow("登记一个人")
    admin.look("person-new")
    admin.expect_status(422)
    admin.fill("姓名", name)
    admin.fill("手机号", phone)
    admin.fill("身份证号", id_number(number)[:-1] + "?")
    admin.choose("执业类别", "village_doctor")
    admin.fill("工作地点", code)
    admin.press("登记")
    admin.look("person-new-refused")
    admin.fill("身份证号", id_number(number))
    admin.press("登记")
    admin.heads(name)
    admin.look("person")


def _code_from_outbox(admin: Visitor, phone: str) -> tuple[str, str]:
    admin.press("发验证码，设密码")
    admin.open("/admin")
    admin.follow("发出的短信和邮件")
    admin.look("outbox")
    # The number is masked here too; the latest message comes first. It goes out behind the page, a moment later.
    until = time.monotonic() + 60
    while not (lines := admin.page.locator("li", has_text=mask_phone(phone))).count() and time.monotonic() < until:
        time.sleep(0.3)
        admin.page.reload()
    assert lines.count(), admin.house.standing()
    line = lines.first.inner_text()
    code = re.search(r"\b\d{8}\b", line)
    address = re.search(r"http\S+/sign-in/code/[0-9a-f-]+", line)
    assert code, line
    assert address, line
    return code[0], address[0]


def _first_sign_in(guest: Visitor, address: str, code: str) -> None:
    guest.open(address)
    guest.speak()
    guest.look("code")
    guest.expect_status(422)
    guest.fill("验证码", "00000000" if code != "00000000" else "00000001")
    guest.fill("新密码", "green-tea-42")
    guest.press("设好密码并登录")
    guest.reads("验证码不对。请看最新一条短信，再填一次。")
    guest.look("code-wrong")
    guest.fill("验证码", code)
    guest.fill("新密码", "green-tea-42")
    guest.press("设好密码并登录")
    guest.heads("先看隐私说明")
    guest.look("consent")
    guest.press("同意，开始使用")
    guest.heads("先看隐私说明")
    guest.tick("我看过了，同意按上面说的使用我的信息")
    guest.press("同意，开始使用")
    guest.page.wait_for_url("**/today")


@pytest.mark.opposites("embedded", "zh-script")
def test_an_administrator_adds_a_person_who_then_signs_in(house: Installation, visit: Arrive) -> None:
    number = house.number()
    code, phone, name = f"LB-YL-LX-N{number:02d}", f"000{70000000 + number:08d}", "顾晓棠"
    clinic = f"上坪村卫生室{number}"
    admin = visit(house.cast.admin)
    admin.known |= {name, clinic, "上坪村卫生室"}
    _add_clinic(admin, code, clinic)
    _add_person(admin, name, phone, 500 + number, code)
    secret, address = _code_from_outbox(admin, phone)
    guest = visit()
    guest.known |= {name, clinic, "上坪村卫生室"}
    _first_sign_in(guest, address, secret)
    guest.finds(name)
    guest.look("today-new")
    guest.follow("我的")
    guest.finds(clinic)
    guest.look("account")
    guest.press("退出")
    guest.open("/today")
    guest.fill("手机号", phone)
    guest.fill("密码", "green-tea-42")
    guest.press("登录")
    guest.page.wait_for_url("**/today")
