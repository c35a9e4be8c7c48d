"""The studio's list: drafts and courses together, found by state and words, with what is still to be done in each."""

from collections.abc import Callable
from uuid import UUID

import pytest
from cast import Cast, Member
from course_packages import good_files, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import event, func, select, update

from lms.courses import commands
from lms.courses.models import Course, Draft
from lms.courses.writing import health
from lms.courses.writing.health import Health
from lms.courses.writing.missing import missing
from lms.courses.writing.models import DraftHealth
from lms.kernel.db import db, session
from lms.kernel.outbox import OutboxRow
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]


@pytest.fixture
def author(app: Flask, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(app.test_client(), cast.author)


def begin(author: FlaskClient, title: str = "糖尿病足早发现", english: str = "Foot") -> str:
    return str(post_form(author, "/studio/new", {"title": title, "title_en": english}, action="/new").location)


def work(app: Flask) -> None:
    """What the house does behind the pages: look for changes, count."""
    with app.app_context():
        with unit_of_work():
            health.look()
        app.extensions["xinglin.runner"].drain()


def counted(app: Flask, draft: str) -> Health | None:
    draft_id = UUID(draft.rpartition("/")[2])
    with app.app_context(), unit_of_work(write=False):
        return health.health_of([draft_id]).get(draft_id)


def sent(app: Flask) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).where(OutboxRow.task == health.COUNT)) or 0


def test_a_draft_is_counted_behind_the_pages_and_again_when_it_has_changed(app: Flask, author: FlaskClient) -> None:
    draft = begin(author)
    assert "还没有数" in author.get("/studio").text
    work(app)
    first = counted(app, draft)
    assert first is not None
    assert first.errors > 0
    assert f"有 {first.errors} 处要改" in author.get("/studio").text
    post_form(author, draft, {"title": "先看脚"}, action="/lessons")
    work(app)
    second = counted(app, draft)
    assert second is not None
    assert second.unsourced == 1
    assert sent(app) == 2, "what has not changed is not counted again"
    work(app)
    assert sent(app) == 2


def test_a_draft_that_cannot_be_judged_is_not_tried_for_ever(
    app: Flask, author: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, tries = begin(author), []

    def stumble(tree: object) -> Health:
        tries.append(tree)
        raise RecursionError

    monkeypatch.setattr(health, "judged", stumble)
    for _ in range(4):
        work(app)
    assert len(tries) == 1
    found = counted(app, draft)
    assert found is not None
    assert found.failed
    assert "检查不了" in author.get("/studio").text
    monkeypatch.undo()
    post_form(author, draft, {"title": "先看脚"}, action="/lessons")
    work(app)
    found = counted(app, draft)
    assert found is not None
    assert not found.failed, "changed, it is judged again"


def test_the_list_is_narrowed_by_state_and_words(app: Flask, author: FlaskClient, cast: Cast) -> None:
    draft = begin(author, "产后访视一百问", "After birth 100% sure")
    with app.app_context(), unit_of_work():
        commands.upload_package(cast.author.actor, zipped(good_files(code="XL-WAIT", slug="waiting")))
    with app.app_context(), unit_of_work():
        session().execute(update(Draft).where(Draft.code == "XL-WAIT").values(state="in_review"))

    def shown(query: str) -> tuple[bool, bool]:
        page = author.get(f"/studio?{query}").text
        return draft in page, "XL-WAIT" in page

    assert shown("") == (True, True)
    assert shown("state=writing") == (True, False)
    assert shown("state=review") == (False, True)
    assert shown("state=published") == (False, False)
    assert shown("q=访视") == (True, False)
    assert shown("q=AFTER+BIRTH") == (True, False)
    assert shown("q=xl-wait") == (False, True)
    assert shown("q=100%25+s") == (True, False)
    assert shown("q=1%25s") == (False, False), "a sign of LIKE is a sign"
    assert shown("state=nonsense&centre=nonsense&page=99") == (True, True)
    assert "没有这样的草稿或课程" in author.get("/studio?q=没有的").text
    work(app)
    assert shown("state=faulty") == (True, False)


def test_a_published_and_a_retired_course_stand_in_the_list(
    app: Flask, author: FlaskClient, cast: Cast, sign_in: SignIn, publish: Callable[..., object]
) -> None:
    publish(code="XL-ONE", slug="one")
    page = author.get("/studio").text
    assert "/studio/courses/one" in page
    assert "未经临床审核" in page
    with app.app_context(), unit_of_work():
        session().execute(update(Course).where(Course.code == "XL-ONE").values(closed_at=func.now()))
    assert "/studio/courses/one" in author.get("/studio?state=retired").text
    assert "/studio/courses/one" not in author.get("/studio?state=published").text
    stranger = sign_in(app.test_client(), cast.stranger)
    assert "XL-ONE" not in stranger.get("/studio").text


def test_the_page_costs_the_same_with_many_drafts_and_checks_none(
    app: Flask, author: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements() -> int:
        seen: list[str] = []
        with app.app_context():
            engine = db.engine

        def note(*args: object) -> None:
            seen.append(str(args[2]))

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert author.get("/studio").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    begin(author, "第一门")
    few = statements()
    for number in range(24):
        begin(author, f"第 {number} 门")
    monkeypatch.setattr("lms.courses.writing.files.check", None)  # a page that judges a draft stumbles
    assert statements() == few
    page = author.get("/studio?page=2").text
    assert "第 21—25 条，共 25 条" in page


def test_what_is_missing_is_counted_in_files() -> None:
    tree = {path: text.encode() for path, text in good_files().items() if isinstance(text, str)}
    assert missing(tree).untranslated == 0
    assert missing(tree).unexplained == 0
    half = dict(tree)
    english = next(path for path in tree if path.endswith(".en.md"))
    del half[english]
    assert missing(half).untranslated == 1
    bank = next(path for path in tree if path.startswith("items/"))
    assert missing({**tree, bank: b"[[item"}).unexplained == 0, "what cannot be read is the checker's"
    bare = b'[[item]]\ncode = "A-1"\nstem = { zh = "\xe7\x9c\x8b", en = "" }\nexplanation = { zh = "", en = "" }\n'
    lacks = missing({bank: bare})
    assert (lacks.untranslated, lacks.unsourced, lacks.unexplained) == (1, 1, 1)


def test_health_is_of_a_draft_once(app: Flask, author: FlaskClient) -> None:
    begin(author)
    work(app)
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(DraftHealth)) == 1
