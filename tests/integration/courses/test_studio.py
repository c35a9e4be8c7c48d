"""The studio: upload, review by somebody else, publish; nothing of another centre exists here."""

import gc
import io
import re
import warnings
from dataclasses import replace
from uuid import UUID

import pytest
from cast import Cast
from course_packages import PICTURE, good_files, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms.courses import commands, queries
from lms.courses.models import CheckAnswer, Draft, DraftMedium, Edition, Enrolment
from lms.kernel.actor import Grant, Role
from lms.kernel.db import session
from lms.kernel.errors import Conflict, NotAllowed, NotFound
from lms.kernel.uow import unit_of_work


def rows(app: Flask, model: type) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(model)) or 0


def upload(client: FlaskClient, data: bytes) -> TestResponse:
    form = next(
        one for one in forms_of(client.get("/studio/upload").text) if one["action"].endswith("/studio/upload")
    )
    fields = dict(form["fields"])
    return client.post("/studio/upload", data={**fields, "package": (io.BytesIO(data), "course.zip")})


def draft_of(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    return str(re.findall(r"/studio/drafts/[0-9a-f-]{36}", answer.location)[0])


def id_of(address: str) -> UUID:
    return UUID(address.rsplit("/", 1)[-1])


@pytest.fixture
def author(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.author)


@pytest.fixture
def reviewer(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.reviewer)


def test_it_works(app: Flask, client: FlaskClient, author: FlaskClient, reviewer: FlaskClient) -> None:
    draft = draft_of(upload(author, zipped(good_files(), folder="my-course/")))
    page = author.get(draft).text
    assert "都查过了" in page
    assert "审核通过" not in page
    post_form(author, draft, action="/submit")
    assert "自己上传的课程要由另一位审核人来审" in author.get(draft).text
    assert draft in reviewer.get("/studio").text
    post_form(reviewer, draft, {"note": "写得清楚"}, action="/approve")
    answer = post_form(author, draft, action="/publish")
    assert answer.location == "/studio/courses/sample"
    course = author.get("/studio/courses/sample").text
    assert "林清和" in course
    assert "陈望舒" in course
    assert "第 1 版" in course
    assert client.get("/courses/sample").status_code == 200
    assert "量准血压" in author.get("/studio/courses").text
    assert draft in author.get("/studio?closed=y").text
    assert draft not in author.get("/studio").text


def test_a_broken_package_is_refused_by_file_and_line_and_nothing_is_kept(app: Flask, author: FlaskClient) -> None:
    texts = good_files()
    texts["items/bank.toml"] = texts["items/bank.toml"].replace("difficulty = 1", "difficulty = 9", 1)
    answer = upload(author, zipped(texts))
    assert answer.status_code == 422
    assert "items/bank.toml" in answer.text
    line = texts["items/bank.toml"].split("difficulty = 9")[0].count("\n") + 1
    assert f"第 {line} 行" in answer.text
    assert (rows(app, Draft), rows(app, DraftMedium)) == (0, 0)


@pytest.mark.parametrize("data", [b"", b"not a zip", zipped({"../evil": b"x"}), zipped({})])
def test_what_is_no_package_is_refused(app: Flask, author: FlaskClient, data: bytes) -> None:
    answer = upload(author, data)
    assert answer.status_code == 422
    assert rows(app, Draft) == 0


def test_too_many_bytes_are_refused(app: Flask, author: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.extensions["xinglin.settings"].model_copy(update={"largest_package": 20})
    monkeypatch.setitem(app.extensions, "xinglin.settings", settings)
    with warnings.catch_warnings():
        # The test client spools what it sends into a file that it leaves to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        for size in (20 * 1024 * 1024 + 1, 25 * 1024 * 1024):
            answer = upload(author, b"\0" * size)
            assert answer.status_code == 413
            assert ("在草稿的“媒体”页传" in answer.text) == (size < 21 * 1024 * 1024)
            del answer
        gc.collect()
    assert rows(app, Draft) == 0


def test_a_package_of_another_centre_is_refused(app: Flask, author: FlaskClient) -> None:
    for centre in ("TC-OTHER", "TC-NOWHERE"):
        answer = upload(author, zipped(good_files(centre=centre)))
        assert answer.status_code == 422
        assert centre in answer.text
    assert rows(app, Draft) == 0


def test_changes_are_asked_with_a_note_and_it_comes_again(
    app: Flask, author: FlaskClient, reviewer: FlaskClient
) -> None:
    draft = draft_of(upload(author, zipped(good_files())))
    post_form(author, draft, action="/submit")
    page = reviewer.get(draft).text
    (form,) = [dict(one["fields"]) for one in forms_of(page) if "seen" in one["names"]]
    answer = reviewer.post(f"{draft}/changes", data=form | {"note": " "})
    assert answer.status_code == 422
    assert "请写清要改什么" in answer.text
    answer = reviewer.post(f"{draft}/changes", data={**form, "note": "请补来源"})
    assert answer.status_code == 303
    assert "请补来源" in author.get(draft).text
    post_form(author, draft, action="/submit")
    assert "审核中" in author.get(draft).text


def test_nobody_approves_her_own_work(app: Flask, cast: Cast, author: FlaskClient) -> None:
    draft = draft_of(upload(author, zipped(good_files())))
    post_form(author, draft, action="/submit")
    both = cast.author.actor
    path = cast.author.grants[0].path
    both = replace(both, grants=(*both.grants, Grant(Role.REVIEWER, path)))
    with app.app_context(), unit_of_work(), pytest.raises(NotAllowed):
        commands.approve(both, id_of(draft))
    token = dict(forms_of(author.get(draft).text)[0]["fields"])["csrf_token"]
    assert author.post(f"{draft}/approve", data={"csrf_token": token}).status_code == 403


def test_only_an_approved_draft_is_published_and_only_once(
    app: Flask, cast: Cast, author: FlaskClient, reviewer: FlaskClient
) -> None:
    draft = draft_of(upload(author, zipped(good_files())))
    with app.app_context(), unit_of_work(), pytest.raises(Conflict):
        commands.publish_draft(cast.author.actor, id_of(draft))
    post_form(author, draft, action="/submit")
    with app.app_context(), unit_of_work(), pytest.raises(NotAllowed):
        commands.publish_draft(cast.reviewer.actor, id_of(draft))
    with app.app_context(), unit_of_work():
        commands.approve(cast.reviewer.actor, id_of(draft))
    made = []
    for _ in range(2):
        with app.app_context(), unit_of_work():
            made.append(commands.publish_draft(cast.author.actor, id_of(draft)))
    assert made[0] == made[1]
    assert rows(app, Edition) == 1
    with app.app_context(), unit_of_work(), pytest.raises(Conflict):
        commands.approve(cast.reviewer.actor, id_of(draft))


def test_a_withdrawn_draft_goes_no_further(app: Flask, cast: Cast, author: FlaskClient) -> None:
    draft = draft_of(upload(author, zipped(good_files())))
    post_form(author, draft, action="/withdraw")
    with app.app_context(), unit_of_work(), pytest.raises(Conflict):
        commands.submit_for_review(cast.author.actor, id_of(draft))


def test_a_preview_shows_what_learners_see_and_leaves_no_trace(app: Flask, author: FlaskClient) -> None:
    draft = draft_of(upload(author, zipped(good_files())))
    page = author.get(f"{draft}/lessons/part-1")
    assert page.status_code == 200
    assert "草稿预览" in page.text
    assert "先打 120" in page.text
    answered = author.get(f"{draft}/lessons/part-1?code=TST-C01&choice=1").text
    assert "因为乙。" in answered
    assert "因为乙。" not in page.text
    assert author.get(f"{draft}/lessons/nothing").status_code == 404
    assert (rows(app, CheckAnswer), rows(app, Enrolment)) == (0, 0)


def test_it_refuses_a_stranger(app: Flask, cast: Cast, sign_in, author: FlaskClient, publish) -> None:
    publish(code="XL-TWO", slug="second")
    draft = draft_of(upload(author, zipped(good_files())))
    stranger = sign_in(app.test_client(), cast.stranger)
    sha = re.findall(r"/media/[0-9a-f]{64}\.svg", author.get(f"{draft}/lessons/part-1").text)[0]
    for address in (draft, f"{draft}/lessons/part-1", "/studio/courses/second"):
        assert author.get(address).status_code == 200
        assert stranger.get(address).status_code == 404
    assert draft not in stranger.get("/studio").text
    assert "second" not in stranger.get("/studio/courses").text
    token = dict(forms_of(stranger.get("/studio").text)[0]["fields"])["csrf_token"]
    for verb in ("submit", "approve", "changes", "publish", "withdraw"):
        data = {"csrf_token": token, "note": "x"}
        assert stranger.post(f"{draft}/{verb}", data=data).status_code == 404, verb
    learner = sign_in(app.test_client(), cast.learner)
    assert learner.get("/studio").status_code == 403
    assert learner.get(draft).status_code == 403
    assert sha


def test_pictures_of_drafts_are_the_centres_and_of_editions_everybodys(
    app: Flask, client: FlaskClient, cast: Cast, sign_in, author: FlaskClient, publish
) -> None:
    texts = good_files()
    texts["media/flow.svg"] = PICTURE.replace("#123", "#456")
    draft = draft_of(upload(author, zipped(texts)))
    address = re.findall(r"/media/[0-9a-f]{64}\.svg", author.get(f"{draft}/lessons/part-1").text)[0]
    stranger = sign_in(app.test_client(), cast.stranger)
    assert author.get(address).status_code == 200
    assert "private" in author.get(address).headers["Cache-Control"]
    assert stranger.get(address).status_code == 404
    assert client.get(address).status_code == 404
    edition_id = publish()
    with app.app_context(), unit_of_work(write=False):
        medium = queries.edition_package(edition_id).media[0]
    answer = client.get(medium.address)
    assert answer.status_code == 200
    assert answer.data == PICTURE.encode()
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "public" in answer.headers["Cache-Control"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    etag = answer.headers["ETag"]
    assert client.get(medium.address, headers={"If-None-Match": etag}).status_code == 304
    for wrong in (
        medium.address.replace(".svg", ".png"),
        "/media/" + "0" * 64 + ".svg",
        "/media/x.svg",
        "/media/" + "Z" * 64 + ".svg",
    ):
        assert client.get(wrong).status_code == 404


def test_the_centre_sees_who_learns_and_who_passed(
    app: Flask, cast: Cast, author: FlaskClient, publish, count_sql
) -> None:
    publish(lessons=1)
    with app.app_context(), unit_of_work():
        enrolment_id = commands.enrol(cast.learner.actor, "sample")
        commands.enrol(cast.colleague.actor, "sample")
        lesson = queries.studying(cast.learner.person_id)[0].next_lesson
        assert lesson is not None
        commands.finish_lesson(cast.learner.actor, enrolment_id, lesson.id)
        commands.open_gate(enrolment_id, "assessment")
    page = author.get("/studio/courses/sample").text
    assert "赵桂芳" in page
    assert "李春生" in page
    assert page.count("合格") == 1
    with count_sql() as seen:
        author.get("/studio/courses/sample")
    assert len(seen) <= 8


def test_unknown_things_are_not_found(app: Flask, cast: Cast, author: FlaskClient) -> None:
    missing = UUID("019a0000-0000-7000-8000-000000000001")
    assert author.get(f"/studio/drafts/{missing}").status_code == 404
    assert author.get("/studio/courses/nothing").status_code == 404
    with app.app_context(), unit_of_work(), pytest.raises(NotFound):
        commands.submit_for_review(cast.author.actor, missing)


def test_both_languages_render(author: FlaskClient, reviewer: FlaskClient, publish) -> None:
    publish(code="XL-TWO", slug="second")
    draft = draft_of(upload(author, zipped(good_files())))
    post_form(author, draft, action="/submit")
    pages = ["/studio", "/studio?closed=y", "/studio/courses", "/studio/courses/second", draft]
    for client, more in ((author, ["/studio/upload"]), (reviewer, [])):
        post_form(client, "/studio", {"language": "en"}, action="/account/language")
        for address in [*pages, *more]:
            page = client.get(address).text
            main = page[page.index('id="main"') : page.index("</main>")]
            left = re.findall(r"[^<>]*[\u4e00-\u9fff][^<>]*", main)
            names = {"陈望舒", "林清和"}
            assert not [one for one in left if one.strip() not in names], (address, left)
