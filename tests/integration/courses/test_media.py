"""The media page: files come in, become small and clean, are shown words first, and never cross a fence."""

import hashlib
import io
import re
import struct
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import films
import pytest
import time_machine
from cast import Cast, Member
from course_packages import BODY, good_files, lesson_md, tree, zipped
from flask import Flask
from flask.testing import FlaskClient
from pages import forms_of, post_form
from PIL import Image
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from lms.courses import commands
from lms.courses.media import carrying, ffmpeg, judging, keeping, ogg, sweeping, transcoding
from lms.courses.media.models import KnownFile, PictureSize, Transcode
from lms.courses.media.ogg import read_opus
from lms.courses.models import Draft, DraftMedium, Edition, EditionMedium
from lms.courses.packages.tree import read_zip
from lms.courses.writing.models import DraftFile
from lms.kernel import clock, files
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.uow import unit_of_work
from lms.uploads.models import Upload

SignIn = Callable[[FlaskClient, Member], FlaskClient]
WorkOff = Callable[[Flask], int]


@pytest.fixture
def author(client: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(client, cast.author)


@pytest.fixture
def draft(author: FlaskClient) -> str:
    """The address of a draft made of the sample package, written here."""
    answer = author.post(
        "/studio/upload",
        data={"csrf_token": token(author, "/studio/upload"), "package": (io.BytesIO(zipped(good_files())), "p.zip")},
    )
    assert answer.status_code == 303, answer.text
    assert post_form(author, answer.location, action="/write").status_code == 303
    return str(answer.location)


def token(client: FlaskClient, page: str) -> str:
    return dict(forms_of(client.get(page).text)[0]["fields"])["csrf_token"]


def send(client: FlaskClient, draft: str, data: bytes, called: str = "film.mp4", **fields: str) -> TestResponse:
    page = f"{draft}/media"
    sent = {"csrf_token": token(client, page), "files": (io.BytesIO(data), called), **fields}
    return client.post(page, data=sent)


def fetch(client: FlaskClient, address: str, **headers: str) -> TestResponse:
    """A whole answer, and its file closed again."""
    answer = client.get(address, headers=headers)
    answer.get_data()
    answer.close()
    return answer


def deed(client: FlaskClient, draft: str, what: str, **fields: object) -> TestResponse:
    return client.post(f"{draft}/media/{what}", data={"csrf_token": token(client, f"{draft}/media"), **fields})


def give_captions(client: FlaskClient, draft: str, name: str, **said: bytes) -> None:
    for language in ("zh", "en"):
        data = said.get(language, films.captions())
        answer = deed(client, draft, "captions", name=name, language=language, captions=(io.BytesIO(data), "c.vtt"))
        assert answer.status_code == 303, answer.text


def count(app: Flask, table: type) -> int:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(func.count()).select_from(table)) or 0


def draft_files(app: Flask, address: str) -> dict[str, tuple[UUID, str | None]]:
    with app.app_context(), unit_of_work(write=False):
        rows = session().scalars(select(DraftFile).where(DraftFile.draft_id == UUID(address.rpartition("/")[2])))
        return {row.path: (row.id, row.text) for row in rows}


def show(client: FlaskClient, app: Flask, draft: str, name: str) -> None:
    """Put a file at the end of the first lesson, in both languages."""
    for language, said, caption in (("zh", "量 [两] 次", "图 2"), ("en", "Measure [two] times", "Figure 2")):
        lesson = draft_files(app, draft)[f"lessons/01-part-1.{language}.md"][0]
        answer = deed(client, draft, "place", name=name, lesson=str(lesson), said=said, caption=caption)
        assert answer.status_code == 303, answer.text


def publish(author: FlaskClient, reviewer: FlaskClient, draft: str) -> None:
    answer = post_form(author, draft, action="/submit")
    assert answer.status_code == 303
    assert "审核中" in author.get(draft).text, re.sub(r"<[^>]+>", " ", author.get(draft).text)[-1500:]
    answer = post_form(reviewer, draft, {"note": "提醒都看过，可以保留"}, action="/approve")
    assert answer.status_code == 303, answer.text
    assert post_form(author, draft, action="/publish").status_code == 303


def learn(app: Flask, cast: Cast, sign_in: SignIn, language: str = "zh") -> tuple[FlaskClient, str]:
    """A learner on the first lesson."""
    learner = sign_in(app.test_client(), cast.learner)
    began = post_form(learner, "/courses/sample", action="/enrol")
    return learner, learner.get(began.location).text


def test_a_film_becomes_small_and_is_shown_words_first(
    app: Flask, cast: Cast, sign_in: SignIn, author: FlaskClient, draft: str, work_off: WorkOff
) -> None:
    answer = send(author, draft, films.film(2, 640, 360), "量血压 Measuring.mp4")
    assert answer.status_code == 303, answer.text
    page = author.get(f"{draft}/media").text
    assert "measuring.film" in page
    assert "排着队" in page
    work_off(app)
    assert count(app, Transcode) == 0
    page = author.get(f"{draft}/media").text
    assert "240p" in page
    assert "360p" in page
    assert "480p" not in page
    assert "缺字幕" in page
    show(author, app, draft, "measuring.film")
    refused = author.get(draft).text
    assert "字幕" in refused
    give_captions(author, draft, "measuring.film", zh=films.captions("先<b>坐</b>下。", "1 &lt; 2"))
    publish(author, sign_in(app.test_client(), cast.reviewer), draft)
    learner, lesson = learn(app, cast, sign_in)
    figure = re.search(r"<figure><p><strong>录像.*?</figure>", lesson, re.S)
    assert figure
    shown = figure[0]
    assert shown.index("先坐下。") < shown.index("<video"), "what is said comes before the player"
    assert re.search(r"240p，0\.\d MB", shown)
    assert shown.count('preload="none"') == 2
    assert "2 秒" in shown
    assert "autoplay" not in shown
    assert 'kind="captions"' in shown
    address = re.findall(r'<source src="(/media/[0-9a-f]{64}\.mp4)"', shown)[0]
    whole = fetch(learner, address)
    assert whole.status_code == 200
    assert whole.mimetype == "video/mp4"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    part = fetch(learner, address, Range="bytes=10-19")
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert whole.data.index(b"moov") < whole.data.index(b"mdat")
    words = re.findall(r"/media/[0-9a-f]{64}\.vtt", shown)[0]
    assert fetch(learner, words).mimetype == "text/vtt"
    assert "1 ‹ 2" in fetch(learner, words).text


def test_a_picture_is_made_anew_in_three_sizes(
    app: Flask, cast: Cast, sign_in: SignIn, author: FlaskClient, draft: str
) -> None:
    assert send(author, draft, films.photo(), "cuff.jpg").status_code == 303
    show(author, app, draft, "cuff.jpg")
    page = author.get(f"{draft}/media").text
    assert "1280×960" in page
    assert "量 ［两］ 次" in page, "the words that stand for it in the lesson"
    publish(author, sign_in(app.test_client(), cast.reviewer), draft)
    learner, lesson = learn(app, cast, sign_in)
    found = re.search(r'<picture><source type="image/webp" srcset="([^"]+)"[^>]*><img src="([^"]+)"', lesson)
    assert found, lesson
    widths = []
    for one in found[1].split(", "):
        address, said = one.split(" ")
        answer = fetch(learner, address)
        assert answer.mimetype == "image/webp"
        with Image.open(io.BytesIO(answer.data)) as seen:
            assert f"{seen.width}w" == said
            widths.append(seen.width)
    assert widths == [320, 640, 1280]
    fallback = fetch(learner, found[2])
    assert fallback.mimetype == "image/jpeg"
    assert b"38.04" not in fallback.data
    assert 'loading="lazy"' in lesson


def test_sound_and_handouts(
    app: Flask, cast: Cast, sign_in: SignIn, author: FlaskClient, draft: str, work_off: WorkOff
) -> None:
    assert send(author, draft, films.sound(), "breath.mp3").status_code == 303
    out = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(out, "PDF")
    assert send(author, draft, out.getvalue(), "sheet.pdf", name="Wall chart").status_code == 303
    work_off(app)
    for name in ("breath.audio", "wall-chart.pdf"):
        show(author, app, draft, name)
    give_captions(author, draft, "breath.audio")
    publish(author, sign_in(app.test_client(), cast.reviewer), draft)
    learner, lesson = learn(app, cast, sign_in)
    player = r'<audio controls="" preload="none"><source src="[^"]+\.ogg" type="audio/ogg; codecs=opus">'
    assert re.search(player, lesson)
    heard = [fetch(learner, one) for one in re.findall(r"/media/[0-9a-f]{64}\.(?:ogg|m4a)", lesson)]
    assert [one.mimetype for one in heard] == ["audio/ogg", "audio/mp4"]
    assert re.search(r"讲义：量 ［两］ 次</a> PDF，0\.\d MB", lesson)
    sheet = fetch(learner, re.findall(r"/media/[0-9a-f]{64}\.pdf", lesson)[0])
    assert sheet.headers["Content-Disposition"].startswith("attachment")


def test_without_ffmpeg_ready_films_are_taken_and_the_page_says_what_is_missing(
    author: FlaskClient, app: Flask, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, unfit, webm = films.ready(), films.film(2, 640, 360), films.film(
        1, 64, 64, "-c:v", "libvpx", "-c:a", "libopus", end="webm"
    )
    monkeypatch.setattr(ffmpeg, "programme", lambda: "")
    known = count(app, KnownFile)
    assert "没有装 ffmpeg" in author.get(f"{draft}/media").text
    for data in (unfit, webm):
        refused = send(author, draft, data)
        assert refused.status_code == 422
        assert "只收现成的" in refused.text
    cut = send(author, draft, fit[:-500])
    assert cut.status_code == 422
    assert "坏了" in cut.text
    assert count(app, KnownFile) == known
    assert send(author, draft, fit, "ready.mp4").status_code == 303
    record = draft_files(app, draft)["media/ready.film.toml"][1]
    assert record
    sha = re.findall(r'sha = "([0-9a-f]{64})"', record)[0]
    kept = fetch(author, f"/media/{sha}.mp4").data
    assert len(kept) == len(fit)
    assert b"38.04" in fit
    assert b"38.04" not in kept, "notes of the place are gone"


def test_without_ffmpeg_ready_opus_is_taken_without_its_notes(
    author: FlaskClient, app: Flask, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ("-metadata", "title=place 38.04,114.51", "-metadata", f"comment={'x' * 80_000}")
    good = films.opus("24k", 3, *said)
    loud, vorbis = films.opus("128k", 30), films.sound(1, end="ogg")
    monkeypatch.setattr(ffmpeg, "programme", lambda: "")
    known = count(app, KnownFile)
    forged = good[:-40] + bytes([good[-40] ^ 1]) + good[-39:]
    refusals = {
        "坏了": (good[:-500], forged, good + good, good[: len(good) // 2] + b"<script>"), "只收现成的": (vorbis,),
        "kbit/s；现成的 Opus": (loud,),
    }  # fmt: skip
    for why, sounds in refusals.items():
        for data in sounds:
            refused = send(author, draft, data, "talk.ogg")
            assert refused.status_code == 422
            assert why in refused.text
    assert count(app, KnownFile) == known
    assert send(author, draft, good, "talk.ogg").status_code == 303
    record = draft_files(app, draft)["media/talk.audio.toml"][1] or ""
    assert "seconds = 3" in record
    sha = re.findall(r'sha = "([0-9a-f]{64})"', record)[0]
    kept = fetch(author, f"/media/{sha}.ogg").data
    assert b"38.04" in good
    assert b"38.04" not in kept
    assert len(kept) == len(good)
    assert read_opus(kept).comments == 0
    assert read_opus(good).comments == 2


def noted(vendor: bytes, note: bytes) -> bytes:
    """A short sound whose notes begin with these."""
    data = films.opus("24k", 1)
    ((start, length),) = read_opus(data).tags
    body = [b"OpusTags", len(vendor).to_bytes(4, "little"), vendor, b"\1\0\0\0", len(note).to_bytes(4, "little"), note]
    said = b"".join(body).ljust(length - 28, b"\0")
    page = data[start : start + 22] + bytes(4) + b"\1" + bytes([len(said)]) + said
    page = page[:22] + ogg._sum(page).to_bytes(4, "little") + page[26:]
    return data[:start] + page + data[start + length :]


@pytest.mark.parametrize(
    ("vendor", "note", "right"),
    [
        (b"Lavf60.3.100", b"encoder=Lavc60.3.100 libopus", True), (b"", b"ENCODER=Lavc libopus", True),
        (b"38.04,114.51", b"encoder=Lavc60.3.100 libopus", False), (b"Lavf60.3.100", b"encoder=38.04,114.51", False),
    ],
)  # fmt: skip
def test_an_ogg_with_words_where_a_programme_names_itself_is_refused(
    tmp_path: Path, vendor: bytes, note: bytes, right: bool
) -> None:
    path = tmp_path / "sound"
    path.write_bytes(noted(vendor, note))
    with nullcontext() if right else pytest.raises(Invalid):
        judging.judged(path, "ogg")


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 90"{more}><text y="40">量两次</text>{inside}</svg>'


def test_a_drawing_is_taken_as_it_is_and_shown(
    app: Flask, cast: Cast, sign_in: SignIn, author: FlaskClient, draft: str
) -> None:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn {"x" * 5000} -->\n'
    data = (head + SVG.format(more="", inside="")).encode()
    assert send(author, draft, data, "步骤 Steps.svg").status_code == 303
    page = author.get(f"{draft}/media").text
    name, sha = re.findall(r'id="m-([a-z0-9-]+\.svg)"', page)[-1], hashlib.sha256(data).hexdigest()
    assert name == "steps.svg"
    assert f'src="/media/{sha}.svg"' in page
    assert "320×90" in page
    show(author, app, draft, name)
    assert "(media/steps.svg" in (draft_files(app, draft)["lessons/01-part-1.zh.md"][1] or "")
    shown = fetch(author, f"/media/{sha}.svg")
    assert shown.data == data
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert fetch(app.test_client(), f"/media/{sha}.svg").status_code == 404
    publish(author, sign_in(app.test_client(), cast.reviewer), draft)
    assert f'src="/media/{sha}.svg"' in learn(app, cast, sign_in)[1]


def test_a_photo_takes_the_place_of_a_drawing(app: Flask, author: FlaskClient, draft: str) -> None:
    send(author, draft, SVG.format(more="", inside="").encode(), "steps.svg")
    show(author, app, draft, "steps.svg")
    answer = send(author, draft, films.photo(64, 64), "photo.jpg", replaces="steps.svg")
    assert answer.status_code == 303
    assert "media/steps.jpg" in (draft_files(app, draft)["lessons/01-part-1.zh.md"][1] or "")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (SVG.format(more=' onload="x()"', inside=""), "SVG 里不能有脚本（onload）"),
        (SVG.format(more="", inside="<script>x</script>"), "SVG 里不能用 &lt;script&gt;，只能画图和写字"),
        (SVG.format(more="", inside='<use href="https://evil.example/x.svg#a"/>'), "SVG 里的链接只能指向图内"),
        (SVG.format(more="", inside="<g style='mask:image-set(&quot;//x/&quot; 1x)'/>"), "SVG 的样式里不能引用外面"),
        (SVG.format(more="", inside="<style>@import url(x.css)</style>"), "SVG 的样式里不能引用外面的东西"),
        ("<!DOCTYPE svg>" + SVG.format(more="", inside=""), "SVG 里不能有 DOCTYPE"),
        (SVG.format(more="", inside=f"<desc>{'a' * 310_000}</desc>"), "图片太大，每张不超过 300 kB"),
        (SVG.format(more="", inside="").replace("320 90", "9000 90"), "边长要在 1 到 4000 像素之间"),
        (SVG.format(more="", inside="")[:-6], "看不懂这张 SVG 图"),
    ],
)
def test_a_drawing_that_is_more_is_refused_and_told_why(
    app: Flask, author: FlaskClient, draft: str, data: str, said: str
) -> None:
    before = (count(app, KnownFile), count(app, DraftFile), count(app, DraftMedium))
    answer = send(author, draft, data.encode(), "a.svg")
    assert answer.status_code == 422
    assert said in answer.text
    assert "“a.svg”" in answer.text
    assert (count(app, KnownFile), count(app, DraftFile), count(app, DraftMedium)) == before


def bad_files() -> dict[str, tuple[bytes, str]]:
    film = films.film(3, 320, 240, "-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart")
    lying = bytearray(films.film(1, 64, 64, "-c:v", "libvpx", "-c:a", "libopus", end="webm"))
    at = lying.index(b"\x44\x89\x88") + 3  # Duration, eight bytes, in milliseconds
    lying[at : at + 8] = struct.pack(">d", 3_600_000.0)
    huge = io.BytesIO()
    Image.new("1", (16_000, 12_500)).save(huge, "PNG")
    return {
        "a page": (b"<html><script>alert(1)</script>", "网页"),
        "nothing known": (b"\x00\x01\x02" * 400, "没有收下"),
        "zip": (zipped({"a": b"b"}), "压缩文件"),
        "200 megapixels": (huge.getvalue(), "太大"),
        "picture and page": (films.photo(64, 64)[:20] + b"<script>" + films.photo(64, 64)[20:], "没有收下"),
        "half a picture": (films.photo()[:4000], "没有收下"),
        "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG 里不能用 &lt;script&gt;"),
        "film without an end": (film[:300], "没有收下"),
        "a playlist": (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "没有收下"),
        "only ftyp": (b"\0\0\0\x18ftypisom" + b"\0" * 4000, "没有收下"),
        "lying length": (bytes(lying), "最长 20 分钟"),
    }


@pytest.mark.parametrize("what", list(bad_files()))
def test_bad_files_are_refused_in_a_sentence_and_nothing_is_kept(
    what: str, app: Flask, author: FlaskClient, draft: str
) -> None:
    data, said = bad_files()[what]
    kept = (KnownFile, DraftFile, DraftMedium, Upload)
    before = [count(app, table) for table in kept]
    answer = send(author, draft, data, "x.bin")
    assert answer.status_code == 422, what
    assert "“x.bin”" in answer.text
    assert said in answer.text, (what, re.findall(r'role="alert">(.*?)</div>', answer.text, re.S))
    assert [count(app, table) for table in kept] == before
    assert count(app, Transcode) == 0


def test_a_film_that_is_cut_off_fails_where_its_author_sees_it_and_can_be_tried_again(
    app: Flask, author: FlaskClient, draft: str, work_off: WorkOff
) -> None:
    film = films.film(8, 320, 240, "-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart")
    assert send(author, draft, film[: len(film) * 2 // 5], "cut.mp4").status_code == 303
    work_off(app)
    page = author.get(f"{draft}/media").text
    assert "这个文件不完整" in page
    assert post_form(author, f"{draft}/media", action="/retry").status_code == 303
    assert "排着队" in author.get(f"{draft}/media").text
    assert deed(author, draft, "remove", name="cut.film").status_code == 303
    work_off(app)
    assert count(app, Transcode) == 0
    assert "media/cut.film.toml" not in draft_files(app, draft)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no captions", "不是字幕文件"),
        (films.CAPTIONS.format("<script>alert(1)</script>", "x").encode(), "第 4 行"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx\n", "第 3 行"),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n中".encode("gb18030"), "UTF-8"),
        (b"WEBVTT\n\n" + b"x" * 300_000, "太大"),
        (b"", "请先选一个文件"),
    ],
)
def test_bad_captions_are_refused_by_line(
    data: bytes, said: str, app: Flask, author: FlaskClient, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = films.ready()
    monkeypatch.setattr(ffmpeg, "programme", lambda: "")
    send(author, draft, ready, "a.mp4")
    answer = deed(author, draft, "captions", name="a.film", language="zh", captions=(io.BytesIO(data), "c.vtt"))
    assert answer.status_code == 422
    assert said in answer.text
    assert "media/a.zh.vtt" not in draft_files(app, draft)


def test_a_course_has_no_more_than_its_quota(
    app: Flask, author: FlaskClient, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "quota", lambda: 12_000)
    assert send(author, draft, films.photo(400, 300), "small.jpg").status_code == 303
    refused = send(author, draft, films.film(2, 640, 360))
    assert refused.status_code == 422
    assert "超过" in refused.text
    assert count(app, Transcode) == 0


def test_a_worker_that_was_killed_is_followed_once_and_the_second_time_it_is_said(
    app: Flask, author: FlaskClient, draft: str, work_off: WorkOff
) -> None:
    send(author, draft, films.film(), "a.mp4")

    def die() -> None:
        with app.app_context():
            assert transcoding._claim() is not None
            assert transcoding._claim() is None, "nobody else takes it while the lease holds"
            with unit_of_work():
                session().execute(update(Transcode).values(lease_until=clock.now() - timedelta(seconds=1)))

    die()
    die()
    work_off(app)
    assert "停了两次" in author.get(f"{draft}/media").text
    assert post_form(author, f"{draft}/media", action="/retry").status_code == 303
    die()
    with app.app_context():
        transcoding.resume()
        transcoding.resume()
    work_off(app)
    assert "media/a.film.toml" in draft_files(app, draft)
    assert count(app, Transcode) == 0


def test_whoever_lost_the_lease_changes_nothing_any_more(app: Flask, author: FlaskClient, draft: str) -> None:
    send(author, draft, films.film(), "a.mp4")
    with app.app_context():
        slow = transcoding._claim()
        assert slow
        with unit_of_work():
            session().execute(update(Transcode).values(attempts=slow.attempt + 1))
        transcoding._do(slow)
        with unit_of_work(write=False):
            row = session().scalars(select(Transcode)).one()
            assert (row.state, row.fault) == ("working", None)
    assert "media/a.film.toml" not in draft_files(app, draft)


def test_replacing_renames_in_lessons_and_what_is_used_is_not_removed(
    app: Flask, author: FlaskClient, draft: str
) -> None:
    send(author, draft, films.photo(400, 300), "cuff.jpg")
    show(author, app, draft, "cuff.jpg")
    refused = deed(author, draft, "remove", name="cuff.jpg")
    assert refused.status_code == 409
    assert "还在用" in refused.text
    small = films.photo(200, 100, "PNG")
    assert send(author, draft, small, "new.png", replaces="cuff.jpg").status_code == 303
    now = draft_files(app, draft)
    assert "media/cuff.jpg" not in now
    assert "(media/cuff.png " in (now["lessons/01-part-1.zh.md"][1] or "")
    assert send(author, draft, films.ready(), "f.mp4", replaces="cuff.png").status_code == 422


def test_another_centre_sees_and_takes_nothing(
    app: Flask, cast: Cast, sign_in: SignIn, author: FlaskClient, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = films.ready()
    monkeypatch.setattr(ffmpeg, "programme", lambda: "")
    send(author, draft, ready, "a.mp4")
    record = draft_files(app, draft)["media/a.film.toml"][1] or ""
    sha = re.findall(r'sha = "([0-9a-f]{64})"', record)[0]
    stranger = sign_in(app.test_client(), cast.stranger)
    assert fetch(author, f"/media/{sha}.mp4").status_code == 200
    assert fetch(stranger, f"/media/{sha}.mp4").status_code == 404
    assert stranger.get(f"{draft}/media").status_code == 404
    texts: dict[str, str | bytes] = dict(good_files(code="XL-OTH", slug="other", centre="TC-OTHER"))
    texts |= {"media/a.film.toml": record, "media/a.zh.vtt": films.captions(), "media/a.en.vtt": films.captions()}
    for language in ("zh", "en"):
        body = BODY + "\n![film](media/a.film)\n"
        texts[f"lessons/01-part-1.{language}.md"] = lesson_md("x", 1, body)
    sent = {"csrf_token": token(stranger, "/studio/upload"), "package": (io.BytesIO(zipped(texts)), "p.zip")}
    answer = stranger.post("/studio/upload", data=sent)
    assert answer.status_code == 422
    assert "media/a.film.toml" in answer.text


def test_a_reviewer_comments_on_captions_and_the_author_reads_it_beside_them(
    app: Flask, cast: Cast, sign_in: SignIn, author: FlaskClient, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one cue of several that say the same, found again in captions that were sent anew."""
    ready, reviewer = films.ready(), sign_in(app.test_client(), cast.reviewer)
    monkeypatch.setattr(ffmpeg, "programme", lambda: "")
    send(author, draft, ready, "a.mp4")
    show(author, app, draft, "a.film")
    give_captions(author, draft, "a.film", zh=films.captions("再量两次 & 记下。", "再量两次 & 记下。"))
    assert post_form(author, draft, action="/submit").status_code == 303
    page = reviewer.get(f"{draft}/review?file=media/a.zh.vtt").text
    assert "0:00–0:01" in page
    assert "a.film.toml" not in page, "a record of a recording has no words"
    said = {"quote": "再量两次 & 记下。", "text": "写明隔几分钟"}
    at = f"{draft}/review?file=media/a.zh.vtt&at=2"
    wrong = post_form(reviewer, at, said | {"quote": "没有这句"}, action="/comments")
    assert wrong.status_code == 422
    assert "这个文件里没有这段话" in wrong.text
    assert post_form(reviewer, at, said, action="/comments").status_code == 303
    (form,) = [dict(one["fields"]) for one in forms_of(reviewer.get(draft).text) if "seen" in one["names"]]
    assert reviewer.post(f"{draft}/changes", data=form | {"note": ""}).status_code == 303
    room = author.get(f"{draft}/media").text
    assert "审核人对字幕的意见" in room
    assert "写明隔几分钟" in room
    assert "0:01–0:02" in room, "the second of the two"
    for second, standing in (("再量两次 & 都记下。", "有小改动"), ("躺着也行。", "改过了")):
        give_captions(author, draft, "a.film", zh=films.captions("先坐下。", second))
        assert f"这段文字{standing}" in author.get(f"{draft}/media").text
    done = post_form(author, f"{draft}/media", {"text": "写上了", "done": "y"}, action="/answer")
    assert "/media#c-" in done.location
    assert "都办完了" in author.get(draft).text


def test_a_package_with_films_leaves_and_comes_back_the_same(
    app: Flask, cast: Cast, sign_in: SignIn, author: FlaskClient, draft: str, work_off: WorkOff
) -> None:
    send(author, draft, films.film(), "a.mp4")
    work_off(app)
    show(author, app, draft, "a.film")
    give_captions(author, draft, "a.film")
    publish(author, sign_in(app.test_client(), cast.reviewer), draft)
    with app.app_context(), unit_of_work(write=False):
        name = session().scalars(select(Edition.package_hash)).one()
        package, out = read_zip(files.read(name)), io.BytesIO()
        carrying.write_whole_zip(package, out)
        heavy = carrying.heavy_of(package)
    assert len(heavy) == 2
    with zipfile.ZipFile(out) as archive:
        assert {one for one in archive.namelist() if ".mp4" in one or ".jpg" in one} == {
            f"media/{sha}.{'mp4' if one.mime == 'video/mp4' else 'jpg'}" for sha, one in heavy.items()
        }
    with app.app_context():
        with unit_of_work():
            for table in (EditionMedium, DraftMedium, KnownFile):
                session().execute(table.__table__.delete())  # type: ignore[attr-defined]
        for sha in heavy:
            files.forget(sha)
        again, brought = carrying.read_whole_zip(out.getvalue())
        assert brought == set(heavy)
        assert again == package
        back = io.BytesIO()
        carrying.write_whole_zip(again, back)
        assert back.getvalue() == out.getvalue()
        assert all(files.exists(sha) for sha in heavy)
        changed = bytearray(out.getvalue())
        changed[out.getvalue().index(b"ftyp")] ^= 1
        with pytest.raises(commands.BadPackageError if hasattr(commands, "BadPackageError") else Exception):
            carrying.read_whole_zip(bytes(changed))
    plain, whole = io.BytesIO(), tree(good_files())
    with app.app_context():
        carrying.write_whole_zip(whole, plain)
        assert carrying.read_whole_zip(plain.getvalue()) == (whole, set())


def test_what_nothing_names_goes_after_a_while(
    app: Flask, author: FlaskClient, draft: str, work_off: WorkOff
) -> None:
    send(author, draft, films.film(), "a.mp4")
    send(author, draft, films.photo(), "cuff.jpg")
    work_off(app)
    show(author, app, draft, "cuff.jpg")
    assert deed(author, draft, "remove", name="a.film").status_code == 303
    with app.app_context(), unit_of_work():
        assert sweeping.sweep() == []
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True), app.app_context():
        with unit_of_work():
            gone = sweeping.sweep()
        work_off(app)
        assert not [sha for sha, _ in gone if files.exists(sha)]
    assert len(gone) == 2, "the film as it came and as it was made; posters may be anybody's"
    assert count(app, PictureSize) == 3
    with app.app_context(), unit_of_work(write=False):
        assert all(files.exists(sha) for sha in session().scalars(select(PictureSize.sha)))


def test_the_shell_tells_and_works(app: Flask, author: FlaskClient, draft: str) -> None:
    send(author, draft, films.film(), "a.mp4")
    shell = app.test_cli_runner()
    done = shell.invoke(args=["content", "media", "transcode"])
    assert (done.exit_code, done.output.strip()) == (0, '{\n  "left": 0\n}'), done.output
    told = shell.invoke(args=["content", "media", "list", "XL-TST"])
    assert '"a.film"' in told.output
    swept = shell.invoke(args=["content", "media", "sweep", "--days", "0"])
    assert '"files": 1' in swept.output
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count(Draft.id))) == 1
