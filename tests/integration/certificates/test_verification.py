"""Anybody who holds a certificate can ask whether it is good, and learns nothing more."""

from collections.abc import Callable

import pytest
from cast import Cast
from certificate_stage import certificates_of, give_award, only_certificate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from lms.credits import commands as credits
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work


def test_a_good_certificate_is_valid(app: Flask, cast: Cast, client: FlaskClient) -> None:
    give_award(app, cast, cast.learner.person_id)
    answer = client.get(f"/verify/{only_certificate(app, cast.learner.person_id).token}")
    assert answer.status_code == 200
    assert "<h1>这张证书有效</h1>" in answer.text
    for shown in ("赵＊芳", "县域急诊急救能力提升", "2.0 学分", "6 学时", "查验时间"):
        assert shown in answer.text
    for hidden in ("赵桂芳", "000000", "石门沟", "云岭县"):
        assert hidden not in answer.text


def test_it_answers_in_english_too(app: Flask, cast: Cast, client: FlaskClient) -> None:
    give_award(app, cast, cast.learner.person_id)
    card = only_certificate(app, cast.learner.person_id)
    page = client.get(f"/verify/{card.token}", headers={"Accept-Language": "en"}).text
    assert "This certificate is valid" in page
    assert "Emergency care in the county" in page


def test_a_returned_award_is_under_review_until_it_is_approved(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    award_id = give_award(app, cast, cast.learner.person_id)
    address = f"/verify/{only_certificate(app, cast.learner.person_id).token}"
    audit(app, cast, credits.return_award, award_id)
    assert "<h1>这张证书正在复核</h1>" in client.get(address).text
    assert "正在复核" in sign_in(app.test_client(), cast.learner).get("/certificates").text
    audit(app, cast, credits.approve_award, award_id)
    assert "<h1>这张证书有效</h1>" in client.get(address).text


def test_a_reversed_award_revokes_its_certificate_for_all_to_see(
    app: Flask, cast: Cast, client: FlaskClient, work_off: Callable[[Flask], int]
) -> None:
    award_id = give_award(app, cast, cast.learner.person_id)
    work_off(app)
    card = only_certificate(app, cast.learner.person_id)
    audit(app, cast, credits.reverse_award, award_id)
    page = client.get(f"/verify/{card.token}").text
    assert "<h1>这张证书已撤销</h1>" in page
    assert "证书内容（撤销前）" in page
    assert "0.0 学分" in page
    assert only_certificate(app, cast.learner.person_id).drawn


def test_a_restored_award_gets_a_new_certificate(app: Flask, cast: Cast, client: FlaskClient) -> None:
    award_id = give_award(app, cast, cast.learner.person_id)
    old = only_certificate(app, cast.learner.person_id)
    audit(app, cast, credits.reverse_award, award_id)
    audit(app, cast, credits.approve_award, award_id, province=True)
    new = next(card for card in certificates_of(app, cast.learner.person_id) if card.id != old.id)
    assert new.number != old.number
    assert "这张证书有效" in client.get(f"/verify/{new.token}").text
    assert "这张证书已撤销" in client.get(f"/verify/{old.token}").text


@pytest.mark.parametrize(
    "token", ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%01" * 22, "赵", "a" * 3000, "' OR 1=1 --aaaaaaaaaa"]
)
def test_an_unknown_token_is_not_found(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/verify/{token}")
    assert answer.status_code == 404
    assert "没有找到这张证书" in answer.text


def test_a_token_with_a_nul_is_an_unknown_address(client: FlaskClient) -> None:
    assert client.get("/verify/" + "%00" * 22).status_code == 404
    assert client.get("/courses/a%00b").status_code == 404


def test_it_needs_few_statements(app: Flask, cast: Cast, client: FlaskClient, count_sql: Callable[[], object]) -> None:
    give_award(app, cast, cast.learner.person_id)
    card = only_certificate(app, cast.learner.person_id)
    with count_sql() as statements:  # type: ignore[attr-defined]
        client.get(f"/verify/{card.token}")
    assert len(statements) <= 2, statements


def audit(app: Flask, cast: Cast, command: Callable[..., object], award_id: object, province: bool = False) -> None:
    """Let an auditor decide through the door of credits."""
    auditor = cast.province_auditor if province else cast.county_auditor
    words = {} if command is credits.approve_award else {"reason_code": "other", "text": "核对后处理。"}
    with app.app_context(), unit_of_work():
        version = session().scalar(text("SELECT max(version) FROM award"))
        command(auditor.actor, award_id, version=version, **words)
