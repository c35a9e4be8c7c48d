"""Signing in and out, and the sessions behind it."""

import threading
from collections.abc import Callable
from datetime import timedelta

import hashing
from argon2 import PasswordHasher
from cast import PASSWORD, Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import select, update

from lms.kernel import clock
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people import commands, throttle
from lms.people.models import Consent, Person, UserSession

SignIn = Callable[[FlaskClient, Member], FlaskClient]


def change_sessions(app: Flask, **values: object) -> None:
    with app.app_context(), unit_of_work():
        session().execute(update(UserSession).values(**values))


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_it_works(client: FlaskClient, cast: Cast) -> None:
    answer = post_form(client, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/today")
    page = client.get("/account")
    assert cast.learner.name in page.text
    assert cast.learner.phone not in page.text


def test_it_goes_on_to_where_she_was_going(client: FlaskClient, cast: Cast) -> None:
    led = client.get("/account/password")
    assert led.headers["Location"] == "/sign-in?next=/account/password"
    answer = post_form(client, led.headers["Location"], {"account": cast.learner.phone, "password": PASSWORD})
    assert answer.headers["Location"] == "/account/password"


def test_it_never_goes_on_to_another_house(client: FlaskClient, cast: Cast) -> None:
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = post_form(
            client,
            "/sign-in?next=/account",
            {"account": cast.learner.phone, "password": PASSWORD, "next": evil},
        )
        assert answer.headers["Location"] == "/today"
        client.delete_cookie("xinglin")


def test_a_wrong_password_and_an_unknown_account_look_the_same(client: FlaskClient, cast: Cast) -> None:
    wrong = post_form(client, "/sign-in", {"account": cast.learner.phone, "password": "nonsense"})
    unknown = post_form(client, "/sign-in", {"account": "00099999999", "password": "nonsense"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace(cast.learner.phone, "") == unknown.text.replace("00099999999", "")
    assert "手机号或密码不对" in wrong.text
    assert "nonsense" not in wrong.text


def test_it_says_so_in_english(client: FlaskClient) -> None:
    page = client.get("/sign-in", headers={"Accept-Language": "en"})
    assert "Sign in to Xinglin" in page.text


def test_it_stops_listening_after_five_tries(client: FlaskClient, cast: Cast) -> None:
    codes = [
        post_form(client, "/sign-in", {"account": cast.learner.phone, "password": "nonsense"}).status_code
        for _ in range(7)
    ]
    assert codes == [422] * 5 + [429] * 2
    right = post_form(client, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert right.status_code == 429
    assert "10 分钟" in right.text
    other = post_form(client, "/sign-in", {"account": cast.colleague.phone, "password": PASSWORD})
    assert other.status_code == 303


def test_a_success_starts_the_count_anew(app: Flask, cast: Cast) -> None:
    for password in ["nonsense"] * 4 + [PASSWORD] + ["nonsense"] * 4 + [PASSWORD]:
        client = app.test_client()
        answer = post_form(client, "/sign-in", {"account": cast.learner.phone, "password": password})
        assert answer.status_code == (303 if password == PASSWORD else 422)


def test_guesses_side_by_side_are_counted_too(app: Flask, cast: Cast) -> None:
    codes: list[int] = []

    def guess() -> None:
        client = app.test_client()
        codes.append(post_form(client, "/sign-in", {"account": cast.learner.phone, "password": "nonsense"}).status_code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [422] * 5 + [429] * 7


def test_empty_fields_are_named(client: FlaskClient) -> None:
    answer = post_form(client, "/sign-in", {"account": "", "password": ""})
    assert answer.status_code == 422
    assert answer.text.count("请填写这一项。") == 4


def test_a_form_without_its_token_does_nothing(client: FlaskClient, cast: Cast) -> None:
    client.get("/sign-in")
    data = {"account": cast.learner.phone, "password": PASSWORD, "csrf_token": "forged"}
    assert client.post("/sign-in", data=data).status_code == 400
    assert not is_signed_in(client)


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    sign_in(client, cast.learner)
    kept = client.get_cookie("xinglin")
    assert kept is not None
    answer = post_form(client, "/account", {}, action="/sign-out")
    assert answer.status_code == 303
    assert not is_signed_in(client)
    thief = app.test_client()
    thief.set_cookie("xinglin", kept.value)
    assert not is_signed_in(thief)


def test_a_session_fixed_beforehand_is_worth_nothing(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    client.get("/sign-in")
    before = client.get_cookie("xinglin")
    assert before is not None
    sign_in(client, cast.learner)
    thief = app.test_client()
    thief.set_cookie("xinglin", before.value)
    assert not is_signed_in(thief)


def test_signing_in_again_ends_the_session_before(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    sign_in(client, cast.learner)
    kept = client.get_cookie("xinglin")
    assert kept is not None
    second = app.test_client()
    second.set_cookie("xinglin", kept.value)
    token = second.get("/account").text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = second.post(
        "/sign-in",
        data={"account": cast.colleague.phone, "password": PASSWORD, "csrf_token": token},
    )
    assert answer.status_code == 303
    assert not is_signed_in(client)
    assert cast.colleague.name in second.get("/account").text


def test_an_idle_session_ends(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    sign_in(client, cast.learner)
    change_sessions(app, idle_until=clock.now() - timedelta(seconds=1))
    assert not is_signed_in(client)


def test_a_session_ends_however_busy_it_is(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    sign_in(client, cast.learner)
    change_sessions(app, expires_at=clock.now() - timedelta(seconds=1))
    assert not is_signed_in(client)


def test_a_shared_phone_is_left_after_half_an_hour(app: Flask, client: FlaskClient, cast: Cast) -> None:
    post_form(
        client,
        "/sign-in",
        {"account": cast.learner.phone, "password": PASSWORD, "shared": "y"},
    )
    with app.app_context(), unit_of_work(write=False):
        row = session().scalars(select(UserSession)).one()
        assert row.idle_until - row.created_at == timedelta(minutes=30)
        assert row.expires_at - row.created_at == timedelta(hours=12)


def test_a_disabled_person_is_out_at_once_and_stays_out(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    sign_in(client, cast.learner)
    with app.app_context(), unit_of_work():
        session().execute(update(Person).where(Person.id == cast.learner.person_id).values(disabled_at=clock.now()))
    assert not is_signed_in(client)
    answer = post_form(client, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert answer.status_code == 422
    assert "手机号或密码不对" in answer.text


def test_being_seen_is_written_at_most_once_in_five_minutes(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    def seen() -> object:
        with app.app_context(), unit_of_work(write=False):
            return session().scalar(select(UserSession.last_seen_at))

    sign_in(client, cast.learner)
    first = seen()
    client.get("/account")
    assert seen() == first
    change_sessions(app, last_seen_at=clock.now() - timedelta(minutes=6))
    old = seen()
    client.get("/account")
    assert seen() != old


def test_who_acts_costs_one_statement(
    client: FlaskClient, cast: Cast, sign_in: SignIn, count_sql: Callable[[], object]
) -> None:
    sign_in(client, cast.admin)
    with count_sql() as statements:  # type: ignore[attr-defined]
        client.get("/account/password")
    assert len(statements) == 1
    client.delete_cookie("xinglin")
    with count_sql() as statements:  # type: ignore[attr-defined]
        client.get("/sign-in")
    assert len(statements) == 0


def test_a_newcomer_reads_the_notice_first(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        session().query(Consent).filter_by(person_id=cast.learner.person_id).delete()
    sign_in(client, cast.learner)
    led = client.get("/account/password")
    assert led.headers["Location"] == "/account/consent?next=/account/password"
    refused = post_form(client, led.headers["Location"], {"next": "/account/password"})
    assert refused.status_code == 422
    agreed = post_form(client, led.headers["Location"], {"agree": "y"})
    assert agreed.headers["Location"] == "/account/password"
    assert client.get("/account/password").status_code == 200


def test_consent_is_idempotent(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        commands.give_consent(cast.learner.person_id)
        commands.give_consent(cast.learner.person_id)
        assert session().query(Consent).filter_by(person_id=cast.learner.person_id).count() == 1


def test_the_language_is_remembered_and_comes_back_here(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    sign_in(client, cast.learner)
    answer = post_form(client, "/account/password", {"language": "en"}, action="/language")
    assert answer.headers["Location"] == "/account/password"
    assert "Present password" in client.get("/account/password").text
    post_form(client, "/account", {}, action="/sign-out")
    assert "Sign in to Xinglin" in client.get("/sign-in").text


def test_an_unknown_language_changes_nothing(client: FlaskClient) -> None:
    answer = post_form(client, "/sign-in", {"language": "tlh"}, action="/language")
    assert answer.status_code == 422
    assert "登录杏林" in client.get("/sign-in").text


def test_other_sign_ins_are_listed_and_ended(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    sign_in(client, cast.learner)
    other = sign_in(app.test_client(), cast.learner)
    third = sign_in(app.test_client(), cast.learner)
    answer = post_form(client, "/account", {}, action="/revoke")
    assert answer.status_code == 303
    assert [is_signed_in(one) for one in (other, third)].count(False) == 1
    post_form(client, "/account", {}, action="/revoke-others")
    assert not is_signed_in(other)
    assert not is_signed_in(third)
    assert is_signed_in(client)


def test_a_stranger_cannot_end_my_session(app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    sign_in(client, cast.learner)
    stranger = sign_in(app.test_client(), cast.stranger)
    with app.app_context(), unit_of_work(write=False):
        mine = session().scalar(select(UserSession.id).where(UserSession.person_id == cast.learner.person_id))
    token = stranger.get("/account").text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = stranger.post(f"/account/sessions/{mine}/revoke", data={"csrf_token": token})
    assert answer.status_code == 404
    assert is_signed_in(client)


def test_a_new_password_needs_the_old_one_and_ends_the_rest(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    sign_in(client, cast.learner)
    other = sign_in(app.test_client(), cast.learner)
    page = "/account/password"
    assert post_form(client, page, {"old": "nonsense", "new": "杏花春雨江南岸边"}).status_code == 422
    weak = post_form(client, page, {"old": PASSWORD, "new": "12345678"})
    assert weak.status_code == 422
    assert "12345678 这样常见的" in weak.text
    assert post_form(client, page, {"old": PASSWORD, "new": "杏花春雨江南杏林"}).status_code == 303
    assert is_signed_in(client)
    assert not is_signed_in(other)
    fresh = app.test_client()
    answer = post_form(fresh, "/sign-in", {"account": cast.learner.phone, "password": "杏花春雨江南杏林"})
    assert answer.status_code == 303


def test_a_person_may_sign_in_by_mail(app: Flask, client: FlaskClient, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        person_id = commands.add_person(
            SYSTEM,
            name="钱亮",
            email="Qian@Example.org",
            workplace_id=cast.places["LB-YL-LX"],
            password="杏花春雨江南岸边",
        )
        commands.give_consent(person_id)
    answer = post_form(client, "/sign-in", {"account": "qian@example.org", "password": "杏花春雨江南岸边"})
    assert answer.status_code == 303


def test_an_address_with_too_many_failures_is_not_listened_to(app: Flask, client: FlaskClient, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        for _ in range(100):
            throttle.take("address", "127.0.0.1", 100, timedelta(minutes=10))
    answer = post_form(client, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert answer.status_code == 429


def test_a_weaker_hash_is_made_anew_at_sign_in(app: Flask, client: FlaskClient, cast: Cast) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with app.app_context(), unit_of_work():
        session().execute(update(Person).where(Person.id == cast.learner.person_id).values(password_hash=weak))
    with hashing.cost(hashing.THE_HOUSES):
        answer = post_form(client, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert answer.status_code == 303
    with app.app_context(), unit_of_work(write=False):
        kept = session().scalar(select(Person.password_hash).where(Person.id == cast.learner.person_id))
    assert kept is not None
    assert "m=19456,t=2,p=1" in kept
