"""A doctor says how a lesson was with two taps; the centre answers, asks more, and sees how the course goes."""

import pytest
from browser_stage import SHORT, Installation, Way
from browser_visitor import Arrive, Visitor
from playwright.sync_api import expect

from lms.courses import queries as courses
from lms.improving import counting
from lms.kernel.uow import unit_of_work

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TITLES = {"zh": "课程评价表", "en": "Evaluation of the course"}
QUESTION = {"zh": "讲得清楚吗", "en": "Was it clear"}


def _lesson(doctor: Visitor) -> None:
    """Finish the first lesson with a rating, go back and say more."""
    doctor.open(f"/courses/{SHORT}")
    doctor.press("开始学")
    expect(doctor.button("学完了，去第 %(number)s 课", number=2)).to_be_visible()
    lesson = doctor.page.url
    doctor.look("lesson-with-rating")
    doctor.page.get_by_label(doctor.way.say("有用"), exact=True).check()
    doctor.press("学完了，去第 %(number)s 课", number=2)
    doctor.page.wait_for_url("**/part-2")
    doctor.open(lesson)
    doctor.follow("改一改")
    doctor.look("feedback")
    doctor.page.locator("textarea[name=text]").fill("SBP 130?")
    doctor.press("交给中心")
    doctor.finds("SBP 130?")
    doctor.look("lesson-rated")


def _centre(author: Visitor) -> None:
    author.open(f"/studio/courses/{SHORT}")
    author.follow("学得怎样")
    author.press("现在重新数")
    expect(author.page.locator("main h1")).to_have_text(author.way.say("学得怎样"))
    author.follow("学员的话")
    author.page.locator("details summary").first.click()
    author.page.locator("details textarea").first.fill("OK 120/80")
    author.press("存下答复")
    author.finds("OK 120/80")
    author.look("words")
    author.follow("问卷")
    author.fill("中文名", TITLES["zh"])
    author.fill("英文名", TITLES["en"])
    author.press("开始写题目")
    author.fill("中文题目", QUESTION["zh"])
    author.fill("英文题目", QUESTION["en"])
    author.fill("中文选项", "不清楚\n很清楚")
    author.fill("英文选项", "No\nYes")
    author.press("加上")
    author.finds(author.way.of(QUESTION))
    author.look("survey-draft")
    author.press("发布问卷")
    author.finds(author.way.say("答了 %(a)s 人，不答的 %(b)s 人。", a=0, b=0))
    author.look("survey-published")


@pytest.mark.ways(houses=("embedded",), languages=("zh",), script=(True,))
def test_a_course_is_made_better(house: Installation, way: Way, visit: Arrive) -> None:
    _journey(house, visit)


@pytest.mark.ways(houses=("embedded",), languages=("en",), script=(False,))
def test_a_course_is_made_better_without_a_script(house: Installation, way: Way, visit: Arrive) -> None:
    _journey(house, visit)


def _journey(house: Installation, visit: Arrive) -> None:
    known = {*TITLES.values(), *QUESTION.values(), "不清楚", "很清楚", "量准血压"}
    doctor, author = visit(house.new_doctor()), visit(house.cast.author)
    doctor.known |= known
    author.known |= known
    _lesson(doctor)
    _centre(author)
    with house.app.app_context(), unit_of_work(write=False):
        card = courses.by_slug(SHORT)
    assert card is not None
    with house.app.app_context(), unit_of_work():
        counting.count(card.edition_id)  # whether or not the house has done it by now
    author.open(f"/studio/courses/{SHORT}/results")
    author.reads("学到哪一课，停在哪一课")
    author.look("results")
