"""A house with a low limit, and more auditors: a second one of the county, one of its clinic."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from cast import PASSWORD, Cast, Member, add_member
from credit_stage import writing
from flask import Flask
from flask.testing import FlaskClient
from houses import build_app
from pages import post_form

from lms.kernel.actor import Role
from lms.kernel.db import dispose
from lms.people import passwords

LIMIT = Decimal(5)
WRONG = {"reason_code": "absent", "text": "核实没有参加。"}


@contextmanager
def limited(app: Flask, limit: Decimal = LIMIT) -> Iterator[Flask]:
    """The house of `app` where awards above the limit take two persons."""
    known = app.extensions["xinglin.settings"]
    other = build_app(known.data, database_url=known.database_url, second_person_above=limit)
    try:
        yield other
    finally:
        dispose(other)


def auditor(app: Flask, cast: Cast, serial: int, name: str, workplace: str = "LB-YL-WJ") -> Member:
    """One more auditor of the county, who works somewhere."""
    with writing(app):
        return add_member(
            f"auditor{serial}", name, serial, dict(cast.places), workplace, ((Role.COUNTY_AUDITOR, "LB-YL"),),
            passwords.hash_password(PASSWORD),
        )  # fmt: skip


def browser(app: Flask, member: Member) -> FlaskClient:
    """A browser in which she has signed in."""
    client = app.test_client()
    assert post_form(client, "/sign-in", {"account": member.phone, "password": PASSWORD}).status_code == 303
    return client
