"""Files of other makers: rehearsed, taken once, or refused whole, with file and line."""

import io
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from foreign_files import cartridge, claiming, document, moodle_files, paragraph, targz_of, word, zip_of
from pages import forms_of, post_form
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms.courses.imports import page_file, reading, rehearsing
from lms.courses.imports.models import ImportRehearsal
from lms.courses.models import Draft, DraftMedium
from lms.courses.packages.problem import BadPackageError
from lms.courses.writing.models import DraftFile
from lms.kernel import clock
from lms.kernel.db import Model, session
from lms.kernel.errors import NotFound
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.author)


def send(author: FlaskClient, name: str, data: bytes, **fields: str) -> TestResponse:
    """Choose a file on the page and press the button."""
    form = next(one for one in forms_of(author.get("/studio/import").text) if one["action"] == "/studio/import")
    said = {**dict(form["fields"]), **fields, "file": (io.BytesIO(data), name)}
    return author.post("/studio/import", data=said, content_type="multipart/form-data")


def texts(app: Flask, draft_id: str) -> dict[str, str]:
    with app.app_context(), unit_of_work(write=False):
        rows = session().execute(select(DraftFile.path, DraftFile.text).where(DraftFile.draft_id == UUID(draft_id)))
        return {row.path: row.text or "" for row in rows}


def counts(app: Flask) -> dict[str, int]:
    with app.app_context(), unit_of_work(write=False):
        return {
            name: session().scalar(select(func.count()).select_from(table)) or 0
            for name, table in Model.metadata.tables.items()
        }


def taken(author: FlaskClient, name: str, data: bytes, **fields: str) -> tuple[str, str]:
    """Rehearse and take; the page of the rehearsal and the draft's id."""
    sent = send(author, name, data, **fields)
    assert sent.status_code == 303, sent.text
    page = author.get(sent.location).text
    done = post_form(author, sent.location, {}, action="/take")
    assert done.status_code == 303, done.text
    assert author.get(done.location).status_code == 200
    return page, done.location.rpartition("/")[2]


def test_a_word_document_becomes_a_draft(app: Flask, author: FlaskClient) -> None:
    page, draft_id = taken(author, "足病.docx", word())
    assert "糖尿病足早发现" in page
    assert "2 课、1 张图片、1 条脚注、0 道题" in page
    assert "页眉、页脚没有带来：内部资料" in page
    found = texts(app, draft_id)
    first = found["lessons/01-lesson-1.zh.md"]
    assert 'title = "先看脚"' in first
    assert 'sources = ["note-1"]' in first
    assert "每年查一次脚。[^note-1]\n\n| 结果 | 做法 |\n|---|---|\n| 发凉 | 转诊\\|当天 |" in first
    assert "![脚的照片](media/picture-1.jpg)" in first
    assert "## 两处脉\n\n- 足背\n- 胫后\n\n[规范全文](https://example.org/spec)" in found["lessons/02-lesson-2.zh.md"]
    assert 'title = ""' in found["lessons/01-lesson-1.en.md"]
    assert '[[sources]]\nid = "note-1"\ntitle = { zh = "《基层规范》2017 年", en = "" }' in found["course.toml"]
    lesson = author.get(f"/studio/drafts/{draft_id}/lessons/lesson-1/write").text
    assert "先看趾缝" in lesson
    with app.app_context(), unit_of_work(write=False):
        sha = session().scalar(select(DraftMedium.sha).where(DraftMedium.draft_id == UUID(draft_id)))
    assert author.get(f"/media/{sha}.jpg", buffered=True).status_code == 200


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_common_cartridge_becomes_a_draft(app: Flask, author: FlaskClient, version: int) -> None:
    page, draft_id = taken(author, "足病.imscc", cartridge(version))
    assert "讨论没有带来" in page
    assert "<b>hand.pdf</b>" in page  # it is none
    assert "这个文件坏了，或者不完整" in page
    found = texts(app, draft_id)
    assert "坐下，**脱袜子**。\n\n![脚](media/picture-1.jpg)\n\n- 趾缝\n- 脚底" in found["lessons/01-lesson-1.zh.md"]
    items = found["items/questions.toml"]
    assert items.count("[[item]]") == 3
    assert "先看哪里？" in items
    questions = author.get(f"/studio/drafts/{draft_id}/questions").text
    assert "哪几样转诊？" in questions


@pytest.mark.parametrize("pack", [zip_of, targz_of])
def test_a_moodle_backup_becomes_a_draft_without_people(
    app: Flask, author: FlaskClient, pack: Callable[[dict[str, str | bytes]], bytes]
) -> None:
    page, draft_id = taken(author, "足病.mbz", pack(moodle_files()))
    assert "人员、角色、分组、成绩和完成情况没有带来" in page
    found = texts(app, draft_id)
    assert not any("张三" in text for text in found.values())
    assert "![脚](media/picture-1.jpg)" in found["lessons/02-lesson-2.zh.md"]
    kinds = ("single_choice", "true_false", "numeric", "matching", "ordering")
    assert all(f'type = "{kind}"' in found["items/questions.toml"] for kind in kinds)


def test_an_english_file_leaves_the_chinese_empty(app: Flask, author: FlaskClient) -> None:
    data = document(paragraph("Look first", "Heading1") + paragraph("Sit down.") + paragraph("Touch", "Heading1"))
    _, draft_id = taken(author, "foot.docx", data, language="en", title="The diabetic foot")
    found = texts(app, draft_id)
    assert "Sit down." in found["lessons/01-look-first.en.md"]
    assert 'title = ""' in found["lessons/01-look-first.zh.md"]
    assert 'title = { zh = "", en = "The diabetic foot" }' in found["course.toml"]


def test_pasted_words_and_pages_become_lessons(app: Flask, author: FlaskClient) -> None:
    typed = {"pasted": "<h1>先看脚</h1><p onclick='x()'>坐下。</p><script>alert(1)</script><h1>再摸脚</h1><p>脉。</p>"}
    sent = post_form(author, "/studio/import", typed, action="/studio/import")
    page = author.get(sent.location).text
    assert "脚本没有带来" in page
    done = post_form(author, sent.location, {}, action="/take")
    found = texts(app, done.location.rpartition("/")[2])
    lessons = [path for path in found if path.endswith(".zh.md")]
    assert lessons == ["lessons/01-lesson-1.zh.md", "lessons/02-lesson-2.zh.md"]
    assert not any("alert" in text or "onclick" in text for text in found.values())
    plain = post_form(author, "/studio/import", {"pasted": "1 < 2\n\n第二段", "title": "字"}, action="/studio/import")
    assert plain.status_code == 303


def test_nothing_is_a_draft_before_it_is_taken(app: Flask, author: FlaskClient) -> None:
    before = counts(app)
    sent = send(author, "a.docx", word())
    now = counts(app)
    assert {name for name in now if now[name] != before[name]} == {"import_rehearsal"}
    dropped = post_form(author, sent.location, {}, action="/drop")
    assert dropped.status_code == 303
    assert counts(app) == before
    assert author.get(sent.location).status_code == 404


BAD = {
    "climbs": ("a.imscc", cartridge(1, {"../x": b"x"}), "文件路径不能有", "../x"),
    "doctype": ("a.imscc", cartridge(1, {"q/test.xml": '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "b">]><x/>'}),
                "XML 里不能有 DOCTYPE", "q/test.xml　<span class=\"nb\">第 2 行"),
    "broken xml": ("a.mbz", zip_of(moodle_files() | {"questions.xml": "<a>\n<b></a>"}), "XML 写得不对", "第 2 行"),
    "bomb": ("a.imscc", cartridge(1, {"pages/look.html": b"a" * 9_000_000}), "像是压缩炸弹", "pages/look.html"),
    "old word": ("a.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧的 Word 文件", "a.doc"),
    "nothing": ("a.docx", document(""), "文档里没有文字", "a.docx"),
    "cut off": ("a.docx", word()[:-30], "这个文件坏了", "<b>a.docx</b>"),
    "stranger": ("a.exe", b"MZ\0\0", "认不出这个文件", "a.exe"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused_whole_with_their_place(app: Flask, author: FlaskClient, kind: str) -> None:
    name, data, why, where = BAD[kind]
    before = counts(app)
    answer = send(author, name, data)
    assert answer.status_code == 422
    assert why in answer.text
    assert where in answer.text
    assert counts(app) == before


def test_a_picture_of_too_many_pixels_is_told_and_the_rest_comes(author: FlaskClient) -> None:
    answer = send(author, "a.imscc", cartridge(1, {"web_resources/foot.png": claiming(20_000, 10_000)}))
    assert answer.status_code == 303
    page = author.get(answer.location).text
    assert "这张图片没有带来：像素太多" in page
    assert "0 张图片" in page


def test_pressed_twice_at_once_makes_one_draft(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        page = page_file.read("<h1>先看脚</h1><p>坐下。</p>".encode(), "a.html", "脚")
        actor, place = cast.author.actor, cast.places["TC-DEMO"]
        rehearsal_id = rehearsing.rehearse(actor, page, centre_id=place, name="a.html", language="zh")
    gate, made, faults = threading.Barrier(2), [], []

    def press() -> None:
        gate.wait()
        try:
            with app.app_context(), unit_of_work():
                made.append(rehearsing.take(actor, rehearsal_id))
        except Exception as fault:
            faults.append(fault)

    both = [threading.Thread(target=press) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert faults == []
    assert made == [rehearsal_id, rehearsal_id]
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count(Draft.id)).where(Draft.id == rehearsal_id)) == 1
        assert session().scalar(select(func.count(DraftFile.id)).where(DraftFile.draft_id == rehearsal_id)) == 3


def test_a_rehearsal_is_its_makers_and_goes_after_three_days(app: Flask, cast: Cast) -> None:
    actor, place = cast.author.actor, cast.places["TC-DEMO"]
    page = page_file.read(b"<p>x</p>", "a.html", "x")
    with app.app_context(), unit_of_work():
        found = [rehearsing.rehearse(actor, page, centre_id=place, name="a.html", language="zh") for _ in range(7)]
        assert session().scalar(select(func.count(ImportRehearsal.id))) == rehearsing.MOST
        with pytest.raises(NotFound):
            rehearsing.rehearsal(cast.stranger.actor, found[-1])
        with pytest.raises(NotFound):
            rehearsing.take(cast.stranger.actor, found[-1])
        rehearsing.expire()
        assert session().scalar(select(func.count(ImportRehearsal.id))) == rehearsing.MOST
        old = clock.now() - rehearsing.KEPT - timedelta(minutes=1)
        session().query(ImportRehearsal).update({"made_at": old})
        rehearsing.expire()
        assert session().scalar(select(func.count(ImportRehearsal.id))) == 0


def test_the_command_rehearses_and_writes_only_when_told(app: Flask, tmp_path: Path) -> None:
    source, into = tmp_path / "足病.docx", tmp_path / "made"
    source.write_bytes(word())
    run = app.test_cli_runner()
    shown = run.invoke(args=["content", "import-file", str(source)])
    assert shown.exit_code == 0, shown.output
    assert [title for title, _ in json.loads(shown.stdout)["lessons"]] == ["先看脚", "再摸脚"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["足病.docx"]
    done = run.invoke(args=["content", "import-file", str(source), "--into", str(into), "--centre", "TC-DEMO"])
    assert done.exit_code == 0, done.output
    assert (into / "lessons" / "01-lesson-1.zh.md").exists()
    assert run.invoke(args=["content", "import-file", str(source), "--into", str(into)]).exit_code == 1
    source.write_bytes(b"MZ")
    refused = run.invoke(args=["content", "import-file", str(source)])
    assert refused.exit_code == 1
    assert "认不出这个文件" in refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "足病.docx"]


def test_a_child_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_run", lambda arguments: -24)
    with pytest.raises(BadPackageError) as refused:
        reading.read(io.BytesIO(word()), "a.docx", "x")
    assert "时间或内存太多" in str(refused.value.problems[0].message)
