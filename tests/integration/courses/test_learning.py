"""A learner's way: find, enrol, read, check herself, finish; nothing is lost, nothing counts twice."""

import re
from datetime import UTC, datetime
from threading import Thread
from uuid import UUID

import pytest
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import func, select

from lms.courses import commands, editions, queries
from lms.courses.events import CourseFinished, Enrolled
from lms.courses.models import CheckAnswer, Enrolment, LessonProgress
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.uow import unit_of_work


@pytest.fixture
def told(app: Flask):
    """Events of courses that were told while the test ran."""
    heard: list[object] = []
    bus = app.extensions["xinglin.bus"]
    for kind in (CourseFinished, Enrolled):
        bus.on(kind, heard.append)
    yield heard
    for kind in (CourseFinished, Enrolled):
        bus.reactions[kind].remove(heard.append)


def rows(app: Flask, model: type) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(model)) or 0


def begin(client: FlaskClient, slug: str = "sample") -> str:
    """Enrol through the course page; the address of the lesson it leads to."""
    answer = post_form(client, f"/courses/{slug}", action="/enrol")
    assert answer.status_code == 303
    return answer.location


def enrolment_of(address: str) -> UUID:
    return UUID(re.findall(r"/learn/([0-9a-f-]{36})/", address)[0])


def test_anybody_may_look_at_a_course(client: FlaskClient, publish) -> None:
    publish()
    page = client.get("/courses/sample")
    assert page.status_code == 200
    assert "演示内容，未经临床审核" in page.text
    assert "登录后开始学" in page.text
    assert client.get("/courses/nothing").status_code == 404


def test_it_works(client: FlaskClient, app: Flask, cast: Cast, sign_in, publish, told) -> None:
    publish(assessment=False)
    sign_in(client, cast.learner)
    first = begin(client)
    assert first.endswith("/part-1")
    answer = post_form(client, first, action="/finish")
    assert answer.location.endswith("/part-2")
    course = client.get("/courses/sample").text
    assert "继续学第 2 课" in course
    assert told == [one for one in told if isinstance(one, Enrolled)]
    answer = post_form(client, answer.location, action="/finish")
    assert answer.location == "/courses/sample"
    assert "已学完" in client.get("/courses/sample").text
    finished = [one for one in told if isinstance(one, CourseFinished)]
    assert [(one.course_code, one.person_id) for one in finished] == [("XL-TST", cast.learner.person_id)]


def test_enrolling_is_idempotent(client: FlaskClient, app: Flask, cast: Cast, sign_in, publish, told) -> None:
    publish()
    sign_in(client, cast.learner)
    page = client.get("/courses/sample").text
    form = next(one for one in forms_of(page) if one["action"].endswith("/enrol"))
    data = dict(form["fields"])
    answers = [client.post("/courses/sample/enrol", data=data) for _ in range(3)]
    assert len({answer.location for answer in answers}) == 1
    assert rows(app, Enrolment) == 1
    assert len(told) == 1


def test_finishing_twice_changes_nothing(client: FlaskClient, app: Flask, cast: Cast, sign_in, publish, told) -> None:
    publish(assessment=False)
    sign_in(client, cast.learner)
    first = begin(client)
    form = next(one for one in forms_of(client.get(first).text) if one["action"].endswith("/finish"))
    data = dict(form["fields"])
    for _ in range(3):
        assert client.post(str(form["action"]), data=data).location.endswith("/part-2")
    assert rows(app, LessonProgress) == 1
    second = first.replace("part-1", "part-2")
    for _ in range(3):
        assert client.post(f"{second}/finish", data=data).status_code == 303
    assert len([one for one in told if isinstance(one, CourseFinished)]) == 1


def test_a_get_changes_nothing(client: FlaskClient, app: Flask, cast: Cast, sign_in, publish) -> None:
    publish()
    sign_in(client, cast.learner)
    first = begin(client)
    for address in ("/courses", "/courses/sample", first, f"{first}?again=TST-C01"):
        assert client.get(address).status_code == 200
    assert client.get("/courses/sample/enrol").status_code == 405
    assert client.get(f"{first}/finish").status_code == 405
    assert (rows(app, LessonProgress), rows(app, Enrolment)) == (0, 1)


def test_it_refuses_a_stranger(app: Flask, client: FlaskClient, cast: Cast, sign_in, publish) -> None:
    publish()
    sign_in(client, cast.learner)
    first = begin(client)
    other = sign_in(app.test_client(), cast.colleague)
    token = dict(forms_of(other.get("/courses/sample").text)[0]["fields"])["csrf_token"]
    assert other.get(first).status_code == 404
    assert other.post(f"{first}/finish", data={"csrf_token": token}).status_code == 404
    answer = other.post(
        f"{first}/check",
        data={
            "csrf_token": token,
            "code": "TST-C01",
            "choice": "1",
            "answer_id": "019a0000-0000-7000-8000-000000000001",
        },
    )
    assert answer.status_code == 404
    nobody = app.test_client()
    assert nobody.get(first).status_code == 303
    assert (rows(app, LessonProgress), rows(app, CheckAnswer)) == (0, 0)


def test_it_refuses_a_form_without_its_token(client: FlaskClient, app: Flask, cast: Cast, sign_in, publish) -> None:
    publish()
    sign_in(client, cast.learner)
    assert client.post("/courses/sample/enrol").status_code == 400
    assert rows(app, Enrolment) == 0


def test_a_self_check_answers_at_once_and_can_be_tried_again(
    client: FlaskClient, app: Flask, cast: Cast, sign_in, publish
) -> None:
    publish()
    sign_in(client, cast.learner)
    first = begin(client)
    page = client.get(first).text
    assert "因为乙。" not in page
    answer = post_form(client, first, {"choice": "1"}, action="/check")
    assert answer.status_code == 303
    assert answer.location.endswith("#check-TST-C01")
    page = client.get(first).text
    assert "因为乙。" in page
    assert ("答对了" in page) or ("再看一看" in page)
    again = client.get(f"{first}?again=TST-C01").text
    assert "因为乙。" not in again
    assert rows(app, CheckAnswer) == 1


def test_a_repeated_answer_adds_nothing_and_a_changed_one_counts(
    client: FlaskClient, app: Flask, cast: Cast, sign_in, publish
) -> None:
    publish()
    sign_in(client, cast.learner)
    first = begin(client)
    form = next(one for one in forms_of(client.get(first).text) if one["action"].endswith("/check"))
    data = {**dict(form["fields"]), "choice": "1"}
    for _ in range(3):
        assert client.post(f"{first}/check", data=data).status_code == 303
    assert rows(app, CheckAnswer) == 1
    data["choice"] = "2"
    for _ in range(2):
        client.post(f"{first}/check", data=data)
    assert rows(app, CheckAnswer) >= 2


@pytest.mark.parametrize("choice", [[], ["9"], ["x"], ["1", "2"]])
def test_an_answer_that_is_none_says_so_and_is_not_kept(
    client: FlaskClient, app: Flask, cast: Cast, sign_in, publish, choice: list[str]
) -> None:
    publish()
    sign_in(client, cast.learner)
    first = begin(client)
    form = next(one for one in forms_of(client.get(first).text) if one["action"].endswith("/check"))
    answer = client.post(f"{first}/check", data={**dict(form["fields"]), "choice": choice}, follow_redirects=True)
    assert answer.status_code == 200
    assert "toast back" in answer.text
    assert rows(app, CheckAnswer) == 0


def test_prerequisites_come_first(client: FlaskClient, app: Flask, cast: Cast, sign_in, publish) -> None:
    publish(assessment=False)
    publish(code="XL-TWO", slug="second", prerequisites='["XL-TST"]')
    sign_in(client, cast.learner)
    page = client.get("/courses/second").text
    assert "先学完前面的课" in page
    assert not [one for one in forms_of(page) if one["action"].endswith("/enrol")]
    with app.app_context(), unit_of_work(), pytest.raises(Invalid):
        commands.enrol(cast.learner.actor, "second")
    first = begin(client)
    second = post_form(client, first, action="/finish").location
    post_form(client, second, action="/finish")
    assert begin(client, "second").endswith("/part-1")


def test_a_new_round_starts_in_a_later_year_only(app: Flask, client: FlaskClient, cast: Cast, sign_in, publish) -> None:
    publish(assessment=False, lessons=1)
    with clock.held_at(datetime(2025, 5, 1, tzinfo=UTC)), app.app_context(), unit_of_work():
        one = commands.enrol(cast.learner.actor, "sample")
        lesson = queries.studying(cast.learner.person_id)[0].next_lesson
        assert lesson is not None
        commands.finish_lesson(cast.learner.actor, one, lesson.id)
    december = datetime(2025, 12, 1, tzinfo=UTC)
    with clock.held_at(december), app.app_context(), unit_of_work(), pytest.raises(Conflict):
        commands.enrol(cast.learner.actor, "sample")
    with clock.held_at(datetime(2026, 2, 1, tzinfo=UTC)), app.app_context(), unit_of_work():
        two = commands.enrol(cast.learner.actor, "sample")
        card = queries.enrolment(two)
        assert card is not None
        assert (two != one, card.round, card.lessons_done, card.finished_at) == (True, 2, 0, None)


def test_the_gate_and_the_last_lesson_finish_the_course_in_either_order(app: Flask, cast: Cast, publish, told) -> None:
    publish(lessons=1)
    for member, gate_first in ((cast.learner, True), (cast.colleague, False)):
        with app.app_context(), unit_of_work():
            enrolment_id = commands.enrol(member.actor, "sample")
            lesson = queries.studying(member.person_id)[0].next_lesson
            assert lesson is not None
        steps = [
            lambda e=enrolment_id: commands.open_gate(e, "assessment"),
            lambda e=enrolment_id, m=member, one=lesson.id: commands.finish_lesson(m.actor, e, one),
        ]
        for number, step in enumerate(steps if gate_first else reversed(steps)):
            with app.app_context(), unit_of_work():
                step()
                step()
            finished = [one for one in told if isinstance(one, CourseFinished) and one.enrolment_id == enrolment_id]
            assert len(finished) == number
        with app.app_context(), unit_of_work(write=False):
            card = queries.enrolment(enrolment_id)
            assert card is not None
            assert (card.gates, card.all_read) == (("assessment",), True)
            assert card.finished_at is not None


def test_gate_and_lesson_at_the_same_moment_finish_it_once(app: Flask, cast: Cast, publish, told) -> None:
    publish(lessons=1)
    with app.app_context(), unit_of_work():
        enrolment_id = commands.enrol(cast.learner.actor, "sample")
        lesson = queries.studying(cast.learner.person_id)[0].next_lesson
        assert lesson is not None
        lesson_id = lesson.id

    def gate() -> None:
        with app.app_context(), unit_of_work():
            commands.open_gate(enrolment_id, "assessment")

    def last() -> None:
        with app.app_context(), unit_of_work():
            commands.finish_lesson(cast.learner.actor, enrolment_id, lesson_id)

    threads = [Thread(target=one) for one in (gate, last) * 6]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in told if isinstance(one, CourseFinished)]) == 1


def test_a_lesson_of_another_edition_is_not_found(app: Flask, cast: Cast, publish) -> None:
    publish()
    other = publish(code="XL-TWO", slug="second")
    with app.app_context(), unit_of_work():
        enrolment_id = commands.enrol(cast.learner.actor, "sample")
        foreign = editions.edition(other).lessons[0].id
        with pytest.raises(NotFound):
            commands.finish_lesson(cast.learner.actor, enrolment_id, foreign)


def test_pages_keep_their_budget_of_sql(client: FlaskClient, cast: Cast, sign_in, publish, count_sql) -> None:
    publish()
    publish(code="XL-TWO", slug="second", prerequisites='["XL-TST"]')
    sign_in(client, cast.learner)
    first = begin(client)
    post_form(client, first, {"choice": "1"}, action="/check")
    budgets = (
        ("/courses", 6),
        ("/courses?q=血压&subject=chronic-disease&credit=y&lacking=y", 6),
        ("/courses/sample", 5),
        ("/courses/second", 5),
        (first, 5),
    )
    for address, most in budgets:
        client.get(address)
        with count_sql() as seen:
            assert client.get(address).status_code == 200
        assert len(seen) <= most, (address, list(seen))


def test_both_languages_render(client: FlaskClient, cast: Cast, sign_in, publish) -> None:
    publish()
    sign_in(client, cast.learner)
    first = begin(client)
    post_form(client, "/courses", {"language": "en"}, action="/account/language")
    for address in ("/courses", "/courses/sample", first):
        page = client.get(address).text
        assert '<html lang="en"' in page
        main = page[page.index('id="main"') : page.index("</main>")]
        main = re.sub(r"<article.*</article>", "", main, flags=re.DOTALL)
        left = re.findall(r"[^<>]*[\u4e00-\u9fff][^<>]*", main)
        assert not [one for one in left if one != "云岭县基层卫生培训中心"], (address, left)


def test_a_warm_lesson_is_small(client: FlaskClient, cast: Cast, sign_in, publish) -> None:
    publish()
    sign_in(client, cast.learner)
    answer = client.get(begin(client), headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) <= 12_000
