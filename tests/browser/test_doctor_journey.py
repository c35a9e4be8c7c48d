"""A village doctor finds a course, studies it, passes, and holds a certificate that anybody can check."""

import subprocess
from pathlib import Path

import browser_screens as screens
import pytest
from browser_stage import Installation, Way
from browser_visitor import Arrive, Visitor
from cast import Member

pytestmark = pytest.mark.browser

SEARCH = {"zh": "血压", "en": "blood"}


def text_of(pdf: Path) -> str:
    """What a PDF says, as its reader would copy it."""
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def study_and_pass(doctor: Visitor, house: Installation) -> None:
    package = house.packages["hypertension"]
    doctor.look("today-lacking")
    screens.find_course(doctor, SEARCH[doctor.way.language], doctor.way.of(package.title))
    doctor.look("course")
    screens.enrol(doctor)
    assert screens.read_all_lessons(doctor, package) > 0
    doctor.look("course-read")
    screens.start_assessment(doctor)
    doctor.look("question")
    screens.answer_rest(doctor, package)
    screens.hand_in(doctor)
    doctor.heads("通过了")
    doctor.finds("100")
    doctor.reads("{credits} 学分、{hours} 学时已记入您的学分账", credits="0.67", hours="2")
    doctor.look("result-passed")


def credit_is_there(doctor: Visitor, house: Installation) -> None:
    title = doctor.way.of(house.packages["hypertension"].title)
    doctor.follow("学分")
    doctor.finds(title)
    doctor.reads("已计入")
    doctor.look("credits")
    doctor.page.get_by_role("link", name=title, exact=True).click()
    doctor.reads("怎么算的")
    doctor.reads("系统按规则授分")
    doctor.finds("CN-2025")
    doctor.look("credit")


def certificate_is_there(doctor: Visitor, house: Installation, member: Member, folder: Path) -> str:
    """Wait until it is drawn, download it, read her name in it; the address that verifies it."""
    doctor.follow("证书")
    screens.wait_until_drawn(doctor)
    pdf = doctor.page.locator('a[href$=".pdf"]')
    doctor.look("certificates")
    link = pdf.first.get_attribute("href")
    with doctor.page.expect_response(lambda response: response.url.endswith(".pdf")) as opened:
        pdf.first.click()
    assert opened.value.status == 200
    assert opened.value.headers["content-type"] == "application/pdf"
    # The browser shows it in a viewer of its own; the same address with the same cookies gives the file.
    file = folder / "certificate.pdf"
    file.write_bytes(doctor.context.request.get(f"{house.url}{link}").body())
    doctor.open("/certificates")
    text = text_of(file)
    assert member.name in text, text
    address = doctor.page.locator('a[href*="/verify/"]').first.get_attribute("href")
    assert address
    return address


@pytest.mark.opposites("embedded", "en-plain")
def test_a_doctor_studies_passes_and_holds_a_certificate(
    house: Installation, way: Way, visit: Arrive, tmp_path: Path
) -> None:
    member = house.new_doctor()
    doctor = visit(member)
    study_and_pass(doctor, house)
    credit_is_there(doctor, house)
    address = certificate_is_there(doctor, house, member, tmp_path)
    doctor.open("/today")
    doctor.look("today-with-credit")
    doctor.follow("要做到的，和能走的路")
    doctor.heads("要求和路")
    doctor.look("pathways")
    doctor.open("/pathways/rural-gp-assistant")
    doctor.reads("下一步")
    doctor.look("pathway")
    anybody = visit()
    anybody.knows(member.name)
    anybody.open(address)
    anybody.speak()
    anybody.heads("这张证书有效")
    anybody.finds(way.of(house.packages["hypertension"].title))
    anybody.lacks(member.name)
    anybody.look("verify-valid")
