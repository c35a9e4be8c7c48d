"""A finished course without credit brings a certificate of completion, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from uuid import UUID

from cast import Cast, Member
from certificate_stage import certificates_of, give_award, only_certificate
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from lms.certificates import commands
from lms.certificates.facts import Kind
from lms.courses import commands as courses
from lms.courses import parts as course_parts
from lms.courses import queries as course_queries
from lms.kernel.uow import unit_of_work

CONTENT = Path(__file__).parents[3] / "content" / "courses"


def finish_course(app: Flask, member: Member, slug: str = "hypertension") -> UUID:
    """Publish a course of ours, let a member finish it; the enrolment's id."""
    with app.app_context(), unit_of_work():
        courses.publish_folder(CONTENT / slug, dated=False)
        enrolment_id = courses.enrol(member.actor, slug)
    with app.app_context(), unit_of_work():
        card = course_queries.enrolment(enrolment_id)
        assert card is not None
        for lesson in course_queries.editions.edition(card.edition_id).lessons:
            courses.finish_lesson(member.actor, enrolment_id, lesson.id)
        courses.open_gate(enrolment_id, course_queries.ASSESSMENT)
    return enrolment_id


def test_it_is_issued_when_the_course_carries_no_credit(
    app: Flask,
    cast: Cast,
    client: FlaskClient,
    sign_in: Callable[..., FlaskClient],
    work_off: Callable[[Flask], int],
) -> None:
    enrolment_id = finish_course(app, cast.learner)
    work_off(app)
    card = only_certificate(app, cast.learner.person_id)
    assert (card.kind, card.credits, card.enrolment_id) == (Kind.COMPLETION, None, enrolment_id)
    answer = sign_in(client, cast.learner).get(f"/certificates/{card.id}.pdf")
    text = "".join(PdfReader(BytesIO(answer.data)).pages[0].extract_text().split())
    assert "课程结业证书" in text
    assert "学科慢性病" in text
    assert "举办单位云岭县基层卫生培训中心" in text
    page = client.get(f"/verify/{card.token}").text
    assert "这张证书有效" in page
    assert "课程结业证书查验" in page


def test_the_course_page_leads_to_it(app: Flask, cast: Cast, work_off: Callable[[Flask], int]) -> None:
    enrolment_id = finish_course(app, cast.learner)
    with app.test_request_context(), unit_of_work(write=False):
        card = course_queries.enrolment(enrolment_id)
        assert card is not None
        (outcome,) = course_parts.course_outcomes(card)
        assert outcome.url == "/certificates"
    work_off(app)
    with app.test_request_context(), unit_of_work(write=False):
        (outcome,) = course_parts.course_outcomes(card)
        assert outcome.url.endswith(".pdf")


def test_it_is_issued_once(app: Flask, cast: Cast) -> None:
    enrolment_id = finish_course(app, cast.learner)
    for _ in range(3):
        with app.app_context(), unit_of_work():
            commands.issue_for_completion(enrolment_id)
    assert len(certificates_of(app, cast.learner.person_id)) == 1


def test_many_at_once_make_one(app: Flask, cast: Cast) -> None:
    award_id = give_award(app, cast, cast.learner.person_id)
    with app.app_context(), unit_of_work():
        commands.revoke_for_award(award_id)

    def issue(_number: int) -> None:
        with app.app_context(), unit_of_work():
            commands.issue_for_award(award_id, None)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(issue, range(24)))
    live = [c for c in certificates_of(app, cast.learner.person_id) if c.revoked_on is None]
    assert len(live) == 1
