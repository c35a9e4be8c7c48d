"""A file with whole identity numbers is a look at each of them: written down before it is sent, counted, bounded."""

from collections.abc import Callable

import pytest
from cast import Cast, id_number
from credit_stage import FACE, award_of
from filing_stage import FILES, Office
from flask import Flask
from sqlalchemy import select

from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people.privacy.models import Look
from lms.people.privacy.rules import MOST_FILES

WHY = "省卫健委要求"


@pytest.fixture
def office(app: Flask, cast: Cast, sign_in: Callable, work_off: Callable) -> Office:  # type: ignore[type-arg]
    award_of(app, cast, cast.learner, **FACE)
    award_of(app, cast, cast.learner)
    award_of(app, cast, cast.colleague)
    return Office(app, cast, sign_in(app.test_client(), cast.admin), work_off)


def looks(app: Flask) -> list[Look]:
    with app.app_context(), unit_of_work(write=False):
        return list(session().scalars(select(Look)))


def test_each_number_in_a_file_is_one_look(app: Flask, cast: Cast, office: Office, sign_in: Callable) -> None:  # type: ignore[type-arg]
    page = office.make(full_numbers="y", reason=WHY)
    assert looks(app) == []
    assert id_number(1).encode() in office.file(page, "full.csv")
    found = looks(app)
    assert sorted(one.person_id for one in found) == sorted([cast.learner.person_id, cast.colleague.person_id])
    assert {(one.purpose, one.note, one.page, one.by) for one in found} == {
        ("filing", WHY, "filing", cast.admin.person_id)
    }
    office.file(page, "totals.csv")
    assert len(looks(app)) == 2
    shown = sign_in(app.test_client(), cast.learner).get("/account/looks").text
    assert "向主管部门上报学分" in shown
    assert WHY in shown


def test_files_with_masks_are_no_looks(app: Flask, cast: Cast, office: Office) -> None:
    office.files(office.make())
    assert looks(app) == []


def test_no_whole_number_of_an_earlier_filing_slips_into_a_masked_one(app: Flask, cast: Cast, office: Office) -> None:
    office.make(full_numbers="y", reason=WHY)
    for data in office.files(office.make()).values():
        assert id_number(1).encode() not in data


def test_files_with_numbers_cannot_be_taken_without_end(app: Flask, cast: Cast, office: Office) -> None:
    page = office.make(full_numbers="y", reason=WHY)
    token = office.token(page)
    for _ in range(MOST_FILES):
        office.file(page, "delta.csv")
    refused = office.browser.post(f"{page}/files", data={"name": "delta.csv", "csrf_token": token})
    assert refused.status_code == 429
    assert id_number(1) not in refused.text
    assert len(FILES) < MOST_FILES
    assert len(looks(app)) == 2 * MOST_FILES
