"""Whole courses out and in: the same bytes there and back, rehearsed before, taken in once."""

import hashlib
import io
import json
import re
import threading
import zipfile
from pathlib import Path
from uuid import UUID

import films
import pytest
from cast import Cast
from course_generator import generated
from course_packages import SHIPPED, good_files, knowledge_toml, zipped
from flask import Flask
from flask.testing import FlaskClient
from package_round import download, there_and_back, upload
from pages import forms_of, post_form
from sqlalchemy import func, select

from lms.courses import commands, exchange
from lms.courses.models import Draft
from lms.courses.packages.tree import pack, read_folder, read_zip
from lms.courses.writing import starting
from lms.courses.writing.models import DraftFile
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

CONTENT = Path(__file__).parents[3] / "content" / "courses"
FEW = 20


@pytest.fixture
def author(app: Flask, cast: Cast, sign_in) -> FlaskClient:
    return sign_in(app.test_client(), cast.author)


def drafts(app: Flask) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(Draft)) or 0


def rehearse(author: FlaskClient, data: bytes):
    form = forms_of(author.get("/studio/upload").text)[-1]
    sent = {**dict(form["fields"]), "package": (io.BytesIO(data), "course.zip")}
    return author.post("/studio/upload/rehearse", data=sent)


@pytest.mark.parametrize("slug", [path.name for path in SHIPPED])
def test_a_shipped_course_goes_out_and_in_without_a_byte_changed(
    app: Flask, author: FlaskClient, slug: str, tmp_path: Path
) -> None:
    with app.app_context(), unit_of_work():
        commands.publish_folder(CONTENT / slug, dated=False)
    out = download(author, f"/studio/courses/{slug}/editions/1")
    tree = read_folder(CONTENT / slug)
    assert read_zip(out) == tree
    assert there_and_back(author, tree, out) == out
    told = app.test_cli_runner().invoke(args=["content", "export", slug, str(tmp_path / "out.zip")])
    assert told.exit_code == 0, told.output
    assert (tmp_path / "out.zip").read_bytes() == out


def test_generated_courses_go_out_and_in_without_a_byte_changed(author: FlaskClient) -> None:
    """A few of them; `make packages` takes three hundred."""
    for seed in range(FEW):
        files = generated(seed)
        there_and_back(author, files, zipped(files, folder="outer/" if seed % 2 else ""))


def test_an_archive_says_nothing_of_when_and_where_it_was_packed() -> None:
    one = pack({"course.toml": b"a", "items/a.toml": b"b" * 5000})
    assert one == pack({"items/a.toml": b"b" * 5000, "course.toml": b"a"})
    for info in zipfile.ZipFile(io.BytesIO(one)).infolist():
        told = (info.date_time, info.create_system, info.external_attr >> 16, info.extra)
        assert told == ((1980, 1, 1, 0, 0, 0), 3, 0o100644, b"")


def test_a_package_is_rehearsed_and_taken_in_once_however_often_it_is_pressed(
    app: Flask, cast: Cast, author: FlaskClient, tmp_path: Path, sign_in
) -> None:
    texts = good_files()
    for path, text in texts.items():
        target = tmp_path / "sample" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
    with app.app_context(), unit_of_work():
        commands.publish_folder(tmp_path / "sample")
    texts["items/bank.toml"] = texts["items/bank.toml"].replace("TST-001 问什么", "TST-001 问哪样")
    texts["items/knowledge.toml"] = knowledge_toml()
    texts["lessons/02-part-2.zh.md"] = texts["lessons/02-part-2.zh.md"].replace("量两次", "量三次")
    page = rehearse(author, zipped({**texts, "__MACOSX/._x": b"x"}, folder="桌面/")).text
    assert drafts(app) == 0
    for said in ("和第 1 版比", "第 2 课", "改过", "TST-001", "TST-K01", "__MACOSX/._x", "桌面"):
        assert said in page, said
    assert "第 1 课<" not in page
    form = next(one for one in forms_of(page) if one["action"].endswith("/take"))
    stranger = sign_in(app.test_client(), cast.stranger)
    theirs = {**dict(form["fields"]), **_token(stranger)}
    assert stranger.post("/studio/upload/take", data=theirs).location.endswith("/studio/upload")
    answers = [author.post("/studio/upload/take", data=dict(form["fields"])) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert drafts(app) == 1
    draft = re.sub(r"^https?://[^/]+", "", answers[0].location)
    back = read_zip(download(author, draft))
    for path in ("items/bank.toml", "items/knowledge.toml"):
        assert back[path] == texts[path].encode()


def test_pressed_twice_at_once_both_lead_to_the_draft(
    app: Flask, cast: Cast, author: FlaskClient, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second press is past the first question when the first is done and what was laid by is gone."""
    form = next(one for one in forms_of(rehearse(author, zipped(good_files())).text) if one["action"].endswith("/take"))
    other, taken = sign_in(app.test_client(), cast.author), exchange.taken_already
    sent = {**dict(form["fields"]), **_token(other)}
    first: list[str] = []

    def late(actor: Actor, draft_id: UUID) -> UUID | None:
        monkeypatch.setattr(exchange, "taken_already", taken)
        found = taken(actor, draft_id)
        worker = threading.Thread(
            target=lambda: first.append(author.post("/studio/upload/take", data=dict(form["fields"])).location)
        )
        worker.start()
        worker.join()
        return found

    monkeypatch.setattr(exchange, "taken_already", late)
    assert other.post("/studio/upload/take", data=sent).location == first[0]
    assert drafts(app) == 1


def test_a_press_that_made_another_draft_leads_there_again(app: Flask, cast: Cast, author: FlaskClient) -> None:
    form = next(one for one in forms_of(rehearse(author, zipped(good_files())).text) if one["action"].endswith("/take"))
    sent = dict(form["fields"])
    first = UUID(author.post("/studio/upload/take", data=sent).location.rpartition("/")[2])
    with app.app_context():
        tree, report, brought = commands.checked(zipped(good_files(hours="5")))
        with unit_of_work():
            second = commands.take_in(cast.author.actor, tree, report, brought, first)
    assert second != first
    assert author.post("/studio/upload/take", data=sent).location.endswith(str(second))


def test_recordings_and_captions_that_come_are_rehearsed(app: Flask, author: FlaskClient, tmp_path: Path) -> None:
    sounds = [films.opus("24k", seconds) for seconds in (1, 2)]
    shas = [hashlib.sha256(sound).hexdigest() for sound in sounds]
    row = 'kind = "audio"\nseconds = 9\n\n[[files]]\nsha = "{}"\ntype = "audio/ogg"\nsize = {}\n'
    before: dict[str, str | bytes] = {
        **good_files(), f"media/{shas[0]}.ogg": sounds[0], "media/same.audio.toml": row.format(shas[0], len(sounds[0])),
        "media/a.audio.toml": row.format(shas[0], len(sounds[0])),
        **{f"media/{name}.vtt": films.captions().decode() for name in ("a.zh", "a.en", "same.zh")},
    }  # fmt: skip
    for path, text in before.items():
        target = tmp_path / "sample" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
    with app.app_context(), unit_of_work():
        commands.publish_folder(tmp_path / "sample")
    after = before | {
        f"media/{shas[1]}.ogg": sounds[1], "media/a.audio.toml": row.format(shas[1], len(sounds[1])),
        "media/a.zh.vtt": films.captions("先坐好。").decode(), "media/new.audio.toml": before["media/a.audio.toml"],
    }  # fmt: skip
    del after["media/a.en.vtt"]
    page = rehearse(author, zipped(after)).text
    listed = page.partition('id="changes"')[2].partition("</section>")[0]
    rows = re.findall(r"<li><span><span>([^<]+)</span>.*?(新的|改过|去掉)", listed)
    assert sorted(rows) == [
        ("a.audio", "改过"), ("a.en.vtt", "去掉"), ("a.zh.vtt", "改过"), ("new.audio", "新的"),
    ]  # fmt: skip
    assert "<h3>录音</h3>" in listed
    assert "<h3>字幕</h3>" in listed


def test_a_package_sent_twice_at_once_makes_one_draft_and_another_package_another(
    app: Flask, cast: Cast, author: FlaskClient, sign_in
) -> None:
    form = next(one for one in forms_of(author.get("/studio/upload").text) if "package" in one["names"])
    gate, made, faults = threading.Barrier(2), [], []

    def press(client: FlaskClient, data: bytes, *, wait: bool = True) -> None:
        fields = {**dict(form["fields"]), **_token(client), "package": (io.BytesIO(data), "course.zip")}
        if wait:
            gate.wait(30)
        try:
            answer = client.post("/studio/upload", data=fields)
            assert answer.status_code == 303, answer.text
            made.append(answer.location)
        except Exception as fault:
            faults.append(fault)

    clients = [author, sign_in(app.test_client(), cast.author)]
    both = [threading.Thread(target=press, args=(client, zipped(good_files()))) for client in clients]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert faults == []
    assert len(made) == 2
    assert len(set(made)) == drafts(app) == 1
    press(author, zipped(good_files(hours="5")), wait=False)
    assert faults == []
    assert drafts(app) == 2
    assert author.post("/studio/upload", data={**dict(form["fields"]), "sent": "x"}).status_code == 422


@pytest.mark.parametrize("since", ["withdrawn", "in_review", "written"])
def test_an_old_page_does_not_lead_to_a_draft_that_has_changed(
    app: Flask, cast: Cast, author: FlaskClient, since: str
) -> None:
    form = next(one for one in forms_of(author.get("/studio/upload").text) if "package" in one["names"])
    data = zipped(good_files())

    def press() -> str:
        said = {**dict(form["fields"]), **_token(author), "package": (io.BytesIO(data), "course.zip")}
        return str(author.post("/studio/upload", data=said).location)

    first = press()
    assert press() == first
    draft_id = UUID(first.rpartition("/")[2])
    with app.app_context(), unit_of_work():
        if since == "written":
            starting.take_up(cast.author.actor, draft_id)
        else:
            session().query(Draft).filter_by(id=draft_id).update({"state": since})
    if since == "written":
        assert press() == first  # opened here, and still what was sent
        with app.app_context(), unit_of_work():
            session().query(DraftFile).filter_by(draft_id=draft_id, path="course.toml").update({"text": "x = 1"})
    second = press()
    assert second != first
    assert press() == second
    assert drafts(app) == 2
    with author.get(f"{second}/package.zip") as sent:
        assert read_zip(sent.data) == read_zip(data)


def _token(client: FlaskClient) -> dict[str, str]:
    form = next(one for one in forms_of(client.get("/studio/upload").text) if "csrf_token" in one["names"])
    return {"csrf_token": dict(form["fields"])["csrf_token"]}


def test_what_the_checker_refuses_is_not_even_rehearsed(app: Flask, author: FlaskClient) -> None:
    texts = good_files()
    texts["items/bank.toml"] = texts["items/bank.toml"].replace("difficulty = 1", "difficulty = 9", 1)
    for data, said in ((zipped(texts), "items/bank.toml"), (b"no zip", "ZIP"), (b"", "请选一个 ZIP 文件")):
        answer = rehearse(author, data)
        assert answer.status_code == 422
        assert said in answer.text
    assert drafts(app) == 0


def test_another_centres_course_and_draft_are_not_there(app: Flask, cast: Cast, author: FlaskClient, sign_in) -> None:
    draft = upload(author, zipped(good_files()))
    stranger = sign_in(app.test_client(), cast.stranger)
    assert stranger.get(f"{draft}/package.zip").status_code == 404
    assert author.get("/studio/courses/sample/editions/1/package.zip").status_code == 404


def test_the_shell_rehearses_and_takes_in(app: Flask, cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "course.zip"
    path.write_bytes(zipped(good_files()))
    runner = app.test_cli_runner()
    for more, made in ((["--rehearse"], 0), ([], 1)):
        told = runner.invoke(args=["content", "import", str(path), "--phone", cast.author.phone, *more])
        assert told.exit_code == 0, told.output
        answer = json.loads(told.stdout)
        assert (answer["course"], answer["compared_with_edition"]) == ("sample", None)
        assert bool(answer["draft"]) == bool(made)
        assert drafts(app) == made
    told = runner.invoke(args=["content", "import", str(path), "--phone", cast.stranger.phone])
    assert told.exit_code == 1
    assert drafts(app) == 1


def test_a_room_as_it_is_written_goes_out(author: FlaskClient) -> None:
    """Also a draft that the checker would still refuse."""
    draft = upload(author, zipped(good_files()))
    post_form(author, draft, action="/write")
    before = read_zip(download(author, draft))
    author_page = author.get(draft).text
    assert "/package.zip" in author_page
    post_form(author, draft, {"title": "再看一课"}, action="/lessons")
    after = read_zip(download(author, draft))
    assert set(after) - set(before) == {path for path in after if path.startswith("lessons/03-")} != set()
