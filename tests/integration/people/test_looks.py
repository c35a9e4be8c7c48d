"""Looks at whole numbers: for a purpose, written down first, counted, seen by the person and by who answers for her."""

from collections.abc import Callable

import pytest
from cast import Cast, Member, id_number
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from lms.kernel.actor import SYSTEM
from lms.kernel.db import db, session
from lms.kernel.uow import unit_of_work
from lms.people import commands
from lms.people.privacy.models import Look
from lms.people.privacy.rules import MOST_LOOKS

SignIn = Callable[[FlaskClient, Member], FlaskClient]
ASKED = {"field": "id_number", "purpose": "exam_identity", "note": "十一月二十日县里考试"}


@pytest.fixture
def admin(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.admin)


def page_of(member: Member) -> str:
    return f"/admin/people/{member.person_id}"


def looks(app: Flask) -> list[Look]:
    with app.app_context(), unit_of_work(write=False):
        return list(session().scalars(select(Look).order_by(Look.at)))


def test_a_look_is_written_down_once_and_seen_by_her(
    app: Flask, admin: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    seen = post_form(admin, page_of(cast.learner), ASKED, action="/unmask")
    assert seen.status_code == 200
    assert id_number(1) in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    assert len(looks(app)) == 1
    [one] = looks(app)
    assert (one.person_id, one.by, one.by_name) == (cast.learner.person_id, cast.admin.person_id, cast.admin.name)
    assert (one.by_role, one.by_place) == ("administrator", "云岭县")
    assert (one.field, one.purpose, one.note, one.page) == (*ASKED.values(), "person_file")
    hers = sign_in(app.test_client(), cast.learner)
    shown = hers.get("/account/looks").text
    for word in ("孙海燕", "云岭县", "管理员", "身份证号", "考试或培训现场核对身份", ASKED["note"], "网信部门"):
        assert word in shown
    assert id_number(1) not in shown
    assert "/account/looks" in hers.get("/account").text
    hers.post("/account/language", data={"language": "en", "csrf_token": _token(hers)})
    assert "Checking who somebody is at an examination" in hers.get("/account/looks").text


def _token(browser: FlaskClient) -> str:
    text = browser.get("/account").text
    return text.split('name="csrf_token" value="')[1].split('"')[0]


def test_another_doctor_sees_nothing_of_it(app: Flask, admin: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    post_form(admin, page_of(cast.learner), ASKED, action="/unmask")
    other = sign_in(app.test_client(), cast.colleague).get("/account/looks").text
    assert ASKED["note"] not in other
    assert "还没有人看过" in other
    office = admin.get("/admin/looks").text
    assert cast.learner.name in office
    assert ASKED["note"] in office
    elsewhere = sign_in(app.test_client(), cast.stranger).get("/admin/looks").text
    assert ASKED["note"] not in elsewhere


@pytest.mark.parametrize("wrong", [{"purpose": ""}, {"purpose": "curiosity"}, {"note": "看"}, {"field": "password"}])
def test_without_purpose_and_words_nothing_is_shown(
    app: Flask, admin: FlaskClient, cast: Cast, wrong: dict[str, str]
) -> None:
    refused = post_form(admin, page_of(cast.learner), ASKED | wrong, action="/unmask")
    assert refused.status_code == 422
    assert id_number(1) not in refused.text
    assert looks(app) == []


def test_what_is_not_registered_is_no_look(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    refused = post_form(admin, page_of(cast.learner), ASKED | {"field": "licence_number"}, action="/unmask")
    assert refused.status_code == 422
    assert looks(app) == []


def test_nothing_is_shown_when_it_cannot_be_written_down(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    """The commit itself fails: the number must not be in the answer."""

    def broken(_connection: object) -> None:
        raise RuntimeError("the disk is full")

    admin.get(page_of(cast.learner))
    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", broken)
    try:
        answer = post_form(admin, page_of(cast.learner), ASKED, action="/unmask")
    finally:
        event.remove(engine, "commit", broken)
    assert answer.status_code == 500
    assert id_number(1) not in answer.text
    assert looks(app) == []


def test_a_county_cannot_be_copied_by_hand(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        for _ in range(MOST_LOOKS):
            commands.unmask(cast.admin.actor, cast.colleague.person_id, "phone", "contact", "通知她来领证")
    refused = post_form(admin, page_of(cast.learner), ASKED, action="/unmask")
    assert refused.status_code == 429
    assert id_number(1) not in refused.text
    assert "一小时最多看" in refused.text
    assert len(looks(app)) == MOST_LOOKS


def test_the_database_keeps_what_was_written(app: Flask, admin: FlaskClient, cast: Cast) -> None:
    post_form(admin, page_of(cast.learner), ASKED, action="/unmask")
    for statement in (
        "UPDATE look SET purpose = 'contact'",
        "UPDATE look SET by_name = '别人'",
        "UPDATE look SET note = '别的话'",
        "DELETE FROM look",
    ):
        with (
            app.app_context(),
            pytest.raises(DBAPIError, match="look is append-only"),
            unit_of_work(),
        ):
            session().execute(text(statement))
    assert len(looks(app)) == 1


def test_the_house_itself_is_named_as_the_shell(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        commands.note_shown(
            SYSTEM, [cast.learner.person_id], field="id_number", purpose="filing", note="季度上报", page="filing"
        )
    [one] = looks(app)
    assert (one.by, one.page) == (None, "shell")
