"""A certificate is issued with its award, drawn once, seen by those who may, and revoked for all to see."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from urllib.parse import unquote

import pytest
from cast import Cast, Member
from certificate_stage import AWARD, certificates_of, give_award, only_certificate
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from lms.certificates import commands, tasks
from lms.certificates.models import Certificate
from lms.certificates.queries import Standing
from lms.credits import commands as credits
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
WorkOff = Callable[[Flask], int]


def test_an_award_brings_a_certificate_and_its_file(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, work_off: WorkOff
) -> None:
    give_award(app, cast, cast.learner.person_id)
    assert only_certificate(app, cast.learner.person_id).standing is Standing.QUEUED
    work_off(app)
    card = only_certificate(app, cast.learner.person_id)
    page = sign_in(client, cast.learner).get("/certificates")
    assert card.number in page.text
    assert "县域急诊急救能力提升" in page.text
    answer = client.get(f"/certificates/{card.id}.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert f"赵桂芳-{card.number}.pdf" in unquote(answer.headers["Content-Disposition"])
    text = "".join(PdfReader(BytesIO(answer.data)).pages[0].extract_text().split())
    assert "姓名赵桂芳证件号000000********" in text
    assert "特授予继续医学教育学分2.0分（6学时）" in text
    assert "演示DEMONSTRATION" in text
    again = client.get(f"/certificates/{card.id}.pdf", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_it_is_drawn_once_however_often_it_is_asked_for(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    give_award(app, cast, cast.learner.person_id)
    work_off(app)
    card = only_certificate(app, cast.learner.person_id)
    first = _row(app)
    for _ in range(100):
        with app.app_context(), unit_of_work():
            tasks.draw_certificate(str(card.id))
    assert _row(app) == first


def test_the_bytes_bound_first_stay(app: Flask, cast: Cast) -> None:
    give_award(app, cast, cast.learner.person_id)
    card = only_certificate(app, cast.learner.person_id)
    with app.app_context(), unit_of_work():
        assert commands.keep_file(card.id, "a" * 64)
    with app.app_context(), unit_of_work():
        assert not commands.keep_file(card.id, "b" * 64)
        assert commands.facts_to_draw(card.id) is None
    assert _row(app)[0] == "a" * 64


def test_many_at_once_make_one_live_certificate(app: Flask, cast: Cast) -> None:
    award_id = give_award(app, cast, cast.learner.person_id)
    for _round in range(3):
        with app.app_context(), unit_of_work():
            commands.revoke_for_award(award_id)
        start = Barrier(8)

        def issue(_number: int, start: Barrier = start) -> None:
            with app.app_context(), unit_of_work():
                start.wait(30)
                commands.issue_for_award(award_id, None)

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(issue, range(8)))
        live = [card for card in certificates_of(app, cast.learner.person_id) if card.standing is not Standing.REVOKED]
        assert len(live) == 1


@pytest.mark.parametrize("column", ["number", "token"])
def test_two_certificates_have_neither_number_nor_token_in_common(app: Flask, cast: Cast, column: str) -> None:
    """Numbers are drawn by lot: should two be alike, the database keeps the second from being issued."""
    give_award(app, cast, cast.learner.person_id)
    with app.app_context(), unit_of_work(write=False):
        values = dict(session().execute(select(Certificate.__table__)).mappings().one())
    # It is no second live one of its award.
    values |= {"id": new_id(), "revoked_at": clock.now()}
    values |= {name: "another" for name in ("number", "token") if name != column}
    with app.app_context(), pytest.raises(IntegrityError), unit_of_work():
        session().execute(insert(Certificate).values(values))


def test_an_award_has_one_live_certificate(app: Flask, cast: Cast) -> None:
    award_id = give_award(app, cast, cast.learner.person_id)
    for _ in range(5):
        with app.app_context(), unit_of_work():
            commands.issue_for_award(award_id, None)
    assert len(certificates_of(app, cast.learner.person_id)) == 1


def test_a_failed_transaction_leaves_neither_award_nor_certificate(app: Flask, cast: Cast) -> None:
    class OnPurposeError(Exception):
        pass

    try:
        with app.app_context(), unit_of_work():
            give_award_inside(cast)
            raise OnPurposeError
    except OnPurposeError:
        pass
    assert certificates_of(app, cast.learner.person_id) == []


def test_the_file_is_for_its_holder_her_auditors_and_administrators(
    app: Flask, cast: Cast, sign_in: SignIn, work_off: WorkOff
) -> None:
    give_award(app, cast, cast.learner.person_id)
    work_off(app)
    address = f"/certificates/{only_certificate(app, cast.learner.person_id).id}.pdf"
    allowed = (cast.learner, cast.county_auditor, cast.province_auditor, cast.admin)
    for member in allowed:
        assert sign_in(app.test_client(), member).get(address).status_code == 200, member.key
    for member in (cast.colleague, cast.author, cast.reviewer, cast.stranger):
        assert sign_in(app.test_client(), member).get(address).status_code == 404, member.key
    nobody = app.test_client().get(address)
    assert nobody.status_code == 303
    assert "/sign-in" in nobody.headers["Location"]


def test_a_file_that_is_not_drawn_yet_says_so(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    give_award(app, cast, cast.learner.person_id)
    card = only_certificate(app, cast.learner.person_id)
    answer = sign_in(client, cast.learner).get(f"/certificates/{card.id}.pdf")
    assert answer.status_code == 404
    assert "这张证书还没有制作好" in answer.text
    page = client.get("/certificates").text
    assert "正在制作" in page
    assert f"{card.id}.pdf" not in page


def test_without_certificates_the_page_says_what_to_do(cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    page = sign_in(client, cast.learner).get("/certificates")
    assert page.status_code == 200
    assert "还没有证书" in page.text
    assert 'href="/courses"' in page.text


def test_my_list_shows_only_mine(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    give_award(app, cast, cast.learner.person_id)
    assert "XL20" not in sign_in(client, cast.colleague).get("/certificates").text


def test_looking_changes_nothing(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, work_off: WorkOff
) -> None:
    give_award(app, cast, cast.learner.person_id)
    work_off(app)
    card, before = only_certificate(app, cast.learner.person_id), _row(app)
    sign_in(client, cast.learner)
    for address in ("/certificates", f"/certificates/{card.id}.pdf", f"/verify/{card.token}"):
        client.get(address)
        client.head(address)
    assert _row(app) == before


def test_long_lists_are_paged(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    for number in range(23):
        give_award(app, cast, cast.learner.person_id, project_number=f"2026-14-00-{number:03}")
    first = sign_in(client, cast.learner).get("/certificates").text
    assert first.count('rel="next"') == 1
    assert client.get("/certificates?page=2").text.count("/verify/") == 3
    assert client.get("/certificates?page=nonsense").status_code == 200


def give_award_inside(cast: Cast) -> None:
    """The same in the unit of work that is open."""
    credits.record_activity(cast.admin.actor, person_id=cast.learner.person_id, **AWARD)


def _row(app: Flask) -> tuple[object, ...]:
    with app.app_context(), unit_of_work(write=False):
        row = (
            session()
            .execute(select(Certificate.file_sha, Certificate.drawn_at, Certificate.state, Certificate.revoked_at))
            .one()
        )
    return tuple(row)
