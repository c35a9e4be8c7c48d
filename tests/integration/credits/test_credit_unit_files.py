"""A doctor's statement for her unit: seen by who administers her place or audits her, saved on record."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from cast import Cast, Member
from credit_papers import csv_tables, tables_of
from credit_stage import FACE, SAID, award_of, reading, record, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from python_calamine import CalamineWorkbook

from lms.credits import commands
from lms.kernel import audit
from lms.kernel.db import Model, session

SignIn = Callable[[FlaskClient, Member], FlaskClient]
OFFICES = ("admin", "county_auditor", "province_auditor")


def exported(app: Flask, member: Member) -> list[tuple[Any, Any]]:
    with reading(app):
        rows = audit.history("person", member.person_id)
        return [(row.person_id, row.details) for row in rows if row.action == "person.credits_exported"]


def page_of(cast: Cast, what: str = "credits") -> str:
    return f"/audit/people/{cast.learner.person_id}/{what}"


@pytest.mark.parametrize("office", OFFICES)
def test_her_unit_sees_what_she_sees(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, office: str
) -> None:
    record(app, cast, cast.learner, **FACE)
    award_id = award_of(app, cast, cast.learner)
    with writing(app):
        commands.return_award(cast.county_auditor.actor, award_id, version=1, **SAID)
    own = sign_in(app.test_client(), cast.learner)
    theirs = sign_in(client, getattr(cast, office))
    for hers, address in (("?year=2026", "credits?year=2026"), ("/transcript", "transcript")):
        seen = theirs.get(page_of(cast, address)).text
        mine = [table.figures for table in tables_of(own.get(f"/credits{hers}").text)]
        assert [table.figures for table in tables_of(seen)] == mine
        assert cast.learner.name in seen
        assert "去补充说明" not in seen
        # an auditor goes on to the award, an administrator has no page of it
        assert (f"/audit/awards/{award_id}" in seen) is (office != "admin")
        assert "/credits/awards/" not in seen


@pytest.mark.parametrize("office", OFFICES)
@pytest.mark.parametrize("what", ["credits?year=2026", "transcript"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_saved_file_is_hers_and_is_recorded(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, office: str, what: str, ending: str
) -> None:
    record(app, cast, cast.learner, **FACE)
    member = getattr(cast, office)
    sign_in(client, member)
    answer = post_form(client, page_of(cast, what), {"ending": ending})
    own = sign_in(app.test_client(), cast.learner)
    hers = "transcript" if what == "transcript" else "statement"
    assert answer.status_code == 200
    assert answer.data == own.get(f"/credits/{hers}.{ending}?year=2026").data
    name = "xinglin-credits-all-years" if what == "transcript" else "xinglin-credits-2026"
    assert exported(app, cast.learner) == [(member.person_id, {"file": f"{name}.{ending}"})]
    if ending == "xlsx":
        first = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
        assert first[1][:2] == ["姓名", cast.learner.name]
    else:
        assert csv_tables(answer.data)[0][1] == ["姓名", cast.learner.name]


def test_what_was_saved_stands_in_her_file(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, cast.admin)
    file = f"/admin/people/{cast.learner.person_id}"
    assert page_of(cast) in client.get(file).text
    assert "存出学分明细" not in client.get(file).text
    post_form(client, page_of(cast), {"ending": "csv"})
    assert "存出学分明细" in client.get(file).text


def test_an_award_leads_the_auditor_to_the_statement(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn
) -> None:
    award_id = award_of(app, cast, cast.learner)
    page = sign_in(client, cast.county_auditor).get(f"/audit/awards/{award_id}").text
    assert f"{page_of(cast)}?year=2026" in page
    assert page_of(cast) in sign_in(app.test_client(), cast.admin).get(
        f"/admin/activities/{cast.learner.person_id}"
    ).text


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("learner", 403), ("colleague", 403), ("author", 403)])
def test_others_see_and_save_nothing(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, who: str, status: int
) -> None:
    record(app, cast, cast.learner, **FACE)
    sign_in(client, getattr(cast, who))
    for what in ("credits", "transcript"):
        assert client.get(page_of(cast, what)).status_code == status
    client.get("/account")
    with client.session_transaction() as kept:
        token = kept["csrf"]
    answer = client.post(page_of(cast, "files"), data={"csrf_token": token, "ending": "xlsx", "year": "2026"})
    assert answer.status_code == status
    assert "县域急诊".encode() not in answer.data
    assert exported(app, cast.learner) == []


@pytest.mark.parametrize(
    "form", [{"ending": "pdf"}, {}, {"ending": "csv", "year": "20260"}, {"ending": "csv", "year": "x"}]
)
def test_a_file_of_no_sense_is_refused(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, form: dict[str, str]
) -> None:
    sign_in(client, cast.admin)
    client.get(page_of(cast))
    with client.session_transaction() as kept:
        token = kept["csrf"]
    answer = client.post(page_of(cast, "files"), data={"csrf_token": token, **form})
    assert answer.status_code == 422
    assert exported(app, cast.learner) == []


def test_reading_the_pages_writes_nothing(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    record(app, cast, cast.learner, **FACE)
    sign_in(client, cast.admin)
    client.get(page_of(cast))

    def content() -> dict[str, list[str]]:
        with reading(app):
            return {
                name: sorted(repr(tuple(row)) for row in session().execute(table.select()))
                for name, table in Model.metadata.tables.items()
            }

    before = content()
    for what in ("credits?year=2026", "transcript"):
        assert client.get(page_of(cast, what)).status_code == 200
    assert content() == before


@pytest.mark.parametrize("office", OFFICES)
def test_it_keeps_its_statements(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, office: str, count_sql: Callable[[], Any]
) -> None:
    record(app, cast, cast.learner, **FACE)
    sign_in(client, getattr(cast, office))
    for what in ("credits?year=2026", "transcript"):
        client.get(page_of(cast, what))
        with count_sql() as statements:
            client.get(page_of(cast, what))
        assert 0 < len(statements) <= 6, "\n\n".join(statements)
