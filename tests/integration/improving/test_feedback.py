"""A rating and words, once a person and lesson; the centre answers, and she reads it where she spoke."""

import re
from datetime import timedelta

import pytest
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from improving_stage import begin, more_people
from pages import forms_of, post_form
from sqlalchemy import func, select

from lms.courses import commands as courses
from lms.courses import editions
from lms.improving import counting, feedback, personal
from lms.improving.models import Feedback
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

WORDS = "/studio/courses/sample/words"
HOSTILE = '<script>alert(1)</script> "看不懂" =1+1'


@pytest.fixture
def doctor(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.learner)


@pytest.fixture
def author(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.author)


@pytest.fixture
def lesson(app: Flask, cast: Cast, publish) -> str:
    """The address of the first lesson of a course that the learner has begun."""
    edition_id = publish(assessment=False)
    with app.app_context(), unit_of_work():
        enrolment = courses.enrol(cast.learner.actor, "sample")
        return f"/learn/{enrolment}/{editions.edition(edition_id).lessons[0].slug}"


def kept(app: Flask) -> list[tuple[int, str, str]]:
    with app.app_context(), unit_of_work(write=False):
        rows = session().execute(select(Feedback.rating, Feedback.text, Feedback.answer).order_by(Feedback.id))
        return [tuple(row) for row in rows]


def test_two_taps_with_the_lesson_and_words_later(app: Flask, doctor: FlaskClient, lesson: str) -> None:
    assert post_form(doctor, lesson, {"rating": "4"}, action="/finish").status_code == 303
    assert kept(app) == [(4, "", "")]
    assert "您评的是：" in doctor.get(lesson).text
    assert post_form(doctor, f"{lesson}/feedback", {"rating": "2", "text": HOSTILE}).status_code == 303
    assert post_form(doctor, f"{lesson}/feedback", {"rating": "2", "text": HOSTILE}).status_code == 303
    assert kept(app) == [(2, HOSTILE, "")]
    page = doctor.get(lesson).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_lesson_is_finished_without_a_word(app: Flask, doctor: FlaskClient, lesson: str) -> None:
    assert post_form(doctor, lesson, action="/finish").status_code == 303
    assert kept(app) == []
    assert "说说这一课" in doctor.get(lesson).text


def test_what_is_refused(app: Flask, cast: Cast, doctor: FlaskClient, lesson: str, sign_in) -> None:
    page = f"{lesson}/feedback"
    unread = post_form(doctor, page, {"rating": "5"})
    assert unread.status_code == 409
    assert "先学完这一课" in unread.text
    token = next(dict(one["fields"])["csrf_token"] for one in forms_of(doctor.get(lesson).text))
    wrong = doctor.post(f"{lesson}/finish", data={"csrf_token": token, "rating": "9"})
    assert (wrong.status_code, kept(app)) == (422, [])
    assert 'action="' + lesson + '/finish"' in doctor.get(lesson).text
    post_form(doctor, lesson, action="/finish")
    for fill, said in (
        ({"rating": "0", "text": "好"}, "请从列出的几项里选一项。"),
        ({"rating": "6", "text": "好"}, "请从列出的几项里选一项。"),
        ({"rating": "", "text": "好"}, "请填写这一项。"),
        ({"rating": "5", "text": "长" * 34_000}, "最多 1000 个字。"),
    ):
        answer = post_form(doctor, page, fill)
        assert (answer.status_code, said in answer.text) == (422, True), fill["rating"]
    colleague = sign_in(app.test_client(), cast.colleague)
    assert colleague.get(page).status_code == 404
    assert post_form(doctor, "/courses/sample/feedback", {"rating": "5"}).status_code == 409
    assert colleague.get("/courses/sample/feedback").status_code == 404
    assert kept(app) == []


def test_the_centre_answers(app: Flask, cast: Cast, doctor: FlaskClient, author: FlaskClient, lesson: str, sign_in):
    post_form(doctor, lesson, {"rating": "1"}, action="/finish")
    assert "还没有人说话" in author.get(WORDS).text
    post_form(doctor, f"{lesson}/feedback", {"rating": "1", "text": HOSTILE})
    page = author.get(WORDS).text
    assert "等答复" in page
    studio = author.get("/studio/courses/sample").text
    assert "1 条留言等答复" in studio
    (link,) = re.findall(r'href="([^"]*words[?]waiting=y)"', studio)
    assert "等答复" in author.get(link).text
    assert "&lt;script&gt;alert" in page
    assert cast.learner.name not in page
    assert post_form(author, WORDS, {"text": "长" * 1001}, action="/answer").status_code == 422
    assert post_form(author, WORDS, {"text": " "}, action="/answer").status_code == 422
    answered = post_form(author, link, {"text": "已经改写了。"}, action="/answer")
    assert answered.location.endswith("waiting=y"), "back to what still waits"
    assert "都答复过了" in author.get(answered.location).text
    assert "条留言等答复" not in author.get("/studio/courses/sample").text
    assert "答复过" in author.get(WORDS).text
    assert "已经改写了。" in doctor.get(lesson).text
    with clock.held_at(clock.now() + timedelta(minutes=1)):
        post_form(doctor, f"{lesson}/feedback", {"rating": "1", "text": "还是看不懂"})
        assert "1 条留言等答复" in author.get("/studio/courses/sample").text
    assert "等答复" in author.get(WORDS).text
    stranger = sign_in(app.test_client(), cast.stranger)
    assert stranger.get(WORDS).status_code == 404
    form = next(one for one in forms_of(author.get(WORDS).text) if one["action"].endswith("/answer"))
    own = next(dict(one["fields"])["csrf_token"] for one in forms_of(stranger.get("/studio").text))
    assert stranger.post(form["action"], data={"csrf_token": own, "text": "好"}).status_code == 404
    assert kept(app) == [(1, "还是看不懂", "已经改写了。")]


def test_who_answers_the_last_words_of_a_page_is_not_told_that_none_wait(
    app: Flask, doctor: FlaskClient, author: FlaskClient, lesson: str, monkeypatch
) -> None:
    post_form(doctor, lesson, {"rating": "1"}, action="/finish")
    post_form(doctor, f"{lesson}/feedback", {"rating": "1", "text": "看不懂"})
    page = author.get(f"{WORDS}?waiting=y&page=2").text
    assert "看不懂" in page
    assert "都答复过了" not in page


def test_a_finished_course_is_rated(app: Flask, doctor: FlaskClient, lesson: str) -> None:
    post_form(doctor, lesson, action="/finish")
    post_form(doctor, lesson.replace("part-1", "part-2"), action="/finish")
    assert "说说这门课" in doctor.get("/courses/sample").text
    assert post_form(doctor, "/courses/sample/feedback", {"rating": "5", "text": "好"}).status_code == 303
    assert kept(app) == [(5, "好", "")]


def test_too_many_in_an_hour(app: Flask, doctor: FlaskClient, lesson: str, monkeypatch) -> None:
    post_form(doctor, lesson, action="/finish")
    monkeypatch.setattr(feedback, "MOST", 1)
    assert post_form(doctor, f"{lesson}/feedback", {"rating": "5"}).status_code == 303
    assert post_form(doctor, f"{lesson}/feedback", {"rating": "1"}).status_code == 429
    assert kept(app) == [(5, "", "")]


def test_ratings_are_counted_and_few_are_not_told(app: Flask, cast: Cast, author: FlaskClient, publish) -> None:
    edition_id = publish()
    people = more_people(app, cast, 6)
    with app.app_context(), unit_of_work():
        course_id = editions.edition(edition_id).course_id
        slugs = [one.slug for one in editions.edition(edition_id).lessons]
        for number, person in enumerate(people):
            begin(person, edition_id, clock.now())
            for slug, rating in ((slugs[0], 5 if number else 1), (slugs[1], 3)):
                if slug == slugs[0] or number < 4:
                    session().add(Feedback(
                        id=new_id(), person_id=person, course_id=course_id,
                        edition_id=edition_id, lesson_slug=slug, rating=rating, at=clock.now(),
                    ))  # fmt: skip
        session().flush()
        counting.count(edition_id)
    page = re.sub(' data-l="[^"]*"', "", author.get("/studio/courses/sample/results").text)
    table = page.split("有用吗（1—5）</summary>", 1)[1].split("</table>", 1)[0]
    assert '<th scope="row">第 1 课</th><td class="r num">6</td><td class="r num">4.3</td>' in table
    assert '<th scope="row">第 2 课</th><td class="r num">4</td><td class="r num">—</td>' in table
    picture = page.split('id="rated"', 1)[1].split("</svg>", 1)[0]
    assert "4.3 分（6 人）" in picture
    assert "4 人，太少，不细说" in picture


def test_at_the_end_her_words_go(app: Flask, cast: Cast, doctor: FlaskClient, lesson: str) -> None:
    post_form(doctor, lesson, {"rating": "3"}, action="/finish")
    post_form(doctor, f"{lesson}/feedback", {"rating": "3", "text": "我在石门沟"})
    with app.app_context(), unit_of_work():
        personal.KEEPER.erase(cast.learner.person_id)
    assert kept(app) == [(3, "", "")]
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(Feedback)) == 1
