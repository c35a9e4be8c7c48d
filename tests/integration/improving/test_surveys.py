"""Surveys: written by the centre, frozen once published, answered once, kept as counts without a person."""

import io
import re
from datetime import timedelta

import pytest
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from improving_stage import begin, more_people
from pages import forms_of, post_form
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from lms.improving import personal, surveys
from lms.improving.models import Survey, SurveyCount, SurveyTaken, SurveyText
from lms.improving.rules import FOLLOW_UP_DAYS
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.db import Model, session
from lms.kernel.uow import unit_of_work

LIST = "/studio/courses/sample/surveys"
TITLES = {"title_zh": "课程评价表", "title_en": "Evaluation"}
def _asked(kind: str, zh: str, en: str, *options: str) -> dict[str, object]:
    made: dict[str, object] = {"kind": kind, "text_zh": zh, "text_en": en}
    return made | ({"options_zh": options[0], "options_en": options[1]} if options else {})


QUESTIONS = (
    _asked("scale", "讲得清楚吗", "Was it clear", "不清楚\n很清楚", "No\nYes"),
    _asked("one", "在哪里学的", "Where", "家里\n卫生室", "Home\nClinic"),
    _asked("several", "现在做什么", "You now", "量血压\n转诊", "Measure\nRefer"),
    _asked("number", "每周几次", "How often"),
    _asked("text", "还想说", "Anything else"),
)
GIVEN = {"q0": "4", "q1": "1", "q2": ["0", "1"], "q3": "12", "q4": "<b>多讲例子</b>"}


@pytest.fixture
def author(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.author)


@pytest.fixture
def doctor(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.learner)


def made(author: FlaskClient, kind: str = "evaluation") -> str:
    """A draft with a question of each kind; its address."""
    answer = post_form(author, LIST, {"kind": kind, **TITLES})
    assert answer.status_code == 303, answer.text
    for one in QUESTIONS:
        assert post_form(author, answer.location, dict(one), action="/questions").status_code == 303
    return str(answer.location)


def published(author: FlaskClient, kind: str = "evaluation") -> str:
    """The address at which learners answer it."""
    address = made(author, kind)
    assert post_form(author, address, action="/publish").status_code == 303
    return address.replace("/studio", "")


def finished(app: Flask, cast: Cast, publish, days: int = 1) -> None:
    edition_id = publish()
    with app.app_context(), unit_of_work():
        day = clock.now() - timedelta(days=days)
        begin(cast.learner.person_id, edition_id, day - timedelta(days=2), finished_at=day)


def rows(app: Flask, model: type[Model]) -> list[tuple[object, ...]]:
    with app.app_context(), unit_of_work(write=False):
        return [tuple(row) for row in session().execute(select(model.__table__))]


def test_written_published_answered_once(app: Flask, cast: Cast, author, doctor, publish) -> None:
    finished(app, cast, publish)
    address = published(author)
    assert address in doctor.get("/courses/sample").text
    assert post_form(doctor, address, GIVEN).status_code == 303
    assert address not in doctor.get("/courses/sample").text
    assert "已经办过" in doctor.get(address).text
    token = next(dict(one["fields"])["csrf_token"] for one in forms_of(doctor.get("/today").text))
    again = doctor.post(address, data={"csrf_token": token, **GIVEN})
    assert again.status_code == 303
    assert "没有再算一次" in doctor.get(again.location).text
    counts = {row[1:] for row in rows(app, SurveyCount)}
    assert counts == {
        (-1, 0, 1), (0, 4, 1), (1, 1, 1), (2, 0, 1), (2, 1, 1), (2, -1, 1), (3, 12, 1), (4, -1, 1),
    }  # fmt: skip
    assert len(rows(app, SurveyTaken)) == 1


def test_no_answer_has_a_person(app: Flask, cast: Cast, author, doctor, publish) -> None:
    """Neither a column of an answer, nor an id that tells the time, nor the centre's page."""
    finished(app, cast, publish)
    address = published(author)
    post_form(doctor, address, GIVEN)
    for model in (SurveyCount, SurveyText):
        assert not {"person_id", "by", "at", "on"} & set(model.__table__.columns.keys())
    (text_id, *_), = rows(app, SurveyText)
    assert text_id.version == 4
    page = author.get("/studio" + address).text
    assert "答了 1 人" in page
    for told in (cast.learner.name, "多讲例子", "class=\"f1\""):
        assert told not in page


def test_what_many_answered_is_shown_as_counts(app: Flask, cast: Cast, author, publish) -> None:
    edition_id = publish()
    people = more_people(app, cast, 6)
    address = published(author)
    with app.app_context(), unit_of_work():
        survey_id = session().scalar(select(Survey.id))
        for number, person in enumerate(people):
            begin(person, edition_id, clock.now(), finished_at=clock.now())
            given = {"q0": [str(1 + number % 2 * 4)], "q2": ["0"], "q3": [str(number)], "q4": ["<b>多讲例子</b>"]}
            surveys.take(Actor(person), survey_id, given if number else {"q1": ["0"]})
    page = re.sub(' data-l="[^"]*"', "", author.get("/studio" + address).text)
    assert "&lt;b&gt;多讲例子" in page
    for row in (
        '<th scope="row">1 讲得清楚吗</th><td class="r num"></td><td class="r num">5</td><td class="r num">—</td>',
        '<td class="r num">5 很清楚</td><td class="r num">3</td><td class="r num">60.0</td>',
        '<td class="r num">平均</td><td class="r num">3.4</td>',
        '<th scope="row">2 在哪里学的</th><td class="r num"></td><td class="r num">1</td><td class="r num">—</td></tr>'
        '\n<tr><th scope="row">3',
        '<td class="r num">量血压</td><td class="r num">5</td><td class="r num">100.0</td>',
    ):
        assert row in page, row
    book = CalamineWorkbook.from_filelike(io.BytesIO(author.get(f"/studio{address}/results.xlsx").data))
    sheet = book.get_sheet_by_name("问卷结果").to_python()
    assert ["", "5 很清楚", 3, 60.0] in [row[:4] for row in sheet]
    assert len([row for row in book.get_sheet_by_name("写的话").to_python() if "多讲例子" in str(row[1])]) == 5


def test_practice_is_asked_after_three_months_until_dealt_with(app: Flask, cast, author, doctor, publish) -> None:
    finished(app, cast, publish, days=FOLLOW_UP_DAYS - 1)
    address = published(author, "practice")
    assert address not in doctor.get("/today").text
    assert doctor.get(address).status_code == 404
    with clock.held_at(clock.now() + timedelta(days=2)):
        assert address in doctor.get("/today").text
        assert post_form(doctor, address, {"decline": "y"}).status_code == 303
        assert address not in doctor.get("/today").text
    assert [row[1:] for row in rows(app, SurveyCount)] == [(-1, 1, 1)]


def test_bad_answers_and_strangers(app: Flask, cast: Cast, author, doctor, publish, sign_in) -> None:
    finished(app, cast, publish)
    address = published(author)
    assert sign_in(app.test_client(), cast.colleague).get(address).status_code == 404
    stranger = sign_in(app.test_client(), cast.stranger)
    for page in (f"/studio{address}", f"/studio{address}/results.xlsx", LIST, address):
        assert stranger.get(page).status_code == 404, page
    for given, said in (
        ({}, "一题也没有答"),
        ({"q0": "6"}, "请从列出的几项里选一项"),
        ({"q1": "2"}, "请从列出的几项里选一项"),
        ({"q1": ["0", "1"]}, "请从列出的几项里选一项"),
        ({"q3": "很多"}, "请填 0 到 9999 的整数"),
        ({"q3": "-1"}, "请填 0 到 9999 的整数"),
        ({"q4": "长" * 34_000}, "最多 1000 个字"),
    ):
        answer = post_form(doctor, address, given)
        assert (answer.status_code, said in answer.text) == (422, True), given
    assert rows(app, SurveyTaken) == []
    assert rows(app, SurveyCount) == []


def test_a_published_survey_is_frozen(app: Flask, cast: Cast, author: FlaskClient, publish) -> None:
    publish()
    address = made(author)
    early = next(one for one in forms_of(author.get(address).text) if one["action"].endswith("/questions"))
    order = next(one for one in forms_of(author.get(address).text) if one["action"].endswith("/order"))
    fields = dict(early["fields"])
    stale = author.post(early["action"], data={**fields, "version": "1", **QUESTIONS[1]})
    assert stale.status_code == 409
    post_form(author, address, action="/publish")
    for form, more in ((early, QUESTIONS[1]), (order, {"do": "out:0"})):
        answer = author.post(form["action"], data={**dict(form["fields"]), **more})
        assert answer.status_code == 409
        assert "不能再改" in answer.text
    assert len(rows(app, Survey)[0][4]) == len(QUESTIONS)
    assert post_form(author, address, action="/close").status_code == 303
    assert "关了" in author.get(LIST).text


def test_a_question_needs_both_languages_and_its_choices(app: Flask, author: FlaskClient, publish) -> None:
    publish()
    assert post_form(author, LIST, {"kind": "evaluation", "title_zh": "只有中文", "title_en": ""}).status_code == 422
    assert post_form(author, LIST, {"kind": "evaluation", "title_zh": "长" * 90, "title_en": "x"}).status_code == 422
    address = str(post_form(author, LIST, {"kind": "evaluation", **TITLES}).location)
    for wrong, said in (
        ({**QUESTIONS[1], "text_en": ""}, "请填写这一项"),
        ({**QUESTIONS[1], "options_en": "Home"}, "一行写一项"),
        ({**QUESTIONS[1], "options_zh": "甲\n乙\n丙"}, "项数要一样"),
        ({**QUESTIONS[0], "options_zh": "一\n二\n三"}, "打分要写两行"),
        ({**QUESTIONS[1], "kind": "essay"}, "请从列出的几项里选一项"),
    ):
        answer = post_form(author, address, dict(wrong), action="/questions")
        assert (answer.status_code, said in answer.text) == (422, True), said
    post_form(author, address, dict(QUESTIONS[1]), action="/questions")
    post_form(author, address, dict(QUESTIONS[3]), action="/questions")
    assert post_form(author, address, {"do": "up:1"}, action="/order").status_code == 303
    assert [one["kind"] for one in rows(app, Survey)[0][4]] == ["number", "one"]
    assert post_form(author, address, {"do": "out:0"}, action="/order").status_code == 303
    assert [one["kind"] for one in rows(app, Survey)[0][4]] == ["one"]


def test_a_question_of_a_draft_goes_down_and_gets_other_words(app: Flask, author: FlaskClient, publish) -> None:
    publish()
    address = made(author)
    kinds = [one["kind"] for one in QUESTIONS]
    assert "down:0" in author.get(address).text
    assert f"down:{len(kinds) - 1}" not in author.get(address).text, "the last one has nowhere to go"
    assert post_form(author, address, {"do": "down:0"}, action="/order").status_code == 303
    assert [one["kind"] for one in rows(app, Survey)[0][4]] == [kinds[1], kinds[0], *kinds[2:]]
    link = f"{address}/questions/1"
    assert link.removeprefix("http://localhost") in author.get(address).text
    page = author.get(link).text
    assert "讲得清楚吗" in page
    form = next(one for one in forms_of(page) if one["action"].endswith("/questions/1"))
    fields = dict(form["fields"])
    assert (fields["text_en"], fields["options_zh"].split()) == ("Was it clear", ["不清楚", "很清楚"])
    refused = author.post(form["action"], data={**fields, **QUESTIONS[0], "text_en": ""})
    assert (refused.status_code, "请填写这一项" in refused.text) == (422, True)
    old = author.post(form["action"], data={**fields, **QUESTIONS[0], "text_en": "", "version": "1"})
    again = next(one for one in forms_of(old.text) if one["action"].endswith("/questions/1"))
    assert dict(again["fields"])["version"] == "1", "a refusal does not hide that somebody was faster"
    beyond = author.post(form["action"].replace("/1", "/9"), data={**fields, **QUESTIONS[0]})
    assert beyond.status_code == 409
    better = {**fields, **QUESTIONS[0], "text_zh": "讲得明白吗"}
    assert author.post(form["action"], data=better).status_code == 303
    assert [one["text"]["zh"] for one in rows(app, Survey)[0][4]][:3] == ["在哪里学的", "讲得明白吗", "现在做什么"]
    assert author.post(form["action"], data=better).status_code == 409, "a page that is older than what is kept"
    assert author.get(f"{address}/questions/9").status_code == 404
    post_form(author, address, action="/publish")
    assert author.get(link).status_code == 404
    assert author.post(form["action"], data=better).status_code == 409


def test_at_the_end_nothing_says_that_she_answered(app: Flask, cast: Cast, author, doctor, publish) -> None:
    finished(app, cast, publish)
    post_form(doctor, published(author), GIVEN)
    with app.app_context(), unit_of_work():
        personal.KEEPER.erase(cast.learner.person_id)
    assert rows(app, SurveyTaken) == []
    assert rows(app, SurveyText)
