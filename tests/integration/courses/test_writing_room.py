"""The writing room: from nothing to a package that is handed in; two authors, and nobody's words are lost."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from cast import Cast, Member
from course_packages import good_files, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import func, select

from lms.courses import commands
from lms.courses.models import Draft
from lms.courses.writing import lessons, saving, starting
from lms.courses.writing.models import DraftFile, DraftSave
from lms.courses.writing.saving import Base
from lms.kernel import clock
from lms.kernel.actor import Grant, Role
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
JSON = {"Accept": "application/json"}


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.author)


def begin(author: FlaskClient) -> str:
    """A new course with one lesson; the address of its draft."""
    made = post_form(author, "/studio/new", {"title": "糖尿病足早发现", "title_en": "Diabetic foot"}, action="/new")
    assert made.status_code == 303, made.text
    added = post_form(author, made.location, {"title": "先看脚", "title_en": "Look first"}, action="/lessons")
    assert added.status_code == 303
    assert added.location == f"{made.location}/lessons/look-first/write"
    return str(made.location)


def draft_id(address: str) -> UUID:
    return UUID(address.rpartition("/")[2])


def files(app: Flask, draft: UUID) -> dict[str, tuple[UUID, str]]:
    """Texts of a draft by path: id and text."""
    with app.app_context(), unit_of_work(write=False):
        rows = session().execute(select(DraftFile).where(DraftFile.draft_id == draft)).scalars()
        return {row.path: (row.id, row.text or "") for row in rows}


def texts(app: Flask, address: str) -> dict[str, str]:
    return {path: text for path, (_, text) in files(app, draft_id(address)).items()}


def writer_form(page: str, language: str) -> dict[str, str]:
    (form,) = [one for one in forms_of(page) if one["id"] == language]
    return dict(form["fields"]) | {"action": form["action"]}


def type_in(client: FlaskClient, form: dict[str, str], text: str, **other: str) -> dict[str, object]:
    """What the script sends, and what it is told."""
    data = {name: form[name] for name in ("csrf_token", "base", "save_id", "part")}
    answer = client.post(form["action"], data={**data, "text": text, **other}, headers=JSON)
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.get_json()
    return told


def test_a_course_begins_from_nothing_and_says_what_is_missing(app: Flask, author: FlaskClient) -> None:
    address = begin(author)
    page = author.get(address).text
    assert "糖尿病足早发现" in page
    assert "先看脚" in page
    assert "改完才能送审" in page
    assert set(texts(app, address)) == {
        "course.toml", "lessons/01-look-first.en.md", "lessons/01-look-first.zh.md",
    }  # fmt: skip
    refused = post_form(author, address, {}, action="/submit", follow=True)
    assert "改完才能送审" in refused.text
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(Draft.state).where(Draft.id == draft_id(address))) == "draft"


def test_an_author_sees_what_each_lesson_weighs(app: Flask, author: FlaskClient) -> None:
    address = begin(author)

    def weights() -> tuple[int, int]:
        in_room = re.search(r"约 (\d+) kB", author.get(address).text)
        in_lesson = re.search(r"本课约 (\d+) kB，预算 300 kB", author.get(f"{address}/lessons/look-first/write").text)
        assert in_room
        assert in_lesson
        return int(in_room[1]), int(in_lesson[1])

    before = weights()
    assert before[0] == before[1]
    form = writer_form(author.get(f"{address}/lessons/look-first/write?show=zh").text, "zh")
    type_in(author, form, "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(8000)))
    after = weights()
    assert after[0] == after[1]
    assert after[0] >= before[0] + 10, "words weigh, too"


def test_a_lesson_is_written_without_a_script(app: Flask, author: FlaskClient) -> None:
    address = begin(author)
    page = f"{address}/lessons/look-first/write"
    form = writer_form(author.get(page).text, "zh")
    action = form.pop("action")
    answer = author.post(action, data={**form, "text": "看脚趾缝。\r\n按一按。"})
    assert answer.status_code == 303
    assert answer.location == f"{page}?show=zh"
    assert texts(app, address)["lessons/01-look-first.zh.md"] == (
        '+++\ntitle = "先看脚"\nminutes = 5\nobjectives = []\nsources = []\n+++\n看脚趾缝。\n按一按。'
    )
    shown = author.get(page).text
    assert "看脚趾缝。" in shown
    again = author.post(action, data={**form, "text": "看脚趾缝。\r\n按一按。"})
    assert again.status_code == 303, "a form sent twice is saved once"
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count()).select_from(DraftSave)) == 2, "hers, and what was there before"


def test_facts_of_a_lesson_are_the_same_in_both_languages(app: Flask, author: FlaskClient) -> None:
    address = begin(author)
    page = f"{address}/lessons/look-first/write"
    done = post_form(author, page, {"title": "先看 \"脚\"", "title_en": "Look", "minutes": "7"}, action="/facts")
    assert done.status_code == 303, done.text
    found = texts(app, address)
    assert 'title = "先看 \\"脚\\""\nminutes = 7\n' in found["lessons/01-look-first.zh.md"]
    assert 'title = "Look"\nminutes = 7\n' in found["lessons/01-look-first.en.md"]
    refused = post_form(author, page, {"title": "先看脚", "minutes": "30"}, action="/facts")
    assert refused.status_code == 422
    assert "更长的请分成两课" in refused.text
    assert texts(app, address) == found


def test_lessons_move_and_go(app: Flask, author: FlaskClient) -> None:
    address = begin(author)
    for title in ("再摸脚", "后转诊"):
        post_form(author, address, {"title": title}, action="/lessons")
    post_form(author, address, {"to": "1"}, action="/lessons/lesson-3/move")
    assert [path for path in sorted(texts(app, address)) if path.endswith(".zh.md")] == [
        "lessons/01-lesson-3.zh.md", "lessons/02-look-first.zh.md", "lessons/03-lesson-2.zh.md",
    ]  # fmt: skip
    page = f"{address}/lessons/look-first/write"
    assert post_form(author, page, {}, action="/remove").status_code == 422
    assert post_form(author, page, {"sure": "y"}, action="/remove").status_code == 303
    assert [path for path in sorted(texts(app, address)) if path.endswith(".zh.md")] == [
        "lessons/01-lesson-3.zh.md", "lessons/02-lesson-2.zh.md",
    ]  # fmt: skip
    assert author.get(page).status_code == 404


def test_two_authors_changes_are_put_together(app: Flask, cast: Cast, author: FlaskClient) -> None:
    address = begin(author)
    page = f"{address}/lessons/look-first/write"
    first = writer_form(author.get(page).text, "zh")
    told = type_in(author, first, "坐下。\n脱鞋。\n看趾缝。\n")
    second = writer_form(author.get(page).text, "zh")
    mine = type_in(author, {**first, "base": str(told["base"])}, "坐下。\n脱鞋袜。\n看趾缝。\n", save_id=str(uuid4()))
    assert mine["whole"] == "坐下。\n脱鞋袜。\n看趾缝。\n"
    theirs = type_in(author, second, "坐下。\n脱鞋。\n看趾缝。\n按足背。\n")
    assert theirs["whole"] == "坐下。\n脱鞋袜。\n看趾缝。\n按足背。\n"
    assert not theirs["disputed"]
    # Who has not taken over what others wrote goes on from her own words.
    going_on, longer = {**second, "base": str(theirs["base"])}, "坐下。\n脱鞋。\n看趾缝。\n按足背，问疼不疼。\n"
    more = type_in(author, going_on, longer, save_id=str(uuid4()))
    assert more["whole"] == "坐下。\n脱鞋袜。\n看趾缝。\n按足背，问疼不疼。\n"


def test_where_two_wrote_the_same_sentence_both_are_shown_and_one_chooses(
    app: Flask, author: FlaskClient
) -> None:
    address = begin(author)
    page = f"{address}/lessons/look-first/write"
    start = writer_form(author.get(page).text, "zh")
    base = type_in(author, start, "坐下。\n看趾缝。\n")["base"]
    kept = {**start, "base": str(base)}
    type_in(author, kept, "坐下。\n看脚底。\n", save_id=str(uuid4()))
    told = type_in(author, kept, "坐下。\n看趾缝，再看脚跟。\n", save_id=str(uuid4()))
    assert told["disputed"]
    assert texts(app, address)["lessons/01-look-first.zh.md"].endswith("坐下。\n看脚底。\n")
    assert "有几处别人也改了" in author.get(page).text
    choose = f"{start['action']}/disputed"
    shown = author.get(choose).text
    assert "看趾缝，再看脚跟。" in shown
    assert "看脚底。" in shown
    (form,) = [one for one in forms_of(shown) if one["action"].endswith("/settle")]
    refused = author.post(form["action"], data=dict(form["fields"]))
    assert refused.status_code == 422
    done = author.post(form["action"], data={**dict(form["fields"]), "place-1": "both"})
    assert done.status_code == 303
    assert texts(app, address)["lessons/01-look-first.zh.md"].endswith("坐下。\n看脚底。看趾缝，再看脚跟。\n")
    assert "有几处别人也改了" not in author.get(page).text


def test_a_draft_that_was_uploaded_is_gone_on_with(app: Flask, cast: Cast, author: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        uploaded = commands.upload_package(cast.author.actor, zipped(good_files()))
    address = f"/studio/drafts/{uploaded}"
    assert files(app, uploaded) == {}
    for _ in range(2):
        with app.app_context(), unit_of_work():
            starting.take_up(cast.author.actor, uploaded)
    assert set(files(app, uploaded)) == set(good_files())
    page = author.get(address).text
    assert "都查过了" in page
    done = post_form(author, address, {}, action="/submit")
    assert done.status_code == 303
    with app.app_context(), unit_of_work(write=False):
        draft = session().get_one(Draft, uploaded)
        assert draft.state == "in_review"
    assert author.get(address).status_code == 200
    with app.app_context(), unit_of_work(), pytest.raises(Conflict):
        lessons.add_lesson(cast.author.actor, uploaded, title="再来一课")


def test_it_refuses_a_stranger(app: Flask, cast: Cast, author: FlaskClient) -> None:
    address = begin(author)
    here = draft_id(address)
    file_id, _ = files(app, here)["lessons/01-look-first.zh.md"]
    base = Base(file_id, whole=True)
    who = ((cast.stranger, NotFound), (cast.learner, NotFound), (cast.reviewer, NotAllowed))
    for actor, error in [(member.actor, error) for member, error in who]:
        for deed in (
            lambda actor=actor: saving.save(actor, here, file_id, save_id=uuid4(), base=base, text="x"),
            lambda actor=actor: lessons.add_lesson(actor, here, title="x"),
            lambda actor=actor: lessons.move_lesson(actor, here, "look-first", 1),
            lambda actor=actor: lessons.remove_lesson(actor, here, "look-first", sure=True),
        ):
            with app.app_context(), unit_of_work(), pytest.raises(error):
                deed()


def test_whoever_wrote_may_not_review(app: Flask, cast: Cast, author: FlaskClient) -> None:
    """Two authors of a centre, one of whom reviews too: not what she has written herself."""
    path = cast.author.grants[0].path
    both = replace(cast.colleague.actor, grants=(Grant(Role.AUTHOR, path), Grant(Role.REVIEWER, path)))
    with app.app_context(), unit_of_work():
        uploaded = commands.upload_package(cast.author.actor, zipped(good_files()))
        starting.take_up(cast.author.actor, uploaded)
    file_id, text = next(found for path_, found in files(app, uploaded).items() if path_.endswith(".zh.md"))
    base, more = Base(file_id, whole=True), text + "\n多一句。\n"
    with app.app_context(), unit_of_work():
        saving.save(both, uploaded, file_id, save_id=uuid4(), base=base, text=more)
    with app.app_context(), unit_of_work():
        commands.submit_for_review(cast.author.actor, uploaded)
    with app.app_context(), unit_of_work(), pytest.raises(NotAllowed, match="您也写过"):
        commands.approve(both, uploaded)


@pytest.mark.parametrize("text", ["长" * 60_001, "x" * 5_000_000])
def test_a_text_too_long_is_refused_and_changes_nothing(app: Flask, cast: Cast, author: FlaskClient, text: str) -> None:
    address = begin(author)
    here = draft_id(address)
    file_id, before = files(app, here)["lessons/01-look-first.zh.md"]
    with app.app_context(), unit_of_work(), pytest.raises(Invalid):
        saving.save(cast.author.actor, here, file_id, save_id=uuid4(), base=Base(file_id, whole=True), text=text)
    assert files(app, here)["lessons/01-look-first.zh.md"] == (file_id, before)


def test_old_saves_are_forgotten_but_not_that_somebody_wrote(app: Flask, cast: Cast, author: FlaskClient) -> None:
    """After a week only the last of each writer is kept; of a draft that is over, none."""
    address = begin(author)
    here = draft_id(address)
    file_id, _ = files(app, here)["lessons/01-look-first.zh.md"]
    base = Base(file_id, whole=True)

    def saves() -> list[str]:
        with app.app_context(), unit_of_work(write=False):
            rows = session().scalars(select(DraftSave.text).where(DraftSave.id != file_id).order_by(DraftSave.at))
            return list(rows)

    for number in range(3):
        with clock.held_at(clock.now() + timedelta(minutes=number)), app.app_context(), unit_of_work():
            done = saving.save(
                cast.author.actor, here, file_id, save_id=uuid4(), base=base, text=f"第 {number} 次。", body=True
            )
            base = done.base
    for days, kept in ((1, 3), (8, 1)):
        with clock.held_at(clock.now() + timedelta(days=days)), app.app_context(), unit_of_work():
            saving.forget_old()
        assert len(saves()) == kept
    assert saves()[0].endswith("第 2 次。")
    post_form(author, address, {}, action="/withdraw")
    with clock.held_at(clock.now() + timedelta(days=8)), app.app_context(), unit_of_work():
        saving.forget_old()
    assert saves() == []
    assert texts(app, address)["lessons/01-look-first.zh.md"].endswith("第 2 次。")
