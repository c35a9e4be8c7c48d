"""The first administrator, invited from the shell."""

import re

from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form

from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.people import queries

ASK = ["people", "invite", "--name", "方志远", "--phone", "00000000055"]


def test_the_first_one_founds_the_province_and_signs_in(app: Flask, client: FlaskClient) -> None:
    answer = app.test_cli_runner().invoke(args=[*ASK, "--at", "ln", "--province", "岭南省", "--region", "CN-HI"])
    assert answer.exit_code == 0, answer.output
    address, code = answer.output.split()
    page = re.sub(r"^http://[^/]+", "", address)
    entered = post_form(client, page, {"code": code, "password": "杏花春雨江南岸边"})
    assert entered.status_code == 303
    consent = client.get("/admin").headers["Location"]
    post_form(client, consent, {"agree": "y"})
    assert "岭南省" in client.get("/admin/organisations").text
    with app.app_context(), unit_of_work(write=False):
        province = organisations.by_code("LN")
        assert province is not None
        assert province.region_code == "CN-HI"


def test_it_refuses_an_unknown_place_and_keeps_nothing(app: Flask, cast: Cast) -> None:
    answer = app.test_cli_runner().invoke(args=[*ASK, "--at", "NOWHERE"])
    assert answer.exit_code == 1
    assert "没有代码是 NOWHERE 的机构" in answer.stderr
    with app.app_context(), unit_of_work(write=False):
        assert queries.by_account("00000000055") is None


def test_it_says_what_is_wrong(app: Flask, cast: Cast) -> None:
    answer = app.test_cli_runner().invoke(args=["people", "invite", "--name", "方志远", "--phone", "12", "--at", "LB"])
    assert answer.exit_code == 1
    assert "phone: 手机号是 11 位数字。" in answer.stderr
