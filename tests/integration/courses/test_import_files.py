"""What a course of another maker gives out: hand-outs, sound and films come along, judged like an upload."""

import hashlib
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import films
import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient
from foreign_files import cartridge, moodle_files, targz_of, zip_of
from pages import post_form
from sqlalchemy import func, select
from test_imports import counts, send, taken, texts
from uploaded import CANARY, locked_pdf, pdf, told_pdf

from lms.courses.imports import attached, brought, rehearsing
from lms.courses.imports.rehearsing import KEPT
from lms.courses.media import ffmpeg, keeping, sweeping
from lms.courses.media.models import KnownFile, Transcode
from lms.courses.models import Draft
from lms.courses.packages.recording import MediaFile
from lms.kernel import clock, files
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

SignIn = Callable[[FlaskClient, Member], FlaskClient]
LINKED = (
    "<html><body><h1>先看脚</h1><p>先读<a href='$IMS-CC-FILEBASE$/look.pdf'>看脚 [讲义]</a>，再看。</p>"
    "<video controls><source src='films/ready.mp4'><p>您的浏览器放不了</p></video><p>完。</p>"
    "<p><a href='no.docx'>表格</a></p></body></html>"
)


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.author)


def given_out() -> bytes:
    """A cartridge whose page links to a hand-out and plays a film; another hand-out stands by itself."""
    more = {
        "pages/look.html": LINKED, "web_resources/look.pdf": told_pdf(), "pages/films/ready.mp4": films.ready(),
        "pages/no.docx": b"PK\x03\x04nothing", "hand.pdf": pdf(), "extra/locked.pdf": locked_pdf("x"),
    }  # fmt: skip
    return cartridge(1, more)


def known(app: Flask, sha: str) -> bool:
    with app.app_context(), unit_of_work(write=False):
        return session().get(KnownFile, sha) is not None and files.exists(sha)


def record(text: str) -> str:
    """The stored file that a record names."""
    return text.partition('sha = "')[2][:64]


def test_what_pages_link_to_comes_into_the_lesson(
    app: Flask, author: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = given_out()
    monkeypatch.setattr(ffmpeg, "programme", lambda: "")
    page, draft_id = taken(author, "足病.imscc", data)
    assert "3 个附件" in page
    assert "<b>pages/no.docx</b>" in page
    assert "附件没有带来：只收 PDF、录音、录像和图片" in page
    found = texts(app, draft_id)
    lesson = found["lessons/01-lesson-1.zh.md"]
    assert "先读看脚 \\[讲义\\]，再看。\n\n![看脚 \\[讲义\\]](media/look.pdf)\n\n" in lesson
    assert "![ready.mp4](media/ready.film)\n\n完。" in lesson
    assert "放不了" not in lesson
    assert "![hand.pdf](media/hand.pdf)" in found["lessons/02-lesson-2.zh.md"]
    assert 'title = "附件"' in found["lessons/02-lesson-2.zh.md"]
    handout, film = record(found["media/look.pdf.toml"]), record(found["media/ready.film.toml"])
    sent = author.get(f"/media/{handout}.pdf", buffered=True).data
    assert hashlib.sha256(sent).hexdigest() == handout
    assert CANARY.encode() not in sent
    played = author.get(f"/media/{film}.mp4", buffered=True).data
    assert b"38.04" not in played
    assert hashlib.sha256(played).hexdigest() == film
    media = author.get(f"/studio/drafts/{draft_id}/media").text
    assert "ready.film" in media
    with app.app_context(), unit_of_work(write=False):
        draft = session().get(Draft, UUID(draft_id))
        assert draft is not None
        assert keeping.used(draft) >= len(sent) + len(played)


def test_with_ffmpeg_a_film_is_made_smaller_once_there_is_a_draft(app: Flask, author: FlaskClient) -> None:
    sent = send(author, "足病.imscc", given_out())
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count(Transcode.id))) == 0
    done = post_form(author, sent.location, {}, action="/take")
    draft_id = done.location.rpartition("/")[2]
    with app.app_context(), unit_of_work(write=False):
        rows = session().scalars(select(Transcode)).all()
        assert [(row.name, row.state, str(row.draft_id)) for row in rows] == [("ready.film", "waiting", draft_id)]
        assert files.exists(rows[0].source_sha)
    assert "ready.film" in author.get(f"/studio/drafts/{draft_id}/media").text


def test_a_film_of_a_very_long_name_can_be_taken(app: Flask, author: FlaskClient) -> None:
    """SQLite keeps what PostgreSQL refuses: the name is as short as the table says."""
    path = f"films/{'长' * 70}/{'x' * 120}.mp4"
    page = f"<html><body><p>先看脚。</p><video controls><source src='{path}'></video></body></html>"
    taken(author, "a.imscc", cartridge(1, {"pages/look.html": page, f"pages/{path}": films.ready()}))
    with app.app_context(), unit_of_work(write=False):
        row = session().scalars(select(Transcode)).one()
        assert 0 < len(row.source_name) <= Transcode.__table__.c.source_name.type.length  # type: ignore[attr-defined]


def test_what_is_refused_in_the_end_is_known_and_swept(
    app: Flask, author: FlaskClient, monkeypatch: pytest.MonkeyPatch, work_off: Callable[[Flask], None]
) -> None:
    film, page = films.ready(), "<html><body><p>先看脚。</p><video><source src='ready.mp4'></video></body></html>"
    monkeypatch.setattr(ffmpeg, "programme", lambda: "")
    monkeypatch.setattr(keeping, "quota", lambda: 1000)
    before = counts(app)
    assert send(author, "a.imscc", cartridge(1, {"pages/look.html": page, "pages/ready.mp4": film})).status_code == 422
    with app.app_context():
        with unit_of_work(write=False):
            (sha,) = session().scalars(select(KnownFile.sha)).all()
            assert files.exists(sha)
        with unit_of_work():
            assert [one for one, _ in sweeping.sweep(timedelta(0))] == [sha]
    work_off(app)
    with app.app_context():
        assert not files.exists(sha)
    assert {**counts(app), "outbox": 0} == {**before, "outbox": 0}


@pytest.mark.parametrize("late", [False, True])
def test_what_is_stored_again_is_not_swept(app: Flask, late: bool, work_off: Callable[[Flask], None]) -> None:
    """Stored again just before the sweep, or between the sweep and the removal: whoever did so will name it."""
    with app.app_context():
        sha = files.store(b"a film")
        week, place = clock.now() - 2 * sweeping.AGE, f"files/{sha[:2]}/{sha[2:4]}/{sha}"
        os.utime(app.extensions["xinglin.settings"].data / place, (week.timestamp(),) * 2)
        with unit_of_work():
            keeping.know([MediaFile(sha, "video/mp4", 6)])
            session().query(KnownFile).update({"made_at": week})
        if not late:
            files.store(b"a film")
        with unit_of_work():
            assert [one for one, _ in sweeping.sweep()] == [sha] * late
        if late:
            files.store(b"a film")
        work_off(app)
        assert files.exists(sha)


def test_few_bytes_wait_for_one_person(author: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (
        send(author, "a.imscc", cartridge(1, {"hand.pdf": pdf(pages)})).location for pages in (1, 2, 3)
    )
    assert [author.get(one).status_code for one in (first, second, third)] == [200, 200, 200]
    monkeypatch.setattr(rehearsing, "MOST_WAITING", 10)
    fourth = send(author, "a.imscc", cartridge(1, {"hand.pdf": pdf(4)})).location
    assert [author.get(one).status_code for one in (first, second, third, fourth)] == [404, 404, 404, 200]


@pytest.mark.parametrize("pack", [zip_of, targz_of])
def test_a_moodle_backup_brings_its_resources(
    app: Flask, author: FlaskClient, pack: Callable[[dict[str, str | bytes]], bytes]
) -> None:
    page, draft_id = taken(author, "足病.mbz", pack(with_resources()))
    assert "2 个附件" in page
    assert "<b>坏.pdf</b>" in page
    found = texts(app, draft_id)
    assert "![讲义](media/pdf-1.pdf)" in found["lessons/02-lesson-2.zh.md"]
    assert "课前看：\n\n![查脚录音](media/talk.audio)" in found["lessons/03-lesson-3.zh.md"]
    assert not any("attached" in text for text in found.values())


def with_resources() -> dict[str, str | bytes]:
    """A backup with a page that links to a hand-out, a sound as an activity, and a hand-out that is broken."""
    given = {"讲义.pdf": (55, pdf(2)), "talk.mp3": (66, films.sound()), "坏.pdf": (77, b"%PDF-1.4 broken")}
    made = dict(moodle_files())
    rows = stored = ""
    for name, (context, data) in given.items():
        sha = hashlib.sha1(data).hexdigest()
        made[f"files/{sha[:2]}/{sha}"] = data
        rows += (f"<file><contenthash>{sha}</contenthash><contextid>{context}</contextid><filearea>content</filearea>"
                 f"<filename>{name}</filename></file>")  # fmt: skip
    made["files.xml"] = str(made["files.xml"]).replace("</files>", rows + "</files>")
    page = str(made["activities/page_1/page.xml"])
    link = "&lt;p&gt;&lt;a href='@@PLUGINFILE@@/%E8%AE%B2%E4%B9%89.pdf'&gt;讲义&lt;/a&gt;&lt;/p&gt;</content>"
    made["activities/page_1/page.xml"] = page.replace("</content>", link)
    for number, (title, intro) in {66: ("查脚录音", "&lt;p&gt;课前看：&lt;/p&gt;"), 77: ("坏的", "")}.items():
        directory = f"activities/resource_{number}"
        stored += (f"<activity><moduleid>{number}</moduleid><sectionid>9</sectionid><modulename>resource</modulename>"
                   f"<title>{title}</title><directory>{directory}</directory></activity>")  # fmt: skip
        made[f"{directory}/resource.xml"] = (
            f'<activity contextid="{number}"><resource><name>{title}</name><intro>{intro}</intro></resource></activity>'
        )
    whole = str(made["moodle_backup.xml"])
    made["moodle_backup.xml"] = whole.replace("</activities>", stored + "</activities>")
    return made


def test_more_than_a_course_may_have_is_refused_whole(
    app: Flask, author: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts(app)
    monkeypatch.setattr(keeping, "quota", lambda: 1000)
    answer = send(author, "足病.imscc", cartridge(1, {"hand.pdf": pdf()}))
    assert answer.status_code == 422
    assert "里面的图片和附件合起来" in answer.text
    # What was stored before this was known is known, so that it can be swept away.
    assert {**counts(app), "media_file": 0} == before


def test_what_waits_for_a_decision_is_not_swept(app: Flask, author: FlaskClient) -> None:
    sent = send(author, "足病.imscc", cartridge(1, {"hand.pdf": pdf(3)}))
    with app.app_context(), unit_of_work():
        assert sweeping.AGE > KEPT
        session().query(KnownFile).update({"made_at": clock.now() - 2 * sweeping.AGE})
    again = send(author, "足病.imscc", cartridge(1, {"hand.pdf": pdf(3)}))
    with app.app_context(), unit_of_work():
        sweeping.sweep()
    done = post_form(author, again.location, {}, action="/take")
    found = texts(app, done.location.rpartition("/")[2])
    assert known(app, record(found["media/hand.pdf.toml"]))
    assert author.get(sent.location).status_code == 200


def test_no_more_files_come_than_may(author: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "programme", lambda: "")
    links = "".join(f"<p><a href='{number}.mp3'>讲义 {number}</a></p>" for number in range(brought.MOST_ATTACHED + 2))
    more: dict[str, str | bytes] = {"pages/look.html": f"<html><body>{links}</body></html>"}
    more |= {f"pages/{number}.mp3": b"ID3 and nothing %d" % number for number in range(brought.MOST_ATTACHED + 2)}
    page = author.get(send(author, "a.imscc", cartridge(1, more)).location).text
    assert "太多，一次最多 40 个" in page


def test_judging_many_files_ends_in_time(author: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "MOST_SECONDS", 0)
    page = author.get(send(author, "a.imscc", cartridge(1, {"hand.pdf": pdf()})).location).text
    assert "来不及一一检查" in page
    assert "个附件" not in page


def test_the_command_writes_a_package_with_its_files(app: Flask, tmp_path: Path) -> None:
    source, into = tmp_path / "足病.imscc", tmp_path / "made"
    source.write_bytes(given_out())
    run = app.test_cli_runner()
    done = run.invoke(args=["content", "import-file", str(source), "--into", str(into), "--centre", "TC-DEMO"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["attached"] == 3
    sha = record((into / "media" / "look.pdf.toml").read_text())
    assert hashlib.sha256((into / "media" / f"{sha}.pdf").read_bytes()).hexdigest() == sha
