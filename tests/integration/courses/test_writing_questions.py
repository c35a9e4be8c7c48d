"""Questions are written in the browser: one form after the other, many pasted at once, nothing written over."""

import tomllib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, Member
from course_packages import good_files, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.courses import commands
from lms.courses.writing import starting
from lms.courses.writing.models import DraftFile
from lms.items.registry import TYPES
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
SIDES = ("left", "right")
CHOICE: dict[str, object] = {
    "stem": "看脚先看哪里？", "text_1": "脚趾缝", "text_2": "脚背", "text_3": "脚踝", "text_4": "小腿", "correct": "1",
}  # fmt: skip
OWN: dict[str, dict[str, object]] = {
    "single_choice": CHOICE,
    "multiple_response": CHOICE | {"correct": ["1", "3"], "scoring": "per_option"},
    "true_false": {"stem": "每年看一次脚。", "answer": "n"},
    "numeric": {"stem": "几个月看一次？", "answer": "１2.5", "tolerance": "0.5", "unit": "个月", "unit_en": "months"},
    "matching": {"stem": "配一配"} | {f"{side}_{row}": f"{side}{row}" for side in SIDES for row in (1, 2, 3)},
    "ordering": {"stem": "排一排", "text_1": "坐下", "text_2": "脱鞋", "text_3": "看脚", "text_en_3": "Look"},
}  # fmt: skip
PASTED = """1. 看脚先看哪里？
A. 脚趾缝  B. 脚背
C. 脚踝
答案：A
解析：那里最容易破。

2、哪些人要看脚？（多选）
A、糖尿病病人
B、脚麻的人
C、穿新鞋的小孩
D、脚破过的人
答案：ABD

3. 看脚要脱袜子。
答案：对
"""


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.author)


@pytest.fixture
def empty(author: FlaskClient) -> str:
    """The address of a draft in which there is nothing yet."""
    made = post_form(author, "/studio/new", {"title": "糖尿病足早发现", "title_en": "Foot"}, action="/new")
    return str(made.location)


@pytest.fixture
def whole(app: Flask, author: FlaskClient, cast: Cast) -> str:
    """The address of a draft with lessons, topics and questions."""
    with app.app_context(), unit_of_work():
        draft_id = commands.upload_package(cast.author.actor, zipped(good_files(), folder="sample/"))
        starting.take_up(cast.author.actor, draft_id)
    return f"/studio/drafts/{draft_id}"


def texts(app: Flask, address: str) -> dict[str, str]:
    draft = UUID(address.rpartition("/")[2])
    with app.app_context(), unit_of_work(write=False):
        rows = session().execute(select(DraftFile.path, DraftFile.text).where(DraftFile.draft_id == draft))
        return {row.path: row.text or "" for row in rows}


def items(app: Flask, address: str) -> list[dict[str, Any]]:
    found = [text for path, text in sorted(texts(app, address).items()) if path.startswith("items/")]
    return [item for text in found for item in tomllib.loads(text).get("item", [])]


def write(author: FlaskClient, address: str, kind: str, **other: object) -> TestResponse:
    page = f"{address}/questions?type={kind}"
    return post_form(author, page, {**OWN[kind], **other}, action="/questions")


def edit(author: FlaskClient, address: str, code: str, **fill: object) -> TestResponse:
    return post_form(author, f"{address}/questions?edit={code}", fill, action=f"/questions/{code}")


@pytest.mark.parametrize("kind", TYPES)
def test_a_question_of_each_type_is_added_and_edited(app: Flask, author: FlaskClient, empty: str, kind: str) -> None:
    answer = write(author, empty, kind)
    assert answer.status_code == 303, answer.text
    assert answer.location.endswith("#stem"), "the caret stands where the next question begins"
    (item,) = items(app, empty)
    assert item["type"] == kind
    assert item["code"].startswith("C")
    assert item["code"].endswith("-001")
    assert item["stem"] == {"zh": OWN[kind]["stem"], "en": ""}, "English may be written later"
    before = texts(app, empty)
    assert edit(author, empty, item["code"]).status_code == 303
    assert texts(app, empty) == before, "opened and saved unchanged: the same bytes"
    assert edit(author, empty, item["code"], stem_en="In English").status_code == 303
    assert items(app, empty) == [item | {"stem": {"zh": OWN[kind]["stem"], "en": "In English"}}]


def test_what_each_type_says_is_stored(app: Flask, author: FlaskClient, empty: str) -> None:
    for kind in TYPES:
        assert write(author, empty, kind).status_code == 303
    one, many, truth, number, pairs, steps = items(app, empty)
    assert [option.get("correct", False) for option in one["options"]] == [True, False, False, False]
    assert [option["id"] for option in many["options"] if option.get("correct")] == ["a", "c"]
    assert many["scoring"] == "per_option"
    assert truth["answer"] is False
    assert (number["answer"], number["tolerance"], number["unit"]["en"]) == ("12.5", "0.5", "months")
    assert tuple(pairs["pairs"][0][side]["zh"] for side in SIDES) == ("left1", "right1")
    assert [step["text"]["zh"] for step in steps["steps"]] == ["坐下", "脱鞋", "看脚"]
    page = author.get(f"{empty}/questions").text
    assert page.count("缺英文") == 6
    assert "考试 6 题，自测 0 题" in author.get(empty).text


def test_the_next_question_begins_where_the_last_one_was(app: Flask, author: FlaskClient, whole: str) -> None:
    page = author.get(f"{whole}/questions").text
    assert "TST-001" in page
    first = items(app, whole)[0]
    answer = write(author, whole, "single_choice", topic=first["topic"], difficulty="3", use="check")
    assert answer.status_code == 303, answer.text
    (form,) = [form for form in forms_of(author.get(answer.location).text) if form["action"].endswith("/questions")]
    said = dict(form["fields"])
    assert (said["topic"], said["difficulty"], said["use"], said["stem"]) == (first["topic"], "3", "check", "")
    assert sorted(item["code"] for item in items(app, whole) if "-C" in item["code"])[-1] > "TST-C01"


@pytest.mark.parametrize(
    ("kind", "fill", "sentence"),
    [
        ("single_choice", {"correct": []}, "单选题要有且只有一个正确选项"),
        ("single_choice", {"text_2": "脚趾缝"}, "有两个选项一模一样"),
        ("single_choice", {"stem": "  "}, "请填写这一项"),
        ("single_choice", {"text_1": "", "correct": "1"}, "请填写这一项"),
        ("single_choice", {"text_3": "", "text_4": ""}, "要有 3 到 5 项"),
        ("multiple_response", {"correct": []}, "多选题至少要有一个正确选项"),
        ("true_false", {"answer": ""}, "请选一个"),
        ("numeric", {"answer": "十二"}, "要填一个数"),
        ("numeric", {"tolerance": "-1"}, "允许的误差不能小于 0"),
        ("matching", {"right_2": "right1"}, "配对题的每一项都要不一样"),
        ("ordering", {"text_2": "坐下"}, "有两步一模一样"),
        ("ordering", {"use": "check"}, "课内小练习只能用单选、多选或判断题"),
    ],
)
def test_nonsense_is_refused_and_what_was_typed_is_kept(
    app: Flask, author: FlaskClient, empty: str, kind: str, fill: dict[str, object], sentence: str
) -> None:
    before = texts(app, empty)
    answer = write(author, empty, kind, explanation="留着的字", **fill)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "留着的字" in answer.text
    assert texts(app, empty) == before


def test_editing_one_question_leaves_all_others_byte_for_byte(app: Flask, author: FlaskClient, whole: str) -> None:
    before = texts(app, whole)
    assert edit(author, whole, "TST-001", stem="换了题干").status_code == 303
    after = texts(app, whole)
    changed = [path for path in before if before[path] != after[path]]
    assert len(changed) == 1
    old, new = before[changed[0]].split("\n"), after[changed[0]].split("\n")
    assert len(old) == len(new)
    assert [line for one, line in zip(old, new, strict=True) if one != line] == [
        next(line for line in new if "换了题干" in line)
    ]


def test_two_who_edit_one_question_are_shown_both(app: Flask, author: FlaskClient, empty: str) -> None:
    write(author, empty, "true_false")
    (item,) = items(app, empty)
    page = f"{empty}/questions?edit={item['code']}"
    (mine,) = [form for form in forms_of(author.get(page).text) if form["action"].endswith(item["code"])]
    assert edit(author, empty, item["code"], stem="别人写的题干").status_code == 303
    met = author.post(mine["action"], data={**dict(mine["fields"]), "stem": "我写的题干"})
    assert met.status_code == 409
    assert "别人写的题干" in met.text
    assert items(app, empty)[0]["stem"]["zh"] == "别人写的题干"
    (again,) = [form for form in forms_of(met.text) if form["action"].endswith(item["code"])]
    assert dict(again["fields"])["stem"] == "我写的题干"
    assert author.post(again["action"], data=dict(again["fields"])).status_code == 303
    assert items(app, empty)[0]["stem"]["zh"] == "我写的题干"


def test_a_question_that_was_removed_meanwhile_is_not_lost(app: Flask, author: FlaskClient, empty: str) -> None:
    write(author, empty, "true_false")
    (item,) = items(app, empty)
    page = f"{empty}/questions?edit={item['code']}"
    (mine,) = [form for form in forms_of(author.get(page).text) if form["action"].endswith(item["code"])]
    post_form(author, page, {"sure": "y"}, action="/remove")
    met = author.post(mine["action"], data={**dict(mine["fields"]), "stem": "我写的题干"})
    assert met.status_code == 409
    (again,) = [form for form in forms_of(met.text) if form["action"].endswith("/questions")]
    assert author.post(again["action"], data=dict(again["fields"])).status_code == 303
    assert [item["stem"]["zh"] for item in items(app, empty)] == ["我写的题干"]


def test_a_form_sent_twice_adds_one_question(app: Flask, author: FlaskClient, empty: str) -> None:
    write(author, empty, "single_choice")
    assert write(author, empty, "single_choice").status_code == 303
    assert len(items(app, empty)) == 1


def test_questions_move_are_copied_and_go(app: Flask, author: FlaskClient, empty: str) -> None:
    for kind in ("single_choice", "true_false", "numeric"):
        write(author, empty, kind)
    page, one = f"{empty}/questions", items(app, empty)[0]["code"]
    post_form(author, f"{page}?edit={one}", {"to": "down"}, action=f"/{one}/move")
    assert [item["type"] for item in items(app, empty)] == ["true_false", "single_choice", "numeric"]
    codes = [item["code"] for item in items(app, empty)]
    post_form(author, page, {"to": codes[2]}, action=f"/{codes[0]}/move")  # dragged to the place of the last
    assert [item["code"] for item in items(app, empty)] == [codes[1], codes[2], codes[0]]
    post_form(author, page, {"to": codes[1]}, action=f"/{codes[0]}/move")
    assert [item["code"] for item in items(app, empty)] == codes
    assert post_form(author, page, {"to": "XL-NONE"}, action=f"/{codes[0]}/move").status_code == 404
    made = post_form(author, f"{page}?edit={one}", {}, action=f"/{one}/copy")
    assert made.location.endswith("-004#edit")
    assert [item["code"][-3:] for item in items(app, empty)] == ["002", "001", "004", "003"]
    before = texts(app, empty)
    assert post_form(author, f"{page}?edit={one}", {}, action="/remove").status_code == 422
    assert texts(app, empty) == before
    assert post_form(author, f"{page}?edit={one}", {"sure": "y"}, action="/remove").status_code == 303
    assert [item["code"][-3:] for item in items(app, empty)] == ["002", "004", "003"]
    assert author.get(f"{page}?edit={one}").status_code == 404


def test_a_question_that_a_lesson_shows_is_not_removed(app: Flask, author: FlaskClient, whole: str) -> None:
    before = texts(app, whole)
    used = next(code for code in ("TST-C01",) if any(f"::: check {code}" in text for text in before.values()))
    answer = post_form(author, f"{whole}/questions?edit={used}", {"sure": "y"}, action="/remove")
    assert answer.status_code == 409
    assert "里用着这道题" in answer.text
    assert texts(app, whole) == before


def test_the_list_is_chosen_from_and_names_what_the_checker_says(author: FlaskClient, whole: str) -> None:
    assert "要改" not in author.get(f"{whole}/questions?use=check").text
    write(author, whole, "single_choice", topic="", use="check")
    shown = author.get(f"{whole}/questions?use=check").text
    assert "看脚先看哪里？" in shown
    assert "要写课程里有的主题编号" in shown
    assert "TST-001" not in shown
    assert "看脚先看哪里？" not in author.get(f"{whole}/questions?use=assessment").text


def test_many_are_pasted_shown_and_taken_at_once(app: Flask, author: FlaskClient, empty: str) -> None:
    page = f"{empty}/questions/paste"
    shown = post_form(author, page, {"text": PASTED, "step": "rehearse"}, action="/paste")
    assert shown.status_code == 200
    assert "看懂了 3 题" in shown.text
    assert items(app, empty) == []
    (form,) = [form for form in forms_of(shown.text) if form["action"].endswith("/paste")]
    taken = author.post(form["action"], data={**dict(form["fields"]), "step": "take"})
    assert taken.status_code == 303
    found = items(app, empty)
    assert [item["type"] for item in found] == ["single_choice", "multiple_response", "true_false"]
    assert found[0]["explanation"]["zh"] == "那里最容易破。"
    assert author.post(form["action"], data={**dict(form["fields"]), "step": "take"}).status_code == 303
    assert items(app, empty) == found, "sent twice, taken once"


def test_pasted_questions_are_taken_all_or_none(app: Flask, author: FlaskClient, empty: str) -> None:
    page, wrong = f"{empty}/questions/paste", PASTED.replace("答案：A\n", "答案：E\n")
    shown = post_form(author, page, {"text": wrong, "step": "take"}, action="/paste")
    assert shown.status_code == 422
    assert "第 4 行" in shown.text
    assert "不是这几个选项里的" in shown.text
    assert 'value="take"' not in shown.text
    unseen = post_form(author, page, {"text": PASTED, "step": "take"}, action="/paste")
    assert unseen.status_code == 200, "what was not shown is shown first"
    assert items(app, empty) == []


def test_twenty_pasted_questions_take_two_presses(app: Flask, author: FlaskClient, empty: str) -> None:
    one = "{n}．第 {n} 题？\nA．甲{n}\nB．乙{n}\nC．丙{n}\nD．丁{n}\n答案：C\n解析：因为{n}。\n"
    text = "".join(one.format(n=n) for n in range(1, 21))
    shown = post_form(author, f"{empty}/questions/paste", {"text": text, "step": "rehearse"}, action="/paste")
    (form,) = [form for form in forms_of(shown.text) if form["action"].endswith("/paste")]
    author.post(form["action"], data={**dict(form["fields"]), "step": "take"})
    assert [item["stem"]["zh"] for item in items(app, empty)] == [f"第 {n} 题？" for n in range(1, 21)]
    assert "第 1—20 条，共 20 条" in author.get(f"{empty}/questions").text


def test_a_lesson_offers_its_self_checks(author: FlaskClient, whole: str) -> None:
    lesson = author.get(author.get(whole).text.split('/write"')[0].rpartition('href="')[2] + "/write").text
    assert "::: check TST-C01" in lesson
    assert 'data-tool="check" data-code="TST-C01"' in lesson


def test_a_file_written_in_another_way_is_shown_and_left_alone(app: Flask, author: FlaskClient, empty: str) -> None:
    write(author, empty, "true_false")
    odd = 'item = [{ code = "ODD-1", type = "true_false" }]\n'
    with app.app_context(), unit_of_work():
        row = session().scalars(select(DraftFile).where(DraftFile.path == "items/questions.toml")).one()
        row.text = odd
    page = author.get(f"{empty}/questions?edit=ODD-1")
    assert page.status_code == 200
    assert "这一页改不了" in page.text
    assert write(author, empty, "single_choice").status_code == 303
    found = texts(app, empty)
    assert found["items/questions.toml"] == odd
    assert "看脚先看哪里？" in found["items/questions-2.toml"]


def test_a_question_of_the_knowledge_test_is_only_ticked(app: Flask, author: FlaskClient, empty: str) -> None:
    assert write(author, empty, "true_false", use="knowledge").status_code == 303
    (item,) = items(app, empty)
    assert (item["use"], item["code"][-4:]) == ("knowledge", "-K01")
    refused = write(author, empty, "numeric", use="knowledge")
    assert (refused.status_code, "小测只能用单选、多选或判断题" in refused.text) == (422, True)
    page = author.get(f"{empty}/questions?edit={item['code']}").text
    assert "as=multiple_response" in page
    assert "as=matching" not in page
    assert "小测 1 题" in author.get(empty).text
