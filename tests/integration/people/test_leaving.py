"""Leaving: what was sent to her is forgotten, wherever it went; nothing is judged before her row is held."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cast import PASSWORD, Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from lms.kernel import clock, files, jobs, messages, outbox
from lms.kernel.actor import SYSTEM
from lms.kernel.db import db, session
from lms.kernel.errors import Conflict
from lms.kernel.messages import SentMessage
from lms.kernel.uow import unit_of_work
from lms.people import commands as people
from lms.people.models import Consent
from lms.people.privacy import closing, copying
from lms.people.privacy.models import Closing, OwnCopy

SignIn = Callable[[FlaskClient, Member], FlaskClient]
WorkOff = Callable[[Flask], int]
NEW_PHONE = "00077000001"


def kept(app: Flask) -> list[str]:
    """To which addresses messages are kept."""
    with app.app_context(), unit_of_work(write=False):
        return [to for _, _, to, _ in messages.kept()]


def close(app: Flask, member: Member) -> None:
    with app.app_context(), unit_of_work():
        closing.close(SYSTEM, member.person_id, "office")


def test_messages_to_an_earlier_number_go_too(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    with app.app_context(), unit_of_work():
        people.send_code(SYSTEM, cast.colleague.person_id)
        people.send_code(SYSTEM, cast.learner.person_id)
        people.edit_person(
            SYSTEM, cast.learner.person_id, name=cast.learner.name, population="village_doctor", phone=NEW_PHONE
        )
    work_off(app)
    assert sorted(kept(app)) == sorted([cast.colleague.phone, cast.learner.phone, cast.learner.phone])
    with app.app_context(), unit_of_work():
        people.send_code(SYSTEM, cast.learner.person_id)
    close(app, cast.learner)
    with app.app_context(), unit_of_work(write=False):
        told = [row.payload["person_id"] for row in outbox.rows_of("messages.deliver")]
    assert told == [str(cast.colleague.person_id)]
    work_off(app)
    assert kept(app) == [cast.colleague.phone]


def test_messages_that_tell_no_person_go_by_the_address(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    """Those of the version before."""
    with app.app_context(), unit_of_work():
        for one in (cast.learner, cast.colleague):
            messages.send_sms(one.phone, "试一试")
    work_off(app)
    close(app, cast.learner)
    assert kept(app) == [cast.colleague.phone]


def test_a_kept_message_goes_after_thirty_days(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    with app.app_context(), unit_of_work():
        people.send_code(SYSTEM, cast.learner.person_id)
    work_off(app)
    for days, there in ((29, 1), (31, 0)):
        with clock.held_at(clock.now() + timedelta(days=days)), app.app_context(), unit_of_work():
            [job] = [one for one in jobs.KERNEL_JOBS if one.name == "kernel.prune"]
            job.run()
        assert len(kept(app)) == there
    with app.app_context(), unit_of_work(write=False):
        assert session().scalars(select(SentMessage.id)).all() == []


def test_what_is_there_of_a_copy_goes_with_the_account(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    work_off(app)
    with app.app_context():
        with unit_of_work(write=False):
            before = set(files.names())
        with unit_of_work():
            copying.ask(cast.learner.actor)
        for _ in range(2):
            [step] = [row for name, row in outbox.due_rows() if name == copying.STEP]
            outbox.work(step)
        with unit_of_work(write=False):
            [row] = outbox.rows_of(copying.STEP)[-1:]
            assert len(set(files.names()) - before) == 2
            assert "sealed" not in json.dumps(row.payload)
    close(app, cast.learner)
    work_off(app)
    with app.app_context(), unit_of_work(write=False):
        assert set(files.names()) == before
        [copy] = session().scalars(select(OwnCopy))
        assert (copy.state, copy.steps_sealed) == ("over", None)


def test_a_copy_that_never_got_ready_leaves_nothing(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    with app.app_context():
        with unit_of_work(write=False):
            before = set(files.names())
        with unit_of_work():
            copying.ask(cast.learner.actor)
        [step] = [row for name, row in outbox.due_rows() if name == copying.STEP]
        outbox.work(step)
        with unit_of_work():
            session().execute(update(OwnCopy).values(expires_at=clock.now() - timedelta(seconds=1)))
            copying.expire()
    work_off(app)
    with app.app_context(), unit_of_work(write=False):
        assert set(files.names()) == before


def test_her_row_is_held_before_anything_is_judged(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, free = closing.plan, []

    def plan(person_id: Any) -> Any:
        if db.engine.dialect.name == "postgresql":  # SQLite has one writer at a time
            with db.engine.connect() as other, pytest.raises(DBAPIError, match="could not obtain lock"):
                other.execute(text("SELECT id FROM person WHERE id = :id FOR UPDATE NOWAIT"), {"id": person_id})
        free.append(person_id)
        return judged(person_id)

    monkeypatch.setattr(closing, "plan", plan)
    close(app, cast.learner)
    assert free == [cast.learner.person_id]


def test_whoever_comes_second_is_told(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "restrict", lambda *_of, **_more: False)
    with pytest.raises(Conflict, match="已经注销"):
        close(app, cast.learner)


def test_who_refuses_a_new_notice_takes_her_data_and_leaves(
    app: Flask, cast: Cast, sign_in: SignIn, work_off: WorkOff
) -> None:
    doctor = sign_in(app.test_client(), cast.learner)
    with app.app_context(), unit_of_work():
        session().execute(update(Consent).values(notice_version="an earlier one"))
    led = doctor.get("/today").headers["Location"]
    assert led.startswith("/account/consent")
    assert 'href="/account/data"' in doctor.get(led).text
    assert doctor.get("/account/looks").status_code == 200
    assert post_form(doctor, "/account/data", {"password": PASSWORD}).status_code == 303
    work_off(app)
    copy = post_form(doctor, "/account/data", {"password": PASSWORD})
    assert copy.data[:4] == b"PK\x03\x04"
    assert 'href="/account/close"' in doctor.get("/account/data").text
    left = post_form(doctor, "/account/close", {"agree": "y", "password": PASSWORD})
    assert left.status_code == 303
    assert "/sign-in" in doctor.get("/today").headers["Location"]
    with app.app_context(), unit_of_work(write=False):
        assert session().scalars(select(Closing.how)).all() == ["asked"]
