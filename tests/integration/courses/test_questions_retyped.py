"""All six types are pasted with their English, and a question becomes one of another type without losing what fits."""

import tomllib
from collections.abc import Callable
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import select

from lms.courses.writing.models import DraftFile
from lms.courses.writing.pasting import read
from lms.courses.writing.retyping import retyped
from lms.items.registry import TYPES
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
ALL = """1. 看脚先看哪里？ | Where do you look first?
A. 脚趾缝 | Between the toes  B. 脚背 | The back
C. 脚踝 | The ankle
答案：A
解析：那里最容易破。 | It breaks there first.

2. 哪些人要看脚？
A. 甲
B. 乙
C. 丙
D. 丁
答案：ABD
英文：Whose feet do you look at?
A. one
B. two
C. three
D. four

3. 看脚要脱袜子。 | Socks come off.
答案：对

4. 每年几次？ | How many times a year?
答案：4
误差：1
单位：次 | times

5. 【配对】配一配 | Match
袖带 | Cuff = 上臂 | Arm
体温计 | Thermometer = 腋下 | Armpit
听诊器 | Stethoscope = 胸前 | Chest

6. 【排序】排一排 | Put in order
1) 坐下 | Sit
2) 脱鞋 | Shoes off
3) 看脚 | Look
"""
COMMON: dict[str, Any] = {"use": "assessment", "topic": "t", "difficulty": 1, "objective": "o", "sources": ["s"]}


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.author)


@pytest.fixture
def empty(author: FlaskClient) -> str:
    made = post_form(author, "/studio/new", {"title": "糖尿病足早发现", "title_en": "Foot"}, action="/new")
    return str(made.location)


def items(app: Flask, address: str) -> list[dict[str, Any]]:
    draft = UUID(address.rpartition("/")[2])
    with app.app_context(), unit_of_work(write=False):
        rows = session().scalars(
            select(DraftFile.text).where(DraftFile.draft_id == draft, DraftFile.path.like("items/%"))
        )
        return [item for text in rows for item in tomllib.loads(text or "").get("item", [])]


def paste(author: FlaskClient, address: str, text: str) -> None:
    shown = post_form(author, f"{address}/questions/paste", {"text": text, "step": "rehearse"}, action="/paste")
    assert shown.status_code == 200, shown.text
    (form,) = [form for form in forms_of(shown.text) if form["action"].endswith("/paste")]
    assert author.post(form["action"], data={**dict(form["fields"]), "step": "take"}).status_code == 303


def test_all_six_types_are_pasted_with_their_english(app: Flask, author: FlaskClient, empty: str) -> None:
    paste(author, empty, ALL)
    found = items(app, empty)
    assert [item["type"] for item in found] == list(TYPES)
    assert all(item["stem"]["en"] for item in found)
    assert found[1]["options"][2]["text"] == {"zh": "丙", "en": "three"}
    assert found[3]["unit"] == {"zh": "次", "en": "times"}
    assert found[4]["pairs"][1]["right"] == {"zh": "腋下", "en": "Armpit"}
    assert found[5]["steps"][0]["text"] == {"zh": "坐下", "en": "Sit"}


def test_a_question_changes_its_type_when_it_is_saved(app: Flask, author: FlaskClient, empty: str) -> None:
    paste(author, empty, ALL)
    code = items(app, empty)[0]["code"]
    page = f"{empty}/questions?edit={code}&as=multiple_response"
    assert "正在换成：多选" in author.get(page).text
    assert items(app, empty)[0]["type"] == "single_choice", "shown, not saved"
    refused = post_form(author, page, {}, action=f"/questions/{code}")
    assert refused.status_code == 422, "a multiple response needs a fourth option"
    assert "正在换成：多选" in refused.text, "what was typed stays a form of the new type"
    saved = post_form(author, page, {"text_4": "小腿", "correct": ["1", "4"]}, action=f"/questions/{code}")
    assert saved.status_code == 303
    item = items(app, empty)[0]
    assert (item["type"], item["code"]) == ("multiple_response", code)
    assert [option["text"]["en"] for option in item["options"][:3]] == ["Between the toes", "The back", "The ankle"]
    assert [option.get("correct", False) for option in item["options"]] == [True, False, False, True]
    assert item["explanation"]["en"] == "It breaks there first."


def test_a_self_check_stays_one(author: FlaskClient, empty: str) -> None:
    post_form(author, f"{empty}/questions?type=true_false", {"stem": "看。", "answer": "y", "use": "check"},
              action="/questions")  # fmt: skip
    code = author.get(f"{empty}/questions").text.split('<li id="')[1].split('"')[0]
    page = author.get(f"{empty}/questions?edit={code}&as=ordering").text
    assert 'name="type" value="true_false"' in page
    assert "as=single_choice" in page
    assert f"edit={code}&amp;as=ordering#edit" not in page


@pytest.mark.parametrize(("before", "after"), permutations(TYPES, 2))
def test_what_every_type_has_is_kept_in_every_change(before: str, after: str) -> None:
    table = next(one.table for one in read(ALL, COMMON) if one.table["type"] == before)
    found = retyped(table, after)
    assert found["type"] == after
    assert {key: found[key] for key in (*COMMON, "stem", "explanation")} == {
        key: table[key] for key in (*COMMON, "stem", "explanation")
    }
    rows = {"single_choice": "options", "multiple_response": "options", "matching": "pairs", "ordering": "steps"}
    if before in rows and after in rows:
        assert len(found[rows[after]]) == len(table[rows[before]])
    assert retyped(found, after) == found


def test_sources_change_places_by_a_button(author: FlaskClient, empty: str) -> None:
    page = f"{empty}/settings/sources"
    for title in ("甲书", "乙书"):
        number = author.get(page).text.count('role="group"') - 1
        row = {f"sources-{number}-title_zh": title, f"sources-{number}-year": "2020"}
        post_form(author, page, row, action="/sources")
    shown = author.get(page).text
    assert shown.index("甲书") < shown.index("乙书")
    assert post_form(author, page, {"move": "sources-1-up"}, action="/sources").status_code == 303
    shown = author.get(page).text
    assert shown.index("乙书") < shown.index("甲书")
