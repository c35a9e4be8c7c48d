"""Passwords by one-time code."""

import re
from collections.abc import Callable
from datetime import timedelta

from cast import PASSWORD, Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import update

from lms.kernel import clock, messages
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people.models import OneTimeCode, Tries

SignIn = Callable[[FlaskClient, Member], FlaskClient]
WorkOff = Callable[[Flask], int]
NEW = "杏花春雨江南岸边"


def ask(client: FlaskClient, account: str) -> str:
    answer = post_form(client, "/sign-in/code", {"account": account})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def sent(app: Flask, work_off: WorkOff) -> list[tuple[str, str]]:
    work_off(app)
    with app.app_context(), unit_of_work(write=False):
        return [(to, text) for _, _, to, text in messages.kept()]


def code_in(text: str) -> str:
    found = re.search(r"验证码 (\d+)", text)
    assert found
    return found.group(1)


def let_a_minute_pass(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        session().execute(
            update(Tries).where(Tries.key.startswith("code-minute")).values(until=clock.now() - timedelta(seconds=1))
        )


def test_it_works(app: Flask, client: FlaskClient, cast: Cast, work_off: WorkOff) -> None:
    page = ask(client, cast.learner.phone)
    [(to, text)] = sent(app, work_off)
    assert to == cast.learner.phone
    assert cast.learner.phone not in page
    answer = post_form(client, page, {"code": code_in(text), "password": NEW})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/today")
    assert cast.learner.name in client.get("/account").text
    fresh = app.test_client()
    old = post_form(fresh, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    new = post_form(fresh, "/sign-in", {"account": cast.learner.phone, "password": NEW})
    assert (old.status_code, new.status_code) == (422, 303)


def test_it_ends_every_other_sign_in(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, work_off: WorkOff
) -> None:
    thief = sign_in(app.test_client(), cast.learner)
    page = ask(client, cast.learner.phone)
    [(_, text)] = sent(app, work_off)
    post_form(client, page, {"code": code_in(text), "password": NEW})
    assert thief.get("/account").status_code == 303


def test_an_unknown_account_gets_the_same_pages_and_no_message(
    app: Flask, client: FlaskClient, cast: Cast, work_off: WorkOff
) -> None:
    page = ask(client, "00099999999")
    assert sent(app, work_off) == []
    known = ask(client, cast.learner.phone)
    shown = [client.get(one).text.replace(one, "") for one in (page, known)]
    assert shown[0] == shown[1]
    for address in (page, known):
        answer = post_form(client, address, {"code": "00000", "password": NEW})
        assert answer.status_code == 422
        assert "验证码不对" in answer.text


def test_a_code_serves_once(app: Flask, client: FlaskClient, cast: Cast, work_off: WorkOff) -> None:
    page = ask(client, cast.learner.phone)
    [(_, text)] = sent(app, work_off)
    fill = {"code": code_in(text), "password": NEW}
    assert post_form(client, page, fill).status_code == 303
    again = post_form(app.test_client(), page, fill)
    assert again.status_code == 410
    assert "重新要一个" in again.text


def test_five_wrong_codes_end_it(app: Flask, client: FlaskClient, cast: Cast, work_off: WorkOff) -> None:
    page = ask(client, cast.learner.phone)
    [(_, text)] = sent(app, work_off)
    right = code_in(text)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    codes = [post_form(client, page, {"code": wrong, "password": NEW}).status_code for _ in range(5)]
    assert codes == [422] * 5
    assert post_form(client, page, {"code": right, "password": NEW}).status_code == 410


def test_an_expired_code_is_gone(app: Flask, client: FlaskClient, cast: Cast, work_off: WorkOff) -> None:
    page = ask(client, cast.learner.phone)
    [(_, text)] = sent(app, work_off)
    with app.app_context(), unit_of_work():
        session().execute(update(OneTimeCode).values(expires_at=clock.now()))
    answer = post_form(client, page, {"code": code_in(text), "password": NEW})
    assert answer.status_code == 410


def test_a_weak_password_does_not_end_the_code(app: Flask, client: FlaskClient, cast: Cast, work_off: WorkOff) -> None:
    page = ask(client, cast.learner.phone)
    [(_, text)] = sent(app, work_off)
    for weak in ("12345678", f"x{cast.learner.phone}"):
        answer = post_form(client, page, {"code": code_in(text), "password": weak})
        assert answer.status_code == 422
        assert "至少 8 位" in answer.text
    assert post_form(client, page, {"code": code_in(text), "password": NEW}).status_code == 303


def test_one_code_a_minute_and_five_an_hour(app: Flask, client: FlaskClient, cast: Cast, work_off: WorkOff) -> None:
    ask(client, cast.learner.phone)
    hasty = post_form(client, "/sign-in/code", {"account": cast.learner.phone})
    assert hasty.status_code == 429
    assert "等一分钟" in hasty.text
    for _ in range(4):
        let_a_minute_pass(app)
        ask(client, cast.learner.phone)
    let_a_minute_pass(app)
    sixth = post_form(client, "/sign-in/code", {"account": cast.learner.phone})
    assert sixth.status_code == 429
    assert len(sent(app, work_off)) == 5


def test_a_made_up_address_opens_nothing(client: FlaskClient) -> None:
    page = "/sign-in/code/01a2002c-e588-762b-b1ba-08da9e6ae358"
    assert post_form(client, page, {"code": "123456", "password": NEW}).status_code == 410
    assert client.get("/sign-in/code/1").status_code == 404
