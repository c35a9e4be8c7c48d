"""One's own data: a copy that holds everything and nothing else, fetched by her alone; leaving through the page."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import claim_stage
import pytest
from assessment_stage import SLUG, Stage
from cast import PASSWORD, Cast, Member, id_number
from claim_stage import Place, claimed, provincial
from credit_stage import FACE, approve, award_of, publish_course, reading, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import select, text, update
from uploaded import jpeg

from lms.courses import commands as courses
from lms.credits.claims.models import ClaimFile
from lms.kernel import clock, files, personal
from lms.kernel.actor import SYSTEM
from lms.kernel.audit import GONE
from lms.kernel.db import Model, session
from lms.people import commands as people
from lms.people import schedule
from lms.people.models import Person
from lms.people.privacy import closing, copying
from lms.people.privacy.models import Closing, OwnCopy

SignIn = Callable[[FlaskClient, Member], FlaskClient]
WorkOff = Callable[[Flask], int]
ROOT = Path(__file__).parents[3]
PROVED = {"password": PASSWORD}


@pytest.fixture
def place(app: Flask, cast: Cast, tmp_path: Path) -> Iterator[Place]:
    with provincial(app, cast, tmp_path) as made:
        yield made


def copy_of(browser: FlaskClient) -> zipfile.ZipFile:
    answer = post_form(browser, "/account/data", PROVED)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return zipfile.ZipFile(io.BytesIO(answer.data))


def document(copy: zipfile.ZipFile, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(copy.read(f"data/{table}.json"))["rows"]
    return rows


def test_every_table_about_people_is_told_or_withheld_with_a_reason(app: Flask) -> None:
    told, withheld = copying.every_told(), {}
    for keeper in personal.KEEPERS:
        withheld |= dict(keeper.withheld)
    assert personal.tables_about_people() - told.keys() - withheld.keys() == set()
    assert told.keys() & withheld.keys() == set()
    assert told.keys() | withheld.keys() <= Model.metadata.tables.keys()
    for name, one in told.items():
        columns = Model.metadata.tables[name].columns.keys()
        assert {*one.left_out, *one.opened, *([one.parent[0]] if one.parent else one.by)} <= set(columns), name
    assert all(len(why) > 20 for why in withheld.values())


def test_the_book_names_every_table(app: Flask) -> None:
    book = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    missing = [name for name in personal.tables_about_people() if f"`{name}`" not in book]
    assert missing == []


def test_a_copy_holds_what_is_hers(place: Place, work_off: WorkOff) -> None:
    doctor = place.browser(place.cast.learner)
    claimed(doctor)
    award = award_of(place.app, place.cast, place.cast.learner, **FACE)
    award_of(place.app, place.cast, place.cast.colleague)
    assert post_form(doctor, "/account/data", PROVED).status_code == 303
    assert "正在准备" in doctor.get("/account/data").text
    work_off(place.app)
    with copy_of(doctor) as copy:
        [me] = document(copy, "person")
        assert (me["name"], me["id_number"], me["phone"]) == ("赵桂芳", id_number(1), place.cast.learner.phone)
        assert not {"password_hash", "phone_hash", "id_number_hash"} & me.keys()
        assert [row["id"] for row in document(copy, "award")] == [str(award)]
        [line] = document(copy, "ledger_entry")
        assert line["leaf"]["award"].startswith(str(award))
        assert [row["kind"] for row in document(copy, "claim")] == ["further_study"]
        [paper] = [name for name in copy.namelist() if name.startswith("files/claims/")]
        assert copy.read(paper)[:2] == b"\xff\xd8"
        whole = b"".join(copy.read(name) for name in copy.namelist())
        for word in ("李春生", id_number(2)):
            assert word.encode() not in whole
        for page in ("index.html", "README.txt"):
            said = copy.read(page).decode()
            assert "Keep it safe" in said
            assert "请妥善保管" in said
            assert "data/claim.json" in said


def test_answers_are_hers_and_keys_are_not(app: Flask, cast: Cast, work_off: WorkOff, tmp_path: Path) -> None:
    edition_id = publish_course(app, tmp_path)
    approve(app, cast)
    stage = Stage(app, cast.learner, edition_id, enrol(app, cast))
    stage.read_lessons()
    attempt = stage.start()
    told = personal_rows(app, cast, "attempt")
    assert [row["id"] for row in told] == [attempt]
    assert not {"form", "seed", "grades"} & told[0].keys()
    assert "bank_item" not in copying.every_told()
    assert "paper" not in copying.every_told()


def enrol(app: Flask, cast: Cast) -> Any:
    with writing(app):
        return courses.enrol(cast.learner.actor, SLUG)


def personal_rows(app: Flask, cast: Cast, table: str) -> list[dict[str, Any]]:
    with reading(app):
        return list(personal.rows_of(table, copying.every_told(), cast.learner.person_id))


def test_a_copy_is_hers_alone_proved_and_sealed(app: Flask, cast: Cast, sign_in: SignIn, work_off: WorkOff) -> None:
    doctor = sign_in(app.test_client(), cast.learner)
    assert post_form(doctor, "/account/data", {"password": "not hers"}).status_code == 422
    assert post_form(doctor, "/account/data", PROVED).status_code == 303
    work_off(app)
    with reading(app):
        [copy] = session().scalars(select(OwnCopy))
        stored = files.read(copying.stored_name(copy.file_sealed))
    assert b"PK\x03\x04" not in stored
    assert id_number(1).encode() not in stored
    token = re.search(r'name="csrf_token" value="([^"]+)"', doctor.get("/account/data").text)
    assert token
    page = f"/account/data/{copy.id}"
    wrong = doctor.post(page, data={"password": "wrong", "csrf_token": token[1]})
    assert wrong.status_code == 422
    other = sign_in(app.test_client(), cast.colleague)
    theirs = re.search(r'name="csrf_token" value="([^"]+)"', other.get("/account/data").text)
    assert theirs
    assert other.post(page, data={**PROVED, "csrf_token": theirs[1]}).status_code == 404
    with writing(app):
        session().execute(update(OwnCopy).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert doctor.post(page, data={**PROVED, "csrf_token": token[1]}).status_code == 404
    with writing(app):
        name = copying.stored_name(copy.file_sealed)
        copying.expire()
    work_off(app)
    with reading(app):
        assert not files.exists(name)
        assert session().scalars(select(OwnCopy.state)).all() == ["over"]


def test_guessing_the_password_is_bounded(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    doctor = sign_in(app.test_client(), cast.learner)
    for _ in range(5):
        assert post_form(doctor, "/account/data", {"password": "wrong"}).status_code == 422
    assert post_form(doctor, "/account/data", PROVED).status_code == 429


def test_she_leaves_through_the_page(place: Place, work_off: WorkOff) -> None:
    cast, app = place.cast, place.app
    doctor = place.browser(cast.learner)
    claimed(doctor)
    page = doctor.get("/account/close").text
    assert "现在还不能注销" in page
    assert "申报还没有审完" in page
    award_of(app, cast, cast.learner, **FACE)
    [claim] = personal_rows(app, cast, "claim")
    post_form(doctor, f"/credits/claims/{claim['id']}", action="/withdraw")
    page = doctor.get("/account/close").text
    assert "2032年1月1日" in page
    other = place.browser(cast.learner)
    assert post_form(doctor, "/account/close", {"agree": "y", "password": "wrong"}).status_code == 422
    assert post_form(doctor, "/account/close", {"password": PASSWORD}).status_code == 422
    left = post_form(doctor, "/account/close", {"agree": "y", **PROVED})
    assert left.status_code == 303
    work_off(app)
    for browser in (doctor, other):
        assert "/sign-in" in browser.get("/today").headers["Location"]
    again = post_form(app.test_client(), "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert again.status_code == 422
    with reading(app):
        assert session().scalar(select(Person.name).where(Person.id == cast.learner.person_id)) == GONE
        assert session().scalars(select(Closing.state)).all() == ["restricted"]
    admin = place.browser(cast.admin)
    for address in ("/admin/people", f"/admin/people/{cast.learner.person_id}", "/audit/claims", "/audit"):
        shown = admin.get(address).text
        assert "赵桂芳" not in shown
        assert id_number(1)[-4:] not in shown
    assert "/unmask" not in admin.get(f"/admin/people/{cast.learner.person_id}").text
    with writing(app):
        schedule.sweep()
    with reading(app):
        assert session().scalars(select(Closing.state)).all() == ["restricted"]
    with writing(app):
        session().execute(update(Closing).values(due_on=clock.today()))
        schedule.sweep()
    work_off(app)
    with reading(app):
        assert session().scalars(select(Closing.state)).all() == ["erased"]


def test_evidence_that_somebody_else_handed_in_too_stays(
    place: Place, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same photo under two claims is one stored file."""
    data = jpeg((320, 240))
    monkeypatch.setattr(claim_stage, "photo", lambda: (io.BytesIO(data), "进修.jpg"))
    doctor, other = place.browser(place.cast.learner), place.browser(place.cast.colleague)
    first, second = claimed(doctor), claimed(other)
    assert first != second
    with reading(place.app):
        shas = set(session().scalars(select(ClaimFile.sha)))
    assert len(shas) == 1
    for browser, claim in ((doctor, first), (other, second)):
        post_form(browser, f"/credits/claims/{claim.rsplit('/', 1)[-1]}", action="/withdraw")
    with writing(place.app):
        people_closing(place.cast.learner)
    work_off(place.app)
    with reading(place.app):
        assert all(files.exists(sha) for sha in shas)
    with writing(place.app):
        people_closing(place.cast.colleague)
    work_off(place.app)
    with reading(place.app):
        assert not any(files.exists(sha) for sha in shas)


def people_closing(member: Member) -> None:
    closing.close(SYSTEM, member.person_id, "office")


def test_a_number_that_left_can_be_registered_again(app: Flask, cast: Cast) -> None:
    with writing(app):
        people_closing(cast.colleague)
        people.add_person(
            SYSTEM,
            name="李春生",
            workplace_id=cast.places["LB-YL-LX-SM"],
            phone=cast.colleague.phone,
            id_number=id_number(2),
        )


def test_a_test_that_is_not_graded_yet_keeps_the_account_open(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """Also when its time is over: grading it may bring credit, which a closed account cannot take."""
    edition_id = publish_course(app, tmp_path)
    stage = Stage(app, cast.learner, edition_id, enrol(app, cast))
    stage.read_lessons()
    stage.start()
    with writing(app):
        session().execute(text("UPDATE attempt SET deadline = started_at"))
    with reading(app):
        [block] = closing.plan(cast.learner.person_id).blocks
    assert "测验还在进行" in str(block)
