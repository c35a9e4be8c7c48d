"""The front pages."""

from collections.abc import Callable

from cast import Cast, Member
from flask.testing import FlaskClient

SignIn = Callable[[FlaskClient, Member], FlaskClient]


def test_the_door_is_open_to_anybody(client: FlaskClient, cast: Cast) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "登录" in page.text


def test_it_speaks_english_to_an_english_browser(client: FlaskClient, cast: Cast) -> None:
    page = client.get("/", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in page.text
    assert "Sign in" in page.text


def test_today_asks_nobody_in_without_signing_in(client: FlaskClient, cast: Cast) -> None:
    answer = client.get("/today")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/today"


def test_today_tells_the_learner_what_is_missing(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(client, cast.learner).get("/today").text
    assert "25" in page
    assert "90" in page
    assert "今年还差" in page
    assert "0000-555 0142" in page, "a human to call"


def test_today_shows_staff_their_work(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(client, cast.county_auditor).get("/today").text
    assert "/audit" in page
    assert "今年还差" not in page


def test_an_unknown_address_knows_who_reads(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(client, cast.learner).get("/no-such-page")
    assert page.status_code == 404
    assert "回“今天”" in page.text
    assert 'href="/sign-in"' not in page.text
