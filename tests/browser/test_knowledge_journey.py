"""A doctor sees what she knows before a course, after it and three months later; the centre sees what all learned."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from browser_stage import ENGLISH, Installation, Way
from browser_visitor import Arrive, Visitor
from course_packages import good_files, knowledge_toml, lesson_md
from playwright.sync_api import expect
from sqlalchemy import insert, select, update

from lms.courses import commands
from lms.courses.models import Course, Enrolment
from lms.improving import counting
from lms.improving.models import KnowledgeTaken
from lms.improving.rules import FOLLOW_UP_DAYS, LEAST
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
RIGHT = {"zh": "b甲", "en": "b a"}
CODES = ("TST-K01", "TST-K02", "TST-K03")


def _publish(house: Installation, folder: Path) -> tuple[str, UUID]:
    """A course of two lessons with a knowledge test; its name in the address and its edition."""
    number = house.number()
    slug = f"known-{number}"
    files = good_files(code=f"XL-KN{number}", slug=slug, assessment=False)
    files["items/knowledge.toml"] = knowledge_toml(len(CODES))
    del files["items/bank.toml"]
    for place in (1, 2):
        files[f"lessons/0{place}-part-{place}.en.md"] = lesson_md(f"Part {place}", place, ENGLISH)
    for path, text in files.items():
        target = folder / slug / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    with house.app.app_context(), unit_of_work():
        edition_id, _ = commands.publish_folder(folder / slug)
    return slug, edition_id


def _answer(doctor: Visitor, right: int) -> None:
    """So many right, the others not known."""
    questions = doctor.page.locator("fieldset.q")
    expect(questions).to_have_count(len(CODES))
    for place in range(len(CODES)):
        words = doctor.way.of(RIGHT) if place < right else doctor.way.say("不知道")
        questions.nth(place).get_by_text(words, exact=True).click()
    doctor.press("交小测")
    doctor.reads("%(asked)s 题里答对 %(right)s 题。", asked=len(CODES), right=right)


def _others(house: Installation, slug: str, edition_id: UUID) -> None:
    """Colleagues who took both tests: one right before, all after."""
    now = clock.now()
    with house.app.app_context(), unit_of_work():
        course_id = session().scalar(select(Course.id).where(Course.slug == slug))
        for member in house.cast.members[:LEAST]:
            ids = {"id": new_id(), "person_id": member.person_id, "course_id": course_id, "edition_id": edition_id}
            session().execute(insert(Enrolment).values(**ids, round=1, started_at=now, finished_at=now))
            for occasion, right in (("before", 1), ("after", 3)):
                marks = {code: place < right for place, code in enumerate(CODES)}
                session().execute(
                    insert(KnowledgeTaken).values(
                        enrolment_id=ids["id"], occasion=occasion, person_id=member.person_id, edition_id=edition_id,
                        declined=False, asked=len(CODES), right=right, answers=marks, at=now,
                    )
                )  # fmt: skip


def _three_months_ago(house: Installation, edition_id: UUID) -> None:
    """Let who finished the edition have done so long ago."""
    long_ago = clock.now() - timedelta(days=FOLLOW_UP_DAYS + 1)
    with house.app.app_context(), unit_of_work():
        session().execute(update(Enrolment).where(Enrolment.edition_id == edition_id).values(finished_at=long_ago))


@pytest.mark.ways(houses=("embedded",))
def test_what_stays_of_a_course(house: Installation, way: Way, visit: Arrive, tmp_path: Path) -> None:
    slug, edition_id = _publish(house, tmp_path)
    doctor = visit(house.new_doctor())
    doctor.known |= {"量准血压", *RIGHT.values(), *CODES, "TST"}
    doctor.open(f"/courses/{slug}")
    doctor.press("开始学")
    doctor.reads("先做小测")
    doctor.look("lesson-with-test")
    doctor.follow("先做小测")
    doctor.look("knowledge-test")
    _answer(doctor, 1)
    doctor.look("knowledge-before")
    doctor.follow("从第 1 课学起")
    doctor.press("学完了，去第 %(number)s 课", number=2)
    doctor.press("学完了，回课程页")
    doctor.look("course-with-test")
    doctor.follow("做小测")
    _answer(doctor, 3)
    doctor.look("knowledge-after")
    _three_months_ago(house, edition_id)
    doctor.open("/today")
    doctor.look("today-with-test")
    doctor.follow("做小测")
    _answer(doctor, 2)
    doctor.reads("没答对的，再看看这几课")
    doctor.reads("您的几次小测")
    doctor.look("knowledge-kept")
    _others(house, slug, edition_id)
    with house.app.app_context(), unit_of_work():
        counting.count(edition_id)
    author = visit(house.cast.author)
    author.known |= doctor.known
    author.open(f"/studio/courses/{slug}/results")
    author.reads("学以前、学完、三个月后答对多少")
    expect(author.page.locator("figure rect.f1").first).to_be_visible()
    author.look("results-with-tests")
