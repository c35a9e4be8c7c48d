"""What somebody with bad intentions tries at signing in and at the register."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cast import PASSWORD, Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import update
from test_codes import NEW, ask, code_in, sent

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people import throttle
from lms.people.models import Tries

SignIn = Callable[[FlaskClient, Member], FlaskClient]
WorkOff = Callable[[Flask], int]


def sign_out(client: FlaskClient) -> None:
    assert post_form(client, "/account", {}, action="/sign-out").status_code == 303


def fail_from_here(app: Flask, times: int = 200) -> None:
    """So many wrong passwords from the address of the test client."""
    with app.app_context(), unit_of_work():
        for _ in range(times):
            throttle.take("address", "127.0.0.1", times, timedelta(minutes=10))


def invite(app: Flask, client: FlaskClient, cast: Cast, work_off: WorkOff) -> tuple[str, str]:
    """Let the administrator send a colleague a code; the address and the code in it."""
    person = f"/admin/people/{cast.colleague.person_id}"
    assert post_form(client, person, {}, action="/code").status_code == 303
    _, text = sent(app, work_off)[0]
    return text[text.index("/sign-in/code/") :].split()[0], code_in(text)


def test_a_code_that_went_to_a_wrong_number_is_over_when_the_number_is_corrected(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, work_off: WorkOff
) -> None:
    sign_in(client, cast.admin)
    page, code = invite(app, client, cast, work_off)
    edit = f"/admin/people/{cast.colleague.person_id}/edit"
    assert post_form(client, edit, {"phone": "00000000777"}).status_code == 303
    taken = post_form(app.test_client(), page, {"code": code, "password": NEW})
    assert taken.status_code == 410


def test_the_old_number_hears_of_a_new_one(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, work_off: WorkOff
) -> None:
    sign_in(client, cast.admin)
    edit = f"/admin/people/{cast.colleague.person_id}/edit"
    assert post_form(client, edit, {"phone": "00000000777"}).status_code == 303
    [(to, text)] = sent(app, work_off)
    assert to == cast.colleague.phone
    assert "登录方式已由管理员更改" in text
    assert "00000000777" not in text


def test_a_code_from_before_does_not_outlive_disabling(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, work_off: WorkOff
) -> None:
    sign_in(client, cast.admin)
    page, code = invite(app, client, cast, work_off)
    person = f"/admin/people/{cast.colleague.person_id}"
    assert post_form(client, person, {}, action="/disable").status_code == 303
    assert post_form(client, person, {}, action="/enable").status_code == 303
    assert post_form(app.test_client(), page, {"code": code, "password": NEW}).status_code == 410


def test_a_second_code_is_over_once_the_password_is_set(
    app: Flask, client: FlaskClient, cast: Cast, work_off: WorkOff
) -> None:
    first = ask(client, cast.learner.phone)
    old = code_in(sent(app, work_off)[0][1])
    with app.app_context(), unit_of_work():
        session().execute(update(Tries).values(until=clock.now() - timedelta(seconds=1)))
    second = ask(client, cast.learner.phone)
    new = code_in(sent(app, work_off)[0][1])
    assert post_form(client, second, {"code": new, "password": NEW}).status_code == 303
    assert post_form(app.test_client(), first, {"code": old, "password": NEW}).status_code == 410


def test_a_code_is_over_once_the_password_is_changed(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn, work_off: WorkOff
) -> None:
    page = ask(app.test_client(), cast.learner.phone)
    code = code_in(sent(app, work_off)[0][1])
    sign_in(client, cast.learner)
    assert post_form(client, "/account/password", {"old": PASSWORD, "new": NEW}).status_code == 303
    assert post_form(app.test_client(), page, {"code": code, "password": "别人的密码一二三"}).status_code == 410


def test_one_who_guesses_cannot_lock_a_whole_county_behind_one_address(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    sign_in(client, cast.learner)
    sign_out(client)
    fail_from_here(app)
    own_phone = post_form(client, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert own_phone.status_code == 303
    sign_out(client)
    # The browser is known for this account only, and a stranger's browser for none.
    other = post_form(client, "/sign-in", {"account": cast.colleague.phone, "password": PASSWORD})
    strange = post_form(app.test_client(), "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert (other.status_code, strange.status_code) == (429, 429)


def test_one_who_guesses_cannot_lock_a_doctor_out_of_her_own_phone(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    sign_in(client, cast.learner)
    sign_out(client)
    guesser = app.test_client()
    codes = [
        post_form(guesser, "/sign-in", {"account": cast.learner.phone, "password": "nonsense"}).status_code
        for _ in range(6)
    ]
    assert codes == [422] * 5 + [429]
    assert post_form(client, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD}).status_code == 303


def test_a_known_browser_may_not_guess_without_end_either(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    sign_in(client, cast.learner)
    sign_out(client)
    codes = [
        post_form(client, "/sign-in", {"account": cast.learner.phone, "password": "nonsense"}).status_code
        for _ in range(6)
    ]
    assert codes == [422] * 5 + [429]


@pytest.mark.parametrize("field", ["q", "at"])
def test_an_endless_search_is_no_fault(client: FlaskClient, cast: Cast, sign_in: SignIn, field: str) -> None:
    sign_in(client, cast.admin)
    assert client.get("/admin/people", query_string={field: "赵" * 60000}).status_code == 200


@pytest.mark.parametrize("back", ["/x\r\nSet-Cookie: a=1", "/\t/evil.example", "/x\ny", "/\x7f"])
def test_an_address_with_control_characters_is_not_gone_to(client: FlaskClient, back: str) -> None:
    answer = post_form(client, "/sign-in", {"language": "en", "back": back}, action="/account/language")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_shared_phone_keeps_no_page(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    own = sign_in(app.test_client(), cast.learner)
    assert own.get("/account").headers["Cache-Control"] == "private, no-cache"
    post_form(client, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD, "shared": "y"})
    for page in ("/account", "/today", "/certificates"):
        assert client.get(page).headers["Cache-Control"] == "private, no-store"
