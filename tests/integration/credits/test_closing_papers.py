"""Closing an account: whose papers go and whose stay, what an office's deeds keep, what must be settled first."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import claim_stage
import pytest
from cast import Cast, Member
from claim_stage import Place, claim_of, claimed, decide, draft, provincial
from credit_stage import FACE, award_of, reading, writing
from flask import Flask
from pages import post_form
from sqlalchemy import select
from two_persons import WRONG, auditor, browser, limited
from uploaded import jpeg

from lms.credits.auditing.models import AuditSample
from lms.credits.claims.models import ClaimFile
from lms.credits.filing import making
from lms.credits.history_import.models import HistoryImport
from lms.kernel import clock, files
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.errors import Conflict
from lms.kernel.ids import new_id
from lms.people.privacy import closing

WorkOff = Callable[[Flask], int]


@pytest.fixture
def place(app: Flask, cast: Cast, tmp_path: Path) -> Iterator[Place]:
    with provincial(app, cast, tmp_path) as made:
        yield made


@pytest.fixture
def same_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hands in a paper hands in this one."""
    data = jpeg((320, 240))
    monkeypatch.setattr(claim_stage, "photo", lambda: (io.BytesIO(data), "进修.jpg"))


def close(app: Flask, member: Member) -> None:
    with writing(app):
        closing.close(SYSTEM, member.person_id, "office")


def papers(app: Flask) -> set[str]:
    with reading(app):
        rows = session().execute(select(ClaimFile.sha, ClaimFile.thumbnail_sha)).all()
        return {name for row in rows for name in row if name}


def kept(app: Flask, names: set[str]) -> set[str]:
    with reading(app):
        return {name for name in names if files.exists(name)}


@pytest.mark.usefixtures("same_photo")
def test_a_draft_that_goes_takes_no_paper_of_her_approved_claim(place: Place, work_off: WorkOff) -> None:
    doctor = place.browser(place.cast.learner)
    claim = claimed(doctor)
    decide(place.browser(place.unit), claim)
    decide(place.browser(place.cast.county_auditor), claim)
    assert claim_of(place.app, claim).state == "approved"
    draft(doctor, on_date="2026-07-31", started_on="2026-07-01")
    names = papers(place.app)
    assert len(names) == 2
    close(place.app, place.cast.learner)
    work_off(place.app)
    assert kept(place.app, names) == names
    with writing(place.app):
        closing.erase(SYSTEM, place.cast.learner.person_id)
    work_off(place.app)
    assert kept(place.app, names) == set()


@pytest.mark.usefixtures("same_photo")
def test_a_paper_that_somebody_hands_in_before_it_is_removed_stays(place: Place, work_off: WorkOff) -> None:
    draft(place.browser(place.cast.learner))
    close(place.app, place.cast.learner)
    draft(place.browser(place.cast.colleague))
    names = papers(place.app)
    work_off(place.app)
    assert kept(place.app, names) == names
    close(place.app, place.cast.colleague)
    work_off(place.app)
    assert kept(place.app, names) == set()


DEEDS = {
    "sample": lambda by, at: AuditSample(
        id=new_id(), seed="0" * 40, size=1, drawn=1, frame=1, place_id=at, place_path="/", place_name="-",
        year=2026, kind="", level=1, drawn_by=by, drawn_by_name="-", drawn_at=datetime(2031, 5, 1, tzinfo=UTC),
    ),
    "import": lambda by, at: HistoryImport(
        id=new_id(), system="old", name="-", headings={}, file_sealed=b"", state="done", report={}, made_by=by,
        made_by_name="-", made_at=datetime(2031, 5, 1, tzinfo=UTC),
    ),
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_an_offices_deed_keeps_the_name_of_who_did_it(app: Flask, cast: Cast, deed: str) -> None:
    with writing(app):
        session().add(DEEDS[deed](cast.county_auditor.person_id, cast.places["LB-YL"]))
    with reading(app):
        assert closing.plan(cast.county_auditor.person_id).last_year == 2031


def test_who_filed_is_known_as_long_as_the_credit(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    period = {"start": clock.today().replace(month=1, day=1), "end": clock.today()}
    with writing(app):
        making.make_filing(cast.admin.actor, cast.places["LB-YL"], **period)
    work_off(app)
    with reading(app):
        assert closing.plan(cast.admin.person_id).last_year == clock.today().year


def test_a_proposal_keeps_the_account_open_and_the_proposers_name(app: Flask, cast: Cast) -> None:
    with limited(app) as small:
        award_id = award_of(small, cast, cast.learner, **FACE)
        second = auditor(small, cast, 70, "秦志强")
        page = f"/audit/awards/{award_id}"
        sent = post_form(browser(small, cast.county_auditor), page, {"action": "reverse", "then": "stay", **WRONG})
        assert sent.status_code == 303
        with reading(small):
            assert closing.plan(cast.county_auditor.person_id).last_year == clock.today().year
            assert closing.plan(second.person_id).last_year is None
        with pytest.raises(Conflict, match="第二位审核员"), writing(small):
            closing.close(SYSTEM, cast.learner.person_id, "office")
        said = post_form(browser(small, second), page, {"action": "confirm", "then": "stay"}, action="/second")
        assert said.status_code == 303
        with reading(small):
            assert closing.plan(second.person_id).last_year == clock.today().year
        close(small, cast.learner)
