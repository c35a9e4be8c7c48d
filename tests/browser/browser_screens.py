"""What learners do on their screens: find a course, read it, sit its assessment."""

import re
import time
import warnings

from browser_stage import Way
from browser_visitor import Visitor
from playwright.sync_api import Locator, expect

from lms.courses.packages.package import Package
from lms.items.base import Item

LATE, DRAWN_WITHIN = 30, 150  # seconds
STEM = "legend => legend.firstChild.textContent.trim()"


def _same(text: str) -> str:
    return " ".join(text.split())


def item_asked(package: Package, way: Way, stem: str) -> Item:
    """The item whose question this is."""
    found = [item for item in package.items if _same(way.of(item.stem)) == _same(stem)]
    assert len(found) == 1, (stem, found)
    return found[0]


def answers(item: Item, way: Way) -> list[tuple[str, str]]:
    """The right answer as a doctor would give it: (label of a blank or nothing, what to choose or write)."""
    order = item.movable()
    shown = item.present(way.language, order)
    filled = item.fill(order, item.right())
    texts = {choice.value: choice.text for choice in shown.choices}
    labels = {blank.name: blank.label for blank in shown.blanks}
    return [(labels.get(name, ""), texts.get(value, value)) for name, values in filled.items() for value in values]


def answer(visitor: Visitor, package: Package, question: Locator, *, wrong: bool = False) -> None:
    """Answer the question of a form as someone who knows (or who ticks the first thing that is wrong)."""
    item = item_asked(package, visitor.way, question.locator("legend").evaluate(STEM))
    right = answers(item, visitor.way)
    if question.locator("input[inputmode=decimal]").count():
        question.locator("input[inputmode=decimal]").fill("9999" if wrong else right[0][1])
        question.locator("input[inputmode=decimal]").blur()
        return
    if question.locator("select").count():
        for label, choice in right[::-1] if wrong else right:
            question.get_by_label(label, exact=True).select_option(label=choice)
        return
    chosen = {text for _, text in right}
    for option in question.locator("label.opt").all():
        if (_same(option.inner_text()) in {_same(text) for text in chosen}) != wrong:
            option.click()
            if wrong:
                return


def find_course(doctor: Visitor, text: str, title: str) -> None:
    """Look a course up in the catalogue and open it."""
    doctor.follow("课程")
    doctor.look("catalogue")
    doctor.fill("找什么", text)
    doctor.press("找课程")
    doctor.look("catalogue-found")
    doctor.page.get_by_role("link", name=title, exact=True).click()
    doctor.finds(title)


def enrol(doctor: Visitor) -> None:
    """Press the course page's button."""
    doctor.press("开始学")
    doctor.page.wait_for_url(re.compile("/learn/|/courses/"))


def self_checks(doctor: Visitor, package: Package, *, wrong_first: bool = False) -> int:
    """Answer the questions inside a lesson, one after the other; how many there were."""
    done = 0
    while doctor.page.locator('form[action$="/check"]').count():
        form = doctor.page.locator('form[action$="/check"]').first
        here = form.locator("input[name=code]").get_attribute("value")
        answer(doctor, package, form, wrong=wrong_first and not done)
        form.get_by_role("button", name=doctor.way.say("看看对不对"), exact=True).click()
        verdict = "再看一看" if wrong_first and not done else "答对了"
        expect(doctor.page.locator(f"#check-{here} [role=status]")).to_have_text(doctor.way.say(verdict))
        done += 1
        assert done < 20
    return done


def read_all_lessons(doctor: Visitor, package: Package) -> int:
    """From the course page through every lesson, back to the course page; how many self-checks."""
    checks = 0
    if doctor.page.locator("form[action$='/finish']").count() == 0:
        doctor.follow("从第 1 课学起")
    for place, lesson in enumerate(package.lessons, start=1):
        doctor.finds(doctor.way.of(lesson.titles))
        if place <= 2:
            doctor.look(f"lesson-{package.slug}-{place}")
        checks += self_checks(doctor, package, wrong_first=place == 1)
        if place == 1:
            doctor.look(f"lesson-{package.slug}-checked")
        doctor.page.locator('form[action$="/finish"] button').click()
        following = package.lessons[place].slug if place < len(package.lessons) else ""
        doctor.page.wait_for_url(re.compile(f"/learn/.*/{following}$" if following else "/courses/"))
    return checks


def start_assessment(doctor: Visitor) -> None:
    """From the course page to the first question."""
    doctor.follow("去做测验")
    doctor.look("assessment-start")
    doctor.press("开始测验")
    doctor.page.wait_for_url("**/attempts/**")


def question_number(doctor: Visitor) -> int:
    return int(doctor.page.locator("#question input[name=position]").input_value())


def answer_here(doctor: Visitor, package: Package) -> None:
    """Answer the question on this page rightly, without going on."""
    answer(doctor, package, doctor.page.locator("#question"))


def go_on(doctor: Visitor, total: int) -> None:
    """Press "save, next" and wait for what comes."""
    here = question_number(doctor)
    doctor.page.locator("#next").click()
    if here < total:
        expect(doctor.page.locator("#question input[name=position]")).to_have_value(str(here + 1))
    else:
        expect(doctor.page.locator("#hand-in")).to_be_visible()


def answer_rest(doctor: Visitor, package: Package) -> None:
    """Answer from this question to the last, and stand before handing in."""
    assert package.assessment is not None
    total = package.assessment.item_count
    for _ in range(question_number(doctor), total + 1):
        answer_here(doctor, package)
        go_on(doctor, total)
    doctor.reads("已答 %(a)s 题，未答 %(b)s 题", a=total, b=0)
    doctor.look("assessment-check")


def hand_in(doctor: Visitor) -> None:
    """Press the button that ends it."""
    doctor.press("交卷，看结果")
    doctor.page.wait_for_url("**/result")


def pass_course(doctor: Visitor, package: Package) -> None:
    """Everything from the catalogue to the result, without looking around."""
    doctor.open(f"/courses/{package.slug}")
    enrol(doctor)
    read_all_lessons(doctor, package)
    start_assessment(doctor)
    answer_rest(doctor, package)
    hand_in(doctor)
    doctor.heads("通过了")


def wait_until_drawn(doctor: Visitor) -> None:
    """On the page of certificates: read it again until the file is there. What the house was doing is said if that
    is late or never: drawing takes a second, and a machine that runs other tests beside it some more."""
    begun, told = time.monotonic(), ""
    while not doctor.page.locator('a[href$=".pdf"]').count():
        waited = time.monotonic() - begun
        if waited > LATE and not told:
            told = doctor.house.standing()
            warnings.warn(f"a certificate is late:\n{told}", stacklevel=2)
        assert waited < DRAWN_WITHIN, f"no certificate was drawn:\n{doctor.house.standing()}"
        time.sleep(0.3)
        doctor.page.reload()
