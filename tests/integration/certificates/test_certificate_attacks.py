"""What somebody with bad intentions tries at certificates."""

from collections.abc import Callable

import pytest
from cast import PASSWORD, Cast, Member
from certificate_stage import give_award, only_certificate
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form

SignIn = Callable[[FlaskClient, Member], FlaskClient]


@pytest.mark.parametrize(("shared", "rule"), [(False, "private, no-cache"), (True, "private, no-store")])
def test_a_file_stays_neither_in_a_proxy_nor_on_a_shared_phone(
    app: Flask, cast: Cast, client: FlaskClient, work_off: Callable[[Flask], int], shared: bool, rule: str
) -> None:
    give_award(app, cast, cast.learner.person_id)
    work_off(app)
    card = only_certificate(app, cast.learner.person_id)
    fill = {"account": cast.learner.phone, "password": PASSWORD} | ({"shared": "y"} if shared else {})
    post_form(client, "/sign-in", fill)
    answer = client.get(f"/certificates/{card.id}.pdf")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, rule)


def test_another_doctor_gets_neither_file_nor_hint(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, work_off: Callable[[Flask], int]
) -> None:
    give_award(app, cast, cast.learner.person_id)
    work_off(app)
    card = only_certificate(app, cast.learner.person_id)
    for member in (cast.colleague, cast.stranger, cast.author, cast.reviewer):
        assert sign_in(app.test_client(), member).get(f"/certificates/{card.id}.pdf").status_code == 404
