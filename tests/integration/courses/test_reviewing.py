"""Reviewing: comments on passages, answers, an approval of one content; warnings and errors that keep from it."""

import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cast import Cast, Member
from course_packages import PICTURE, good_files, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from sqlalchemy import func, select, update

from lms.courses import commands, studio
from lms.courses.models import Draft, Edition
from lms.courses.packages.problem import BadPackageError
from lms.courses.reviewing import commands as reviewing
from lms.courses.reviewing import queries
from lms.courses.reviewing.models import Review, ReviewComment, ReviewReply
from lms.courses.writing.models import DraftFile
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.kernel.uow import unit_of_work
from lms.people import queries as people

SignIn = Callable[[FlaskClient, Member], FlaskClient]
LESSON = "lessons/01-part-1.zh.md"
PALE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 50"><text x="10" y="30" fill="#ccc">1</text></svg>"""


@pytest.fixture
def author(app: Flask, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(app.test_client(), cast.author)


@pytest.fixture
def reviewer(app: Flask, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(app.test_client(), cast.reviewer)


def handed_in(author: FlaskClient, files: dict[str, str] | None = None) -> str:
    """A draft that was written here and is in review; its address."""
    (form,) = [one for one in forms_of(author.get("/studio/upload").text) if one["action"].endswith("/studio/upload")]
    data = {**dict(form["fields"]), "package": (io.BytesIO(zipped(files or good_files())), "course.zip")}
    made = author.post("/studio/upload", data=data)
    assert made.status_code == 303, made.text
    assert post_form(author, made.location, {}, action="/write").status_code == 303
    assert post_form(author, made.location, {}, action="/submit").status_code == 303
    return str(made.location)


def id_of(address: str) -> UUID:
    return UUID(address.rpartition("/")[2])


def state(app: Flask, address: str) -> str | None:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(Draft.state).where(Draft.id == id_of(address)))


def count(app: Flask, model: type) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(model)) or 0


def comment(reviewer: FlaskClient, address: str, quote: str, text: str, file: str = LESSON) -> int:
    return post_form(
        reviewer, f"{address}/review?file={file}&at=2", {"quote": quote, "text": text}, action="/comments"
    ).status_code


def judging(reviewer: FlaskClient, address: str) -> dict[str, str]:
    """What the form of the reviewer's judgement would send."""
    (form,) = [dict(one["fields"]) for one in forms_of(reviewer.get(address).text) if "seen" in one["names"]]
    return form


def ask_changes(reviewer: FlaskClient, address: str, note: str = "") -> int:
    return reviewer.post(f"{address}/changes", data=judging(reviewer, address) | {"note": note}).status_code


def rewrite(app: Flask, address: str, old: str, new: str) -> None:
    with app.app_context(), unit_of_work():
        row = session().scalars(select(DraftFile).filter_by(draft_id=id_of(address), path=LESSON)).one()
        assert row.text is not None
        assert old in row.text
        row.text = row.text.replace(old, new)


def standing(app: Flask, cast: Cast, address: str) -> str:
    with app.app_context(), unit_of_work(write=False):
        (card,) = queries.comments(cast.author.actor, id_of(address))
        return card.standing


def test_it_works(app: Flask, author: FlaskClient, reviewer: FlaskClient) -> None:
    draft = handed_in(author)
    page = reviewer.get(f"{draft}/review").text
    assert "第 1 课" in page
    assert "绑在上臂" in page
    assert comment(reviewer, draft, "绑在上臂，量两次", "写明隔几分钟") == 303
    refused = post_form(reviewer, draft, {"note": ""}, action="/approve")
    assert refused.status_code == 409, "a comment waits"
    assert ask_changes(reviewer, draft) == 303
    lesson = f"{draft}/lessons/part-1/write"
    page = author.get(lesson).text
    assert "写明隔几分钟" in page
    assert "绑在上臂，量两次" in page
    rewrite(app, draft, "量两次。", "隔 2 分钟量两次。")
    done = post_form(author, lesson, {"text": "写上了", "done": "y"}, action="/answer")
    assert done.status_code == 303
    assert "/lessons/part-1/write" in done.location
    assert "都办完了" in author.get(draft).text
    assert post_form(author, draft, {}, action="/submit").status_code == 303
    assert "写上了" in reviewer.get(draft).text
    assert post_form(reviewer, draft, {"note": ""}, action="/approve").status_code == 303
    assert post_form(author, draft, {}, action="/publish").status_code == 303
    with app.app_context(), unit_of_work(write=False):
        reviews = session().scalars(select(Review).order_by(Review.at)).all()
        edition = session().scalars(select(Edition)).one()
        assert [one.verdict for one in reviews] == ["changes_asked", "approved"]
        assert reviews[0].content_hash != reviews[1].content_hash
        assert (edition.content_hash, edition.reviewed_by) == (reviews[1].content_hash, reviews[1].by)
        assert edition.reviewed_at == reviews[1].at
    assert "中心审核通过" in reviewer.get("/courses/sample").text


def test_a_passage_is_found_after_small_changes_and_said_to_be_changed_after_great_ones(
    app: Flask, cast: Cast, author: FlaskClient, reviewer: FlaskClient
) -> None:
    draft = handed_in(author)
    assert comment(reviewer, draft, "叫不醒，先打 120[^spec-2017]。", "写明拨通以后说什么") == 303
    assert ask_changes(reviewer, draft) == 303
    assert standing(app, cast, draft) == "there"
    rewrite(app, draft, "叫不醒，先打 120", "叫不醒的，马上先打 120")
    assert standing(app, cast, draft) == "near"
    assert "这段文字有小改动" in author.get(draft).text
    rewrite(app, draft, "叫不醒的，马上先打 120[^spec-2017]。", "转诊前给家属讲清楚去哪里[^spec-2017]。")
    assert standing(app, cast, draft) == "changed"
    assert "这段文字改过了" in author.get(draft).text


def test_an_approval_is_of_one_content(app: Flask, cast: Cast, author: FlaskClient, reviewer: FlaskClient) -> None:
    draft = handed_in(author)
    old = judging(reviewer, draft)
    assert post_form(author, draft, {}, action="/take-back").status_code == 303
    rewrite(app, draft, "量两次。", "量三次。")
    assert post_form(author, draft, {}, action="/submit").status_code == 303
    late = reviewer.post(f"{draft}/approve", data=old | {"note": ""})
    assert late.status_code == 409, "she looked at another content"
    assert post_form(reviewer, draft, {}, action="/approve").status_code == 303
    # Taken back, it needs another approval, even as it was.
    assert post_form(author, draft, {}, action="/take-back").status_code == 303
    assert post_form(author, draft, {}, action="/submit").status_code == 303
    with app.app_context(), unit_of_work(), pytest.raises(Conflict):
        commands.publish_draft(cast.author.actor, id_of(draft))
    assert post_form(reviewer, draft, {}, action="/approve").status_code == 303
    with app.app_context():
        with unit_of_work():
            session().execute(update(Draft).values(approved_hash="0" * 64))
        with unit_of_work(), pytest.raises(Conflict):
            commands.publish_draft(cast.author.actor, id_of(draft))
    assert count(app, Edition) == 0


def test_a_warning_keeps_from_approval_until_somebody_writes_why_it_may_stay(
    app: Flask, author: FlaskClient, reviewer: FlaskClient
) -> None:
    files = good_files()
    path = LESSON.replace(".zh.", ".en.")
    files[path] = files[path].replace("Measure twice.", "Measure twice (量两次).")
    draft = handed_in(author, files)
    assert "处提醒" in reviewer.get(draft).text
    refused = post_form(reviewer, draft, {"note": " "}, action="/approve")
    assert refused.status_code == 422
    assert "写明为什么可以保留" in refused.text
    assert state(app, draft) == "in_review"
    assert post_form(reviewer, draft, {"note": "术语对照，学员要认得。"}, action="/approve").status_code == 303
    assert "术语对照" in author.get(draft).text


def test_a_review_that_is_due_meanwhile_blocks_approval_and_publishing(
    app: Flask, cast: Cast, author: FlaskClient, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = good_files()
    files["course.toml"] = files["course.toml"].replace('reviewer = "none"', 'reviewer = "陈医生"')
    draft = handed_in(author, files)
    with monkeypatch.context() as later:
        later.setattr(clock, "today", lambda: date(2100, 1, 1))
        assert post_form(reviewer, draft, {"note": "好"}, action="/approve").status_code == 409
    assert post_form(reviewer, draft, {}, action="/approve").status_code == 303
    monkeypatch.setattr(clock, "today", lambda: date(2100, 1, 1))
    with app.app_context(), unit_of_work(), pytest.raises(Conflict, match="复核"):
        commands.publish_draft(cast.author.actor, id_of(draft))
    assert state(app, draft) == "approved"


@pytest.mark.parametrize("fault", ["date", "question", "contrast", "translation"])
def test_what_forbids_publishing_can_be_a_draft_and_is_not_handed_in(
    app: Flask, author: FlaskClient, fault: str
) -> None:
    files = good_files()
    path, old, new = {
        "date": ("course.toml", "review_by = 2099-11-30", "review_by = 2020-11-30"),
        "question": ("items/bank.toml", 'sources = ["spec-2017"]', "sources = []"),
        "contrast": ("media/flow.svg", PICTURE, PALE),
        "translation": (LESSON.replace(".zh.", ".en."), "## Rest for 5 minutes first", "## 先歇"),
    }[fault]
    assert old in files[path]
    files[path] = files[path].replace(old, new, 1)
    (form,) = [one for one in forms_of(author.get("/studio/upload").text) if one["action"].endswith("/studio/upload")]
    data = {**dict(form["fields"]), "package": (io.BytesIO(zipped(files)), "course.zip")}
    draft = author.post("/studio/upload", data=data).location
    assert "改完才能送审" in author.get(draft).text
    post_form(author, draft, {}, action="/submit")
    assert state(app, draft) == "draft"


def test_a_folder_whose_review_is_due_is_refused_except_in_the_demonstration(app: Flask, tmp_path: Path) -> None:
    for path, text in good_files().items():
        target = tmp_path / "sample" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.replace("review_by = 2099-11-30", "review_by = 2020-11-30"), encoding="utf-8")
    with app.app_context(), unit_of_work(), pytest.raises(BadPackageError) as refused:
        commands.publish_folder(tmp_path / "sample")
    assert [(one.file, "复核日期" in one.message.msgid) for one in refused.value.problems] == [("course.toml", True)]
    with app.app_context(), unit_of_work():
        assert commands.publish_folder(tmp_path / "sample", dated=False)[1]


def test_who_wrote_it_is_not_its_clinical_reviewer(app: Flask, cast: Cast, author: FlaskClient) -> None:
    name = name_of(app, cast.author)
    files = good_files()
    files["course.toml"] = files["course.toml"].replace('reviewer = "none"', f'reviewer = "{name}，某县医院"')
    (form,) = [one for one in forms_of(author.get("/studio/upload").text) if one["action"].endswith("/studio/upload")]
    data = {**dict(form["fields"]), "package": (io.BytesIO(zipped(files)), "course.zip")}
    refused = author.post("/studio/upload", data=data)
    assert refused.status_code == 422
    assert "自己写过这份稿" in refused.text
    assert count(app, Draft) == 0


def name_of(app: Flask, member: Member) -> str:
    with app.app_context(), unit_of_work(write=False):
        return people.cards({member.person_id})[member.person_id].name


def test_bad_comments_are_refused_and_change_nothing(
    app: Flask, cast: Cast, author: FlaskClient, reviewer: FlaskClient
) -> None:
    draft = handed_in(author)
    wrong = post_form(
        reviewer, f"{draft}/review?file={LESSON}&at=2", {"quote": "没有这句话的", "text": "改"}, action="/comments"
    )
    assert wrong.status_code == 422
    assert "没有这段话" in wrong.text
    assert "没有这句话的" in wrong.text, "what was typed is kept"
    assert comment(reviewer, draft, "绑在上臂", " ") == 422
    assert comment(reviewer, draft, "绑在上臂", "长" * 2001) == 422
    assert reviewer.get(f"{draft}/review?file=lessons/77-none.zh.md").status_code == 404
    assert reviewer.get(f"{draft}/review?at=99999").status_code == 200
    with app.app_context(), unit_of_work():
        for path, quote in (("lessons/77-none.zh.md", "绑在上臂"), ("../x", "绑在上臂")):
            with pytest.raises(NotFound):
                say(cast.reviewer, draft, path=path, quote=quote)
        with pytest.raises(Invalid):
            say(cast.reviewer, draft, quote="字" * 1001)
        with pytest.raises(NotAllowed):
            say(cast.author, draft)
        with pytest.raises(NotFound):
            say(cast.stranger, draft)
    assert count(app, ReviewComment) == 0


def say(who: Member, draft: str, path: str = LESSON, quote: str = "绑在上臂", comment_id: UUID | None = None) -> None:
    reviewing.comment(
        who.actor, id_of(draft), comment_id=comment_id or uuid4(), path=path, quote=quote, text="请改"
    )


def test_what_is_sent_twice_is_said_once_and_answers_stay_with_their_draft(
    app: Flask, cast: Cast, author: FlaskClient
) -> None:
    draft = handed_in(author)
    one, reply = uuid4(), uuid4()
    with app.app_context():
        for _ in range(2):
            with unit_of_work():
                say(cast.reviewer, draft, comment_id=one)
            with unit_of_work():
                reviewing.answer(cast.author.actor, id_of(draft), one, reply_id=reply, text="为什么？")
        with unit_of_work(), pytest.raises(Invalid):
            reviewing.answer(cast.author.actor, id_of(draft), one, reply_id=uuid4(), text=" ")
        with unit_of_work(), pytest.raises(NotFound):
            reviewing.answer(cast.author.actor, id_of(draft), uuid4(), reply_id=uuid4(), text="谁？")
        with unit_of_work(), pytest.raises(NotFound):
            reviewing.answer(cast.stranger.actor, id_of(draft), one, reply_id=uuid4(), text="我")
        with unit_of_work():
            reviewing.answer(cast.author.actor, id_of(draft), one, reply_id=uuid4(), text="", done=True)
        with unit_of_work(write=False):
            assert reviewing.unsettled(id_of(draft)) == 0
        with unit_of_work(), pytest.raises(NotAllowed):
            reviewing.reopen(cast.author.actor, id_of(draft), one)
        with unit_of_work():
            reviewing.reopen(cast.reviewer.actor, id_of(draft), one)
        with unit_of_work(write=False):
            assert reviewing.unsettled(id_of(draft)) == 1
            assert not studio.draft(cast.author.actor, id_of(draft)).may_submit
    assert (count(app, ReviewComment), count(app, ReviewReply)) == (1, 1)


def test_line_numbers_are_those_of_the_editor_and_follow_what_is_saved(app: Flask, author: FlaskClient) -> None:
    draft = handed_in(author)
    assert post_form(author, draft, {}, action="/take-back").status_code == 303
    lesson = f"{draft}/lessons/part-1/write"
    assert "没有要改的" in author.get(f"{draft}/lessons/part-1/problems").text
    rewrite(app, draft, "叫不醒，先打 120[^spec-2017]。", "叫不醒[^spec-2017]，先 <b>打</b> 120。")
    for page in (author.get(lesson).text, author.get(f"{draft}/lessons/part-1/problems").text, author.get(draft).text):
        found = re.search(r"第 (\d+) 行</span></b>错误：正文不能写 HTML", page)
        assert found is not None, page
        assert found[1] == "2", "the second line of the text area"
    rewrite(app, draft, "minutes = 7", "minutes = 12")
    assert "正文上面的说明" in author.get(lesson).text
