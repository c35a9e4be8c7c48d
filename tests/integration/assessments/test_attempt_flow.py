"""An attempt through its pages, as somebody without JavaScript goes through it."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from assessment_stage import CANARY, TOTAL, SignIn, Stage, set_stage
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form


def start(client: FlaskClient, stage: Stage) -> str:
    """Press the start button; the address of the attempt."""
    answer = post_form(client, f"/learn/{stage.enrolment_id}/attempts", action="/attempts")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def go_through(client: FlaskClient, stage: Stage, address: str, right: int) -> None:
    """Answer the first `right` questions page by page, then press next to the end."""
    attempt_id = address.rsplit("/", 1)[1]
    values = stage.right_values(UUID(attempt_id))
    page = f"{address}?q=1"
    for position, fill in enumerate(values, 1):
        answer = post_form(client, page, {**(fill if position <= right else {}), "go": "next"}, action="/answers")
        assert answer.status_code == 303, answer.text
        page = str(answer.location)
    assert page.endswith("?q=0")
    assert "看一遍" in client.get(page).text


@pytest.mark.parametrize("right", [TOTAL, 14])
def test_it_works_page_by_page(learner: FlaskClient, stage: Stage, right: int) -> None:
    address = start(learner, stage)
    go_through(learner, stage, address, right)
    answer = post_form(learner, f"{address}?q=0", action="/submit")
    assert answer.status_code == 303
    result = learner.get(answer.location)
    assert result.status_code == 200
    if right == TOTAL:
        assert "通过了" in result.text
        assert stage.gates() == ("assessment",)
        assert CANARY in result.text, "after a pass explanations are shown"
    else:
        assert "这次没有通过" in result.text
        assert "77" in result.text
        assert stage.gates() == ()
        assert CANARY not in result.text


def test_starting_again_goes_on_with_the_open_attempt(learner: FlaskClient, stage: Stage) -> None:
    first = start(learner, stage)
    assert start(learner, stage) == first
    assert "接着答" in learner.get(f"/learn/{stage.enrolment_id}/attempts").text


def test_leaving_and_reloading_neither_submits_nor_loses(learner: FlaskClient, stage: Stage) -> None:
    address = start(learner, stage)
    attempt_id = stage.start()
    fill = stage.right_values(attempt_id)[0]
    post_form(learner, f"{address}?q=1", {**fill, "go": "next"}, action="/answers")
    for _ in range(3):
        again = learner.get(f"{address}?q=1")
        assert again.status_code == 200
        (form,) = [one for one in forms_of(again.text) if one["action"].endswith("/answers")]
        sent = {}
        for name, value in form["fields"]:
            sent.setdefault(name, []).append(value)
        for name, value in fill.items():
            assert sorted(sent[name]) == sorted(value)
    assert stage.card(attempt_id).open
    assert "本题已保存" in again.text
    assert f"已答 1，未答 {TOTAL - 1}" in again.text
    assert 'data-here="2"' in learner.get(address).text, "it resumes at the first open question"


def test_previous_saves_too_and_a_flag_stays(learner: FlaskClient, stage: Stage) -> None:
    address = start(learner, stage)
    attempt_id = stage.start()
    fill = stage.right_values(attempt_id)[1]
    answer = post_form(learner, f"{address}?q=2", {**fill, "flagged": "1", "go": "prev"}, action="/answers")
    assert str(answer.location).endswith("?q=1")
    assert 2 in stage.responses(attempt_id)
    page = learner.get(f"{address}?q=2").text
    assert re.search(r'name="flagged" value="1" checked', page)
    assert "已标记" in page


def test_a_number_that_is_none_is_refused_on_its_own_page(learner: FlaskClient, stage: Stage) -> None:
    address = start(learner, stage)
    attempt_id = stage.start()
    values = stage.right_values(attempt_id)
    position = next(n for n, one in enumerate(values, 1) if "number" in one)
    answer = post_form(learner, f"{address}?q={position}", {"number": "很高", "go": "next"}, action="/answers")
    assert answer.status_code == 422
    assert "这里要填一个数" in answer.text
    assert "很高" in answer.text
    assert position not in stage.responses(attempt_id)


def test_no_key_is_in_any_byte_before_the_rules_allow(learner: FlaskClient, stage: Stage) -> None:
    address = start(learner, stage)
    pages = [f"/learn/{stage.enrolment_id}/attempts", address, f"{address}/questions"]
    pages += [f"{address}?q={n}" for n in range(TOTAL + 1)] + [f"{address}/result"]
    for page in pages:
        answer = learner.get(page, follow_redirects=True)
        assert answer.status_code == 200
        for secret in (CANARY, "987654", "correct", "tolerance", "讲解"):
            assert secret not in answer.text, (page, secret)
    post_form(learner, f"{address}?q=0", action="/submit")
    result = learner.get(f"{address}/result").text
    assert CANARY not in result
    assert "987654" not in result


@pytest.mark.parametrize(
    ("rule", "right", "shown"),
    [("never", TOTAL, False), ("after_submit", 0, True), ("after_pass", 0, False), ("after_last", 0, False)],
)
def test_answers_are_shown_as_the_paper_says(
    app: Flask,
    cast: Cast,
    client: FlaskClient,
    sign_in: SignIn,
    tmp_path: Path,
    rule: str,
    right: int,
    shown: bool,
) -> None:
    stage = set_stage(app, cast.learner, tmp_path, show_answers=rule)
    stage.read_lessons()
    attempt_id = stage.start()
    stage.answer_all(attempt_id, right)
    stage.submit(attempt_id)
    page = sign_in(client, cast.learner).get(f"/attempts/{attempt_id}/result").text
    assert (CANARY in page) is shown


def test_it_refuses_a_stranger(app: Flask, stage: Stage, cast: Cast, sign_in: SignIn, client: FlaskClient) -> None:
    """Somebody else's attempt does not exist, for colleagues and auditors alike."""
    attempt_id = stage.start()
    for member in (cast.colleague, cast.county_auditor, cast.stranger, cast.admin):
        browser = sign_in(app.test_client(), member)
        for path in ("", "?q=1", "/questions", "/result"):
            assert browser.get(f"/attempts/{attempt_id}{path}").status_code == 404
        assert browser.get(f"/learn/{stage.enrolment_id}/attempts").status_code == 404
        token = forms_of(browser.get("/account").text)[0]["fields"]
        data = dict(token)
        data.update(position="1", answer_id=str(uuid4()))
        for path in (
            f"/attempts/{attempt_id}/answers",
            f"/attempts/{attempt_id}/submit",
            f"/learn/{stage.enrolment_id}/attempts",
        ):
            assert browser.post(path, data=data).status_code == 404, path
    assert stage.responses(attempt_id) == {}
    assert stage.card(attempt_id).open


def test_it_asks_nobody_to_sign_in_first(client: FlaskClient, stage: Stage) -> None:
    answer = client.get(f"/attempts/{stage.start()}")
    assert answer.status_code == 303
    assert "/sign-in" in str(answer.location)


def test_it_changes_nothing_on_get(learner: FlaskClient, stage: Stage) -> None:
    learner.get(f"/learn/{stage.enrolment_id}/attempts")
    attempt_id = stage.start()
    before = stage.card(attempt_id)
    for path in ("", "?q=1", "?q=0", "/questions", "/result"):
        learner.get(f"/attempts/{attempt_id}{path}")
    assert stage.card(attempt_id) == before
    assert stage.responses(attempt_id) == {}


def test_bad_addresses_are_not_found(learner: FlaskClient, stage: Stage) -> None:
    attempt_id = stage.start()
    for q in ("19", "-1", "abc", "99999999", "１"):
        assert learner.get(f"/attempts/{attempt_id}?q={q}").status_code == 404
    assert learner.get(f"/attempts/{uuid4()}").status_code == 404


def test_the_lessons_come_first(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, tmp_path: Path) -> None:
    stage = set_stage(app, cast.learner, tmp_path)
    browser = sign_in(client, cast.learner)
    page = browser.get(f"/learn/{stage.enrolment_id}/attempts").text
    assert "先学完全部课" in page
    assert not [one for one in forms_of(page) if one["action"].endswith("/attempts")]


def test_english_pages_are_english(learner: FlaskClient, stage: Stage, count_sql: Callable[[], object]) -> None:
    address = start(learner, stage)
    with learner.session_transaction() as cookie:
        cookie["language"] = "en"
    for page in (f"/learn/{stage.enrolment_id}/attempts", f"{address}?q=1", f"{address}?q=0"):
        text = re.sub(r"<(template|head|header)\b.*?</\1>", "", learner.get(page).text, flags=re.S)
        text = re.sub(r"中文|杏林", "", text)
        found = re.findall(r"[\u4e00-\u9fff]+", text)
        assert not found, (page, found)
