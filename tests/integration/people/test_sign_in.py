"""Signing in through the rendered form."""

from cast import PASSWORD, Cast
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from pages import post_form


def test_it_works(client: FlaskClient, cast: Cast) -> None:
    answer = post_form(client, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/today"
    page = client.get("/account")
    assert page.status_code == 200
    assert cast.learner.name in page.text
