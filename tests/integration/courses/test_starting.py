"""How a course begins: from a template, from a copy, and once however often the button is pressed."""

import re
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import func, select, update

from lms.courses.models import Course, Draft
from lms.courses.packages.checker import check
from lms.courses.packages.marks import MARK, marks
from lms.courses.packages.tree import Tree
from lms.courses.queries import edition_package
from lms.courses.writing import starting
from lms.courses.writing.files import tree_of
from lms.courses.writing.models import DraftFile
from lms.courses.writing.templates import TEMPLATES, template
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import DomainError, Invalid, NotFound
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations

SignIn = Callable[[FlaskClient, Member], FlaskClient]
FORM = {"title": "糖尿病足早发现", "title_en": "Diabetic foot"}


@pytest.fixture
def author(app: Flask, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(app.test_client(), cast.author)


def tree(app: Flask, address: str) -> Tree:
    with app.app_context(), unit_of_work(write=False):
        return tree_of(UUID(address.rpartition("/")[2]))


def drafts(app: Flask) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(Draft)) or 0


def begin(author: FlaskClient, **fill: str) -> str:
    made = post_form(author, "/studio/new", {**FORM, **fill}, action="/new")
    assert made.status_code == 303, made.text
    return str(made.location)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_begins_a_valid_draft_and_says_what_to_fill_in(app: Flask, author: FlaskClient, name: str) -> None:
    draft = begin(author, begin=name)
    files = tree(app, draft)
    report = check(files, today=clock.today())
    assert report.problems == ()
    assert report.package is not None
    assert report.package.title == {"zh": "糖尿病足早发现", "en": "Diabetic foot"}
    assert report.package.code in {item.code[: len(report.package.code)] for item in report.package.items}
    left = marks(files)
    assert {one.file for one in left} == set(files), "every file waits for words of the author's"
    assert sum(int(one.message.params["count"]) for one in left) > 40
    page = author.get(draft).text
    assert "没有换成您自己的话" in page
    assert not re.search(r"缺少字段|要写成", page), "what is missing is said in an author's words"
    for path in [one for one in files if one.startswith("lessons/")]:
        language = path.split(".")[-2]
        han = re.search(r"[\u3400-\u9fff]", files[path].decode())
        assert bool(han) == (language == "zh"), path


def test_a_filled_template_can_be_handed_in(app: Flask, author: FlaskClient) -> None:
    draft = begin(author, begin="short")
    token = dict(forms_of(author.get(draft).text)[0]["fields"])["csrf_token"]
    refused = author.post(f"{draft}/submit", data={"csrf_token": token}, follow_redirects=True)
    assert "改完才能送审" in refused.text
    with app.app_context(), unit_of_work():
        for row in session().scalars(select(DraftFile).where(DraftFile.text.is_not(None))):
            found = iter(range(1000))
            row.text = MARK.sub(lambda _, found=found: f"w{next(found)}", row.text or "")
    post_form(author, draft, action="/submit")
    assert "审核中" in author.get(draft).text


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_hold_marks_where_an_author_decides(name: str) -> None:
    for path, data in template(name).items():
        assert data.decode().count("【") == len(MARK.findall(data.decode())), path
    data = tomllib.loads(template(name)["course.toml"].decode())
    assert MARK.search(data["sources"][0]["title"]["zh"])


@pytest.fixture
def course(publish: Callable[..., Any]) -> str:
    publish(code="XL-OLD", slug="old-one")
    return "old-one"


def test_a_copy_has_its_own_codes_and_keeps_sources_but_no_review(app: Flask, author: FlaskClient, course: str) -> None:
    with app.app_context(), unit_of_work():
        edition = session().scalar(select(Course.current_edition_id).where(Course.slug == course))
        old = edition_package(edition)
    page = author.get(f"/studio/courses/{course}").text
    assert f"/studio/new?copy={course}" in page
    made = post_form(author, f"/studio/new?copy={course}", {"title_en": "Another"}, action="/new")
    draft = str(made.location)
    report = check(tree(app, draft), today=clock.today())
    assert [one for one in report.problems if one.severity.value == "error"] == []
    new = report.package
    assert new is not None
    assert new.title["zh"].endswith("（另一门）")
    assert (new.code, new.slug) != (old.code, old.slug)
    assert {item.code for item in new.items}.isdisjoint({item.code for item in old.items})
    assert [item.stem for item in new.items] == [item.stem for item in old.items]
    assert [source.id for source in new.sources] == [source.id for source in old.sources]
    assert new.reviewer == "none"
    assert new.review_by > clock.today()
    with app.app_context(), unit_of_work(write=False):
        row = session().scalars(select(Draft).where(Draft.id == UUID(draft.rpartition("/")[2]))).one()
        assert (row.course_id, row.edition_id, row.reviewed_by, row.state) == (None, None, None, "draft")


def test_only_courses_of_her_centres_are_copied(
    app: Flask, cast: Cast, sign_in: SignIn, author: FlaskClient, course: str
) -> None:
    stranger = sign_in(app.test_client(), cast.stranger)
    page = stranger.get("/studio/new").text
    assert course not in page
    (form,) = [form for form in forms_of(page) if form["action"].endswith("/new")]
    fields = {**dict(form["fields"]), **FORM, "begin": "copy", "course": course}
    answer = stranger.post("/studio/new", data=fields)
    assert answer.status_code in (404, 422)
    assert drafts(app) == 0
    for fill in ({"begin": "copy", "course": "nothing-here"}, {"begin": "nonsense"}):
        (own,) = [form for form in forms_of(author.get("/studio/new").text) if form["action"].endswith("/new")]
        assert author.post("/studio/new", data={**dict(own["fields"]), **FORM, **fill}).status_code in (404, 422)
    assert drafts(app) == 0


def test_the_same_form_begins_one_course_and_other_words_another(app: Flask, author: FlaskClient) -> None:
    page = author.get("/studio/new").text
    (form,) = [form for form in forms_of(page) if form["action"].endswith("/new")]
    fields = {**dict(form["fields"]), **FORM}
    first, second = author.post("/studio/new", data=fields), author.post("/studio/new", data=fields)
    assert first.location == second.location
    assert drafts(app) == 1
    other = author.post("/studio/new", data={**fields, "title": "别的课"})
    assert other.location != first.location
    assert drafts(app) == 2
    assert author.post("/studio/new", data={**fields, "sent": "nonsense"}).status_code == 422


def test_two_presses_at_once_begin_one_draft(app: Flask, cast: Cast) -> None:
    sent, gate = new_id(), Barrier(4)
    with app.app_context(), unit_of_work(write=False):
        card = organisations.by_code("TC-DEMO")
        assert card is not None
        centre = card.id

    def press(_: int) -> UUID:
        with app.app_context():
            gate.wait(30)
            with unit_of_work():
                return starting.start(cast.author.actor, centre_id=centre, title="一次", template="exam", sent=sent)

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(press, range(4)))
    assert len(ids) == 1
    assert drafts(app) == 1


def test_the_next_edition_pressed_twice_at_once_is_one_draft(app: Flask, cast: Cast, course: str) -> None:
    gate = Barrier(3)

    def press(_: int) -> UUID:
        with app.app_context():
            gate.wait(30)
            with unit_of_work():
                return starting.revise(cast.author.actor, course)

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(press, range(3)))) == 1
    assert drafts(app) == 1


def test_a_course_written_oddly_is_not_copied_and_says_so(
    app: Flask, cast: Cast, course: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work(write=False):
        card = organisations.by_code("TC-DEMO")
        assert card is not None

    def odd(*_: object) -> None:
        raise starting.OddlyWrittenError

    monkeypatch.setattr(starting, "copied", odd)
    with app.app_context(), unit_of_work(), pytest.raises(Invalid):
        starting.start(cast.author.actor, centre_id=card.id, title="抄", copy=course)
    with app.app_context(), unit_of_work(), pytest.raises((NotFound, DomainError)):
        starting.start(cast.author.actor, centre_id=new_id(), title="抄", copy=course)
    with app.app_context(), unit_of_work():
        session().execute(update(Course).values(current_edition_id=None))
    with app.app_context(), unit_of_work(), pytest.raises(NotFound):
        starting.start(cast.author.actor, centre_id=card.id, title="抄", copy=course)
