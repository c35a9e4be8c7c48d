"""Learning paths lead through the courses that there are; authors see what is taught, tested and missing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from lms.courses import commands
from lms.courses.cli import COURSES, curriculum_of
from lms.courses.curriculum import mapping, reading
from lms.courses.models import Course, Enrolment
from lms.courses.packages.checker import load
from lms.courses.packages.tree import read_folder
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
ROOT = COURSES.parent.parent


@pytest.fixture
def taught(app: Flask, cast: Cast) -> Flask:
    with app.app_context(), unit_of_work():
        commands.publish_folder(COURSES / "hypertension")
    return app


def test_a_path_shows_the_courses_that_there_are_in_order(taught: Flask, client: FlaskClient) -> None:
    page = client.get("/learning-paths").text
    assert "到村卫生室的第一年" in page
    assert page.count('href="/courses/hypertension"') == 4
    assert "/learning-paths" in client.get("/courses").text


def test_who_has_begun_a_course_reads_so(taught: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    with taught.app_context(), unit_of_work():
        commands.enrol(cast.learner.actor, "hypertension")
    page = sign_in(client, cast.learner).get("/learning-paths").text
    assert page.count("正在学") == 4
    assert "已学完 0 门" in page


def test_what_is_finished_is_done_and_a_retired_course_is_no_step(
    taught: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    with taught.app_context(), unit_of_work():
        commands.publish_folder(COURSES / "diabetes")
        commands.enrol(cast.learner.actor, "hypertension")
        session().execute(update(Enrolment).values(finished_at=clock.now()))
    page = sign_in(client, cast.learner).get("/learning-paths").text
    assert page.count("已学完 1 门") == 4
    with taught.app_context(), unit_of_work():
        session().execute(update(Course).where(Course.slug == "hypertension").values(closed_at=clock.now()))
    page = client.get("/learning-paths").text
    assert "/courses/hypertension" not in page
    assert "/courses/diabetes" in page


def test_a_house_without_courses_says_so(app: Flask, client: FlaskClient) -> None:
    assert "还没有课程" in client.get("/learning-paths").text


def test_authors_see_what_is_taught_and_what_is_missing(
    taught: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    page = sign_in(client, cast.author).get("/studio/curriculum").text
    part = page.partition('id="area-hypertension"')[2].partition("</section>")[0]
    assert "先学会量准血压" in part
    assert "还没有课讲这一方面" in page.partition('id="area-supervision"')[2].partition("</section>")[0]
    elsewhere = page.partition('id="area-tuberculosis"')[2].partition("</section>")[0]
    assert "这里没有的目标：" in elsewhere
    assert "还没有课讲这一方面" not in elsewhere


def test_the_curriculum_of_the_house_names_only_what_there_is() -> None:
    packages = {one.code: one for one in (load(read_folder(path.parent)) for path in COURSES.glob("*/course.toml"))}
    assert not [row.unknown for row in mapping.mapped(reading.areas(), packages) if row.unknown]
    assert not mapping.unplaced(reading.areas(), packages)
    assert {step.course for path in reading.learning_paths() for step in path.steps} <= set(packages)
    text = curriculum_of(COURSES)
    assert all(package.title["en"] in text for package in packages.values())
    assert (ROOT / "docs" / "curriculum.md").read_text(encoding="utf-8") == text, "make it again: content curriculum"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("curriculum.toml", "areas = 1", "areas"),
        ("curriculum.toml", "[[areas]]\nid = 'Ä'", "id"),
        ("curriculum.toml", "[[areas]]\nid = 'a'\ntitle = {zh='a'}", "both languages"),
        ("curriculum.toml", "[[areas]]\ngoals = ['x']", "XL-CODE:o1"),
        ("curriculum.toml", "[[", "curriculum.toml"),
        ("learning-paths/1.toml", "id = 'a'", "steps"),
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, file: str, text: str, said: str) -> None:
    (tmp_path / "learning-paths").mkdir()
    (tmp_path / file).write_text(text, encoding="utf-8")
    read = reading.areas if file.startswith("curriculum") else reading.learning_paths
    with pytest.raises(reading.FaultyCurriculumError, match=said):
        read(tmp_path)
