"""A claim under many hands at the same moment: handed in once, decided once, one activity at most."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cast import Cast
from claim_stage import Place, activities, claim_of, claimed, draft, unit_auditor
from credit_stage import awards, ledger, reading
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms.credits.claims.models import ClaimStep
from lms.kernel.db import session

pytestmark = pytest.mark.races
Press = Callable[[], TestResponse]


@pytest.fixture
def place(app: Flask, cast: Cast) -> Place:
    return Place(app, cast, unit_auditor(app, cast))


def at_once(*presses: Press) -> list[int]:
    """Every button pressed in the same moment; the answers' statuses in the same order."""
    barrier = Barrier(len(presses))

    def run(press: Press) -> int:
        barrier.wait(30)
        return press().status_code

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(run, presses))


def posting(client: FlaskClient, address: str, **form: str) -> Press:
    """A browser of its own with this one's cookie, ready to press."""
    client.get("/credits/claims")
    with client.session_transaction() as kept:
        form["csrf_token"] = kept["csrf"]
    cookie = client.get_cookie("xinglin")
    assert cookie
    tab = client.application.test_client()
    tab.set_cookie("xinglin", cookie.value)
    return lambda: tab.post(address, data=form)


def steps(app: Flask, what: str) -> int:
    with reading(app):
        return session().scalar(select(func.count()).where(ClaimStep.action == what)) or 0


def test_eight_clicks_hand_a_claim_in_once(place: Place) -> None:
    doctor = place.browser(place.cast.learner)
    page = draft(doctor, "unit_lecture")
    press = [posting(doctor, f"{page}/hand-in", version="1", truth="y") for _ in range(8)]
    found = Counter(at_once(*press))
    assert set(found) <= {303, 409}
    assert found[303] >= 1
    assert steps(place.app, "handed_in") == 1
    assert claim_of(place.app, page.rsplit("/", 1)[1]).version == 2


def test_two_auditors_at_once_give_one_activity(place: Place) -> None:
    """Each approval would be the last: only one is, whoever was first."""
    claim_id = claimed(place.browser(place.cast.learner), "unit_lecture")
    deciders = (place.cast.county_auditor, place.cast.province_auditor)
    address = f"/audit/claims/{claim_id}"
    presses = [
        posting(place.browser(one), address, version="2", action="approve", then="stay")
        for one in deciders
        for _ in range(3)
    ]
    found = Counter(at_once(*presses))
    assert found == {303: 1, 409: 5}
    assert claim_of(place.app, claim_id).state == "approved"
    assert len(activities(place.app, place.cast.learner)) == 1
    assert len(awards(place.app, place.cast.learner)) == 1
    assert ledger(place.app, place.cast.learner) == [(1, 500)]
    assert steps(place.app, "approved") == 1


def test_approving_and_withdrawing_exclude_each_other(place: Place) -> None:
    doctor, county = place.browser(place.cast.learner), place.browser(place.cast.county_auditor)
    given = 0
    for day in range(1, 6):
        claim_id = claimed(doctor, "unit_lecture", on_date=f"2026-03-0{day}")
        answers = at_once(
            posting(county, f"/audit/claims/{claim_id}", version="2", action="approve", then="stay"),
            posting(doctor, f"/credits/claims/{claim_id}/withdraw", version="2"),
        )
        state = claim_of(place.app, claim_id).state
        given += state == "approved"
        # Who comes second finds it decided (409), or no longer there (404).
        assert (answers, state) in (([303, 409], "approved"), ([409, 303], "withdrawn"), ([404, 303], "withdrawn"))
    assert len(activities(place.app, place.cast.learner)) == given
    assert len(ledger(place.app, place.cast.learner)) == given


def test_the_same_thing_handed_in_from_two_drafts_is_claimed_once(place: Place) -> None:
    doctor = place.browser(place.cast.learner)
    pages = [draft(doctor, "unit_lecture") for _ in range(3)]
    found = Counter(at_once(*(posting(doctor, f"{page}/hand-in", version="1", truth="y") for page in pages)))
    assert found == {303: 1, 422: 2}
    assert steps(place.app, "handed_in") == 1
