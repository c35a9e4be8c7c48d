"""What credits and certificates tell their people, through the doors by which it happens, and when that is over."""

import html
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cast import Cast, Member
from claim_stage import Place, claimed, decide, hand_in, unit_auditor
from compliance_stage import add_doctor, spoil
from credit_stage import FACE, SAID, award_of, reading, writing
from flask import Flask
from flask.testing import FlaskClient
from pages import post_form
from sqlalchemy import select

from lms.credits import commands as credits
from lms.credits.compliance import commands, reminding
from lms.credits.models import YearResult
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.clock import CIVIL
from lms.kernel.db import session
from lms.people.notices.models import Notice

LIST = "/account/notices"
WorkOff = Callable[[Flask], int]


@pytest.fixture
def place(app: Flask, cast: Cast) -> Place:
    return Place(app, cast, unit_auditor(app, cast))


def shown(client: FlaskClient) -> str:
    return html.unescape(client.get(LIST).text)


def opened(client: FlaskClient) -> str:
    """Where the first notice of the list leads."""
    answer = post_form(client, LIST, action="/open")
    assert answer.status_code == 303
    return str(answer.location)


def test_a_returned_claim_is_told_until_it_is_handed_in_again(place: Place) -> None:
    doctor, unit = place.browser(place.cast.learner), place.browser(place.unit)
    claim_id = claimed(doctor, "unit_lecture")
    assert "没有消息" in shown(doctor)
    told = "您的申报“糖尿病足早期识别”退回给您改正："
    for _ in range(2):
        assert decide(unit, claim_id, "return").status_code == 303
        assert shown(doctor).count(f"<b>{told}") == 1
        assert "1 条没看的消息" in doctor.get("/today").text
        assert opened(doctor) == f"/credits/claims/{claim_id}"
        assert hand_in(doctor, f"/credits/claims/{claim_id}").status_code == 303
        assert "没有消息" in shown(doctor)


def test_a_returned_award_is_told_until_it_is_answered(place: Place) -> None:
    doctor, auditor = place.browser(place.cast.learner), place.cast.county_auditor.actor
    award_id = award_of(place.app, place.cast, place.cast.learner)
    with writing(place.app):
        credits.return_award(auditor, award_id, version=1, **SAID)
    assert "2026年4月1日的学分“糖尿病足早期识别”退回给您补充：" in shown(doctor)
    assert opened(doctor) == f"/credits/awards/{award_id}"
    with writing(place.app):
        credits.reply_to_award(place.cast.learner.actor, award_id, text="签到表在附件里。")
    assert "没有消息" in shown(doctor)


def test_what_was_returned_is_over_when_it_is_decided(place: Place) -> None:
    doctor, auditor = place.browser(place.cast.learner), place.cast.county_auditor.actor
    award_id = award_of(place.app, place.cast, place.cast.learner)
    with writing(place.app):
        credits.return_award(auditor, award_id, version=1, **SAID)
        credits.approve_award(auditor, award_id, version=2)
    assert "没有消息" in shown(doctor)


def test_a_certificate_is_told_when_it_is_drawn_and_not_after_it_is_revoked(place: Place, work_off: WorkOff) -> None:
    doctor, auditor = place.browser(place.cast.learner), place.cast.county_auditor.actor
    award_id = award_of(place.app, place.cast, place.cast.learner, **FACE)
    assert "没有消息" in shown(doctor)
    work_off(place.app)
    assert "“县域急诊急救能力提升”的证书好了，可以下载。" in shown(doctor)
    assert opened(doctor) == "/certificates"
    reverse(place, auditor, award_id)
    assert "没有消息" in shown(doctor)


def reverse(place: Place, auditor: Actor, award_id: UUID) -> None:
    second = place.cast.province_auditor.actor
    with writing(place.app):
        if not credits.reverse_award(auditor, award_id, version=1, reason_code="mistake", text="重复登记。"):
            credits.answer_proposal(second, award_id, "confirm", version=2)


# The year -------------------------------------------------------------------------------------------


@pytest.fixture
def autumn(app: Flask, cast: Cast) -> Iterator[None]:
    """The autumn of 2026, whatever day it is outside: everybody's year is counted, and far from its end."""
    with clock.held_at(datetime(2026, 10, 15, 2, tzinfo=UTC)):
        with writing(app):
            for one in cast.members:
                commands.refresh(one.person_id, 2026)
        yield


def told(app: Flask, person_id: UUID) -> list[tuple[str, bool]]:
    with reading(app):
        found = session().execute(
            select(Notice.key, Notice.settled_at.is_not(None))
            .where(Notice.person_id == person_id, Notice.kind == "deadline")
            .order_by(Notice.key.desc())
        )
        return [(row[0], bool(row[1])) for row in found]


def morning(app: Flask, day: str, work_off: WorkOff, hour: str = "06:10") -> None:
    moment = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=CIVIL).astimezone(UTC)
    with app.app_context(), clock.held_at(moment):
        with writing(app):
            reminding.hourly()
        work_off(app)


@pytest.mark.usefixtures("autumn")
def test_who_lacks_is_reminded_sixty_and_fourteen_days_before_the_end(
    app: Flask, cast: Cast, work_off: WorkOff
) -> None:
    hers, staff = cast.learner.person_id, cast.author.person_id
    morning(app, "2026-10-31", work_off)
    morning(app, "2026-11-05", work_off, "07:10")
    assert told(app, hers) == []
    for day in ("2026-11-01", "2026-11-01", "2026-11-02", "2026-12-16"):
        morning(app, day, work_off)
        assert told(app, hers) == [("credit-year:2026:60", False)], day
    for day in ("2026-12-17", "2026-12-31"):
        morning(app, day, work_off)
        assert told(app, hers) == [("credit-year:2026:60", True), ("credit-year:2026:14", False)], day
    assert told(app, staff) == [], "nothing is asked of staff"
    assert len(told(app, cast.colleague.person_id)) == 2


@pytest.mark.usefixtures("autumn")
def test_who_lacks_nothing_any_more_is_not_reminded_any_more(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: Callable[[FlaskClient, Member], FlaskClient],
    work_off: WorkOff,
) -> None:  # fmt: skip
    full = add_doctor(app, cast, 800)
    with writing(app):
        commands.refresh(full, 2026)
    spoil(app, full, 2026, compliance="pass", lacking="", gap_credits_milli=0, gap_hours_milli=0)
    morning(app, "2026-11-23", work_off)
    assert told(app, full) == []
    doctor = sign_in(client, cast.learner)
    assert "2026 年的学分还没修够，2026年12月31日截止，最多还有 60 天。" in shown(doctor)
    for number in range(3):
        award_of(app, cast, cast.learner, **(FACE | {"project_number": f"2026-14-00-{number:03d}"}))
    with reading(app):
        assert session().get_one(YearResult, (cast.learner.person_id, 2026)).compliance == "pass"
    morning(app, "2026-11-23", work_off, "15:10")
    assert told(app, cast.learner.person_id) == [("credit-year:2026:60", True)]
    assert "还没修够" not in shown(doctor)


def test_a_year_that_is_over_is_not_spoken_of(app: Flask, cast: Cast, work_off: WorkOff) -> None:
    morning(app, "2027-01-01", work_off)
    with writing(app), clock.held_at(datetime(2027, 1, 1, 3, tzinfo=UTC)):
        start, end = next(commands.ranges())
        assert reminding.remind(2026, start, end) == 0
    assert told(app, cast.learner.person_id) == []
