"""The page of an attendance list, as the administrator uses it, without JavaScript."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from cast import Cast, Member, id_number
from credit_stage import FACE, awards, reading, record
from flask import Flask
from flask.testing import FlaskClient
from list_stage import BORN, FIRST, doctors
from pages import forms_of, post_form
from sqlalchemy import func, select

from lms.certificates.models import Certificate
from lms.credits.models import Activity
from lms.kernel.db import session

SignIn = Callable[[FlaskClient, Member], FlaskClient]
CLINIC = "/admin/activities/list?place=LB-YL-LX-SM"
LECTURE: dict[str, object] = {
    "kind": "unit_lecture", "title": "糖尿病足早期识别", "on_date": "2026-09-18", "hours": "2", "times": "",
}  # fmt: skip
PROJECT: dict[str, object] = {
    "kind": "promotion_project", "title": "县域急诊急救", "started_on": "2026-05-11", "on_date": "2026-05-15",
    "hours": "33", "project_number": "2026-14-00-007", "assessed": "y",
}  # fmt: skip


@pytest.fixture
def admin(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.admin)


def ids(members: list[Member]) -> list[str]:
    return [str(one.person_id) for one in members]


def activities(app: Flask) -> int:
    with reading(app):
        return session().scalar(select(func.count()).select_from(Activity)) or 0


def ticked(page: str) -> set[str]:
    return set(re.findall(r'name="people" value="([^"]+)" checked', page))


def at_field(page: str, name: str, said: str) -> bool:
    """Whether a sentence is the error of a field."""
    start = page.find(f'id="{name}-error')
    return start >= 0 and said in page[start : page.index("</p>", start)]


def test_the_administrator_finds_the_place_ticks_people_and_reads_the_result(
    app: Flask, cast: Cast, admin: FlaskClient
) -> None:
    there = doctors(app, cast, 3)
    record(app, cast, there[0], **FACE)
    assert "登记一份签到表" in admin.get("/admin/activities").text
    chosen = admin.get("/admin/activities/list", query_string={"place": "石门沟村卫生室"}).text
    for member in (*there, cast.learner):
        assert member.name in chosen
    for serial in range(FIRST, FIRST + len(there)):
        assert f"000000********{id_number(serial, BORN)[-4:]}" in chosen
    assert cast.stranger.name not in chosen
    done = post_form(admin, CLINIC, {**PROJECT, "people": ids(there)})
    assert done.status_code == 200
    assert "已登记 3 人" in done.text
    assert "1 人不授学分" in done.text
    assert f'/audit/people/{there[0].person_id}/credits"' in done.text
    assert [one.awarded_milli for one in awards(app, there[1])] == [10_000]
    assert activities(app) == 4
    with reading(app):
        assert session().scalar(select(func.count()).select_from(Certificate)) == 3


def test_the_answer_loaded_again_enters_nothing_again(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    there = doctors(app, cast, 3)
    sent: dict[str, object] = {**LECTURE, "people": ids(there), "list_id": str(uuid4())}
    assert "刚才已经登记过" not in post_form(admin, CLINIC, sent).text
    again = post_form(admin, CLINIC, sent)
    assert "已登记 3 人" in again.text
    assert "刚才已经登记过" in again.text
    late = post_form(admin, CLINIC, {**sent, "people": [*ids(there), str(cast.learner.person_id)]})
    assert "这次新登记 1 人" in late.text
    assert activities(app) == 4
    other = post_form(admin, CLINIC, {**sent, "title": "另一场讲座"})
    assert other.status_code == 409
    assert "内容和这次的不一样" in other.text
    assert ticked(other.text) == set(ids(there))


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"title": ""}, "title", "请填写这一项"),
        ({"hours": "two"}, "hours", "大于 0"),
        ({"hours": ""}, "hours", "请填写这一项"),
        ({"times": "0.5"}, "times", "次数和字数要写整数"),
        ({"on_date": "2026-12-31"}, "on_date", "这一天还没有到"),
        ({"kind": "promotion_project"}, "project_number", "项目要写项目编号"),
        ({"people": []}, "people", "请至少勾选一个人"),
    ],
)
def test_bad_input_names_the_field_and_keeps_every_tick(
    app: Flask, cast: Cast, admin: FlaskClient, wrong: dict[str, object], field: str, said: str
) -> None:
    there = doctors(app, cast, 4)
    fill: dict[str, Any] = {**LECTURE, "people": ids(there[:3]), "holder": "柳溪镇卫生院", **wrong}
    answer = post_form(admin, CLINIC, fill)
    assert answer.status_code == 422
    assert at_field(answer.text, field, said), answer.text[answer.text.find("note no") :][:900]
    assert ticked(answer.text) == set(fill["people"])
    assert 'value="柳溪镇卫生院"' in answer.text
    assert f'href="#{field}"' in answer.text
    assert activities(app) == 0


def test_all_are_ticked_and_the_list_is_filtered_without_scripts(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    there = doctors(app, cast, 3)
    assert ticked(admin.get(CLINIC).text) == set()
    assert ticked(admin.get(f"{CLINIC}&all=1").text) == {*ids(there), *ids([cast.learner, cast.colleague])}
    some = admin.get(f"{CLINIC}&all=1&q={there[1].name}").text
    assert ticked(some) == set(ids(there[1:2]))
    refused = post_form(admin, f"{CLINIC}&all=1&q={there[1].name}", {**LECTURE, "title": ""})
    assert ticked(refused.text) == set(ids(there[1:2])), "the filter stays with a refused form"
    assert there[0].name not in refused.text


def test_people_of_places_below_are_there_and_others_are_not(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    shown = admin.get("/admin/activities/list?place=LB-YL").text
    assert cast.learner.name in shown
    assert cast.county_auditor.name in shown
    assert cast.stranger.name not in shown
    assert f'value="{cast.admin.person_id}"' not in shown, "nobody enters herself"
    assert "换一个单位" in admin.get("/admin/activities/list?place=LB-YL-LX-SM&q=没有这个人").text


@pytest.mark.parametrize("place", ["LB-ST", "LB", "nowhere"])
def test_another_countys_place_is_not_offered(cast: Cast, admin: FlaskClient, place: str) -> None:
    answer = admin.get("/admin/activities/list", query_string={"place": place})
    assert answer.status_code == 422
    assert "您管的范围里没有这个机构" in answer.text
    assert cast.stranger.name not in answer.text


def test_a_stranger_put_into_the_form_is_not_found(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    there = doctors(app, cast, 2)
    for foreign in (str(cast.stranger.person_id), "no-id", str(uuid4())):
        answer = post_form(admin, CLINIC, {**LECTURE, "people": [*ids(there), foreign]})
        assert answer.status_code == 404
    assert post_form(admin, CLINIC, {**LECTURE, "people": [str(cast.admin.person_id)]}).status_code == 403
    assert activities(app) == 0


def test_a_form_without_its_number_is_asked_for_again(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    there = doctors(app, cast, 2)
    answer = post_form(admin, CLINIC, {**LECTURE, "people": ids(there), "list_id": "x"})
    assert (answer.status_code, activities(app)) == (422, 0)
    (form,) = [one for one in forms_of(answer.text) if "list_id" in one["names"]]
    assert len(dict(form["fields"])["list_id"]) == 36


def test_it_is_english_for_who_reads_english(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    there = doctors(app, cast, 2)
    english = {"Accept-Language": "en"}
    assert "Tick all" in admin.get(CLINIC, headers=english).text
    with admin.session_transaction() as kept:
        token = kept["csrf"]
    data = {**LECTURE, "people": ids(there), "list_id": str(uuid4()), "place": "LB-YL-LX-SM", "csrf_token": token}
    answer = admin.post("/admin/activities/list", data=data, headers=english)
    assert "2 people recorded" in answer.text
