"""A name that no font can draw is never printed as boxes: the certificate waits, and people are told."""

from collections.abc import Callable
from datetime import UTC, datetime

from cast import Cast, Member
from certificate_stage import certificates_of, doctor_called, give_award, only_certificate
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import select

from lms.certificates import commands
from lms.certificates.queries import Standing
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people import commands as people
from lms.people import queries as person_queries
from lms.people.notices.models import Notice
from lms.people.rules import Population

RARE = "吉𠮷"


def test_the_certificate_waits_and_both_are_told(
    app: Flask,
    cast: Cast,
    sign_in: Callable[[FlaskClient, Member], FlaskClient],
    work_off: Callable[[Flask], int],
) -> None:
    doctor = doctor_called(app, cast, RARE)
    with app.app_context(), unit_of_work(write=False):
        card = person_queries.person(doctor.person_id)
        assert card is not None
        assert not card.name_drawable
    give_award(app, cast, doctor.person_id)
    work_off(app)
    certificate = only_certificate(app, doctor.person_id)
    assert certificate.standing is Standing.WAITING
    hers = sign_in(app.test_client(), doctor).get("/certificates").text
    assert "“𠮷”现在的字库印不出来" in hers
    assert "0000-555 0142" in hers
    theirs = sign_in(app.test_client(), cast.admin).get("/admin/certificates").text
    assert RARE in theirs
    assert "U+20BB7" in theirs
    stranger = sign_in(app.test_client(), cast.stranger).get("/admin/certificates").text
    assert RARE not in stranger
    page = app.test_client().get(f"/verify/{certificate.token}").text
    assert "这张证书还没有制作完成" in page


def test_trying_again_without_a_correction_says_so(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    doctor = doctor_called(app, cast, RARE)
    give_award(app, cast, doctor.person_id)
    card = only_certificate(app, doctor.person_id)
    sign_in(client, cast.admin)
    answer = post_form(client, "/admin/certificates", action=f"/{card.id}/try-again", follow=True)
    assert "名字里还有印不出来的字" in answer.text
    assert only_certificate(app, doctor.person_id).standing is Standing.WAITING


def test_a_corrected_name_is_drawn_when_an_administrator_asks(
    app: Flask,
    cast: Cast,
    client: FlaskClient,
    sign_in: Callable[..., FlaskClient],
    work_off: Callable[[Flask], int],
) -> None:
    doctor = doctor_called(app, cast, RARE)
    give_award(app, cast, doctor.person_id)
    card = only_certificate(app, doctor.person_id)
    correct(app, cast, doctor, "吉吉")
    sign_in(client, cast.admin)
    answer = post_form(client, "/admin/certificates", action=f"/{card.id}/try-again", follow=True)
    assert "证书正在制作" in answer.text
    work_off(app)
    drawn = only_certificate(app, doctor.person_id)
    assert (drawn.standing, drawn.number) == (Standing.ISSUED, card.number)


def test_a_corrected_name_is_found_by_the_clock(app: Flask, cast: Cast, work_off: Callable[[Flask], int]) -> None:
    doctor = doctor_called(app, cast, RARE)
    give_award(app, cast, doctor.person_id)
    correct(app, cast, doctor, "吉吉")
    with app.app_context(), unit_of_work():
        assert commands.try_waiting_again() == 1
    work_off(app)
    assert [card.standing for card in certificates_of(app, doctor.person_id)] == [Standing.ISSUED]


def test_an_old_certificate_is_news_only_to_who_waited_for_it(
    app: Flask, cast: Cast, sign_in: Callable[[FlaskClient, Member], FlaskClient], work_off: Callable[[Flask], int]
) -> None:
    """Both were issued long ago, and are drawn today."""
    waiting, plain = doctor_called(app, cast, RARE, 88), doctor_called(app, cast, "钱玉兰", 89)
    with clock.held_at(datetime(2026, 5, 20, tzinfo=UTC)):
        for doctor in (waiting, plain):
            give_award(app, cast, doctor.person_id)
    correct(app, cast, waiting, "吉吉")
    with app.app_context(), unit_of_work():
        assert commands.try_waiting_again() == 1
    corrected = sign_in(app.test_client(), waiting)
    assert "没有消息" in corrected.get("/account/notices").text, "there is nothing to fetch before it is drawn"
    work_off(app)
    assert "的证书好了，可以下载。" in corrected.get("/account/notices").text
    assert "没有消息" in sign_in(app.test_client(), plain).get("/account/notices").text
    with app.app_context(), unit_of_work(write=False):
        assert session().scalars(select(Notice.person_id)).all() == [waiting.person_id]


def test_it_refuses_a_stranger(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    doctor = doctor_called(app, cast, RARE)
    give_award(app, cast, doctor.person_id)
    card = only_certificate(app, doctor.person_id)
    page = sign_in(client, cast.stranger).get("/account").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(f"/admin/certificates/{card.id}/try-again", data={"csrf_token": token})
    assert answer.status_code == 404


def correct(app: Flask, cast: Cast, doctor: Member, name: str) -> None:
    """Let the administrator correct the name."""
    with app.app_context(), unit_of_work():
        people.edit_person(cast.admin.actor, doctor.person_id, name=name, population=Population.VILLAGE_DOCTOR)
