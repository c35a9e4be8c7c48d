"""PostgreSQL, a Celery worker, files in a bucket: a film is sent, its worker is killed in the middle, another one makes
it, once; the course is published and a learner fetches a part of the film. And two films that want the last room."""

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import films
import pytest
import requests
from buckets import bucket
from cast import Cast, make_cast
from cookies import cookie_of
from course_packages import good_files, zipped
from flask import Flask
from houses import House
from pages import forms_of
from sqlalchemy import select, update
from stack import WORKER, Stack, stack
from truth import wait_for

from lms.courses import commands
from lms.courses.media import ffmpeg, keeping, taking, transcoding
from lms.courses.media.models import Transcode
from lms.courses.models import Draft
from lms.courses.writing import starting
from lms.courses.writing.models import DraftFile
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.uow import unit_of_work

pytestmark = pytest.mark.races
PATIENCE = 120
# Stands on the PATH before ffmpeg: writes down what it is asked, and holds the second film while a file is there.
WRAPPER = """#!/bin/sh
echo "$*" >> "{log}"
case "$*" in *scale=-2:360*) while [ -e "{hold}" ]; do sleep 0.05; done;; esac
exec "{real}" "$@"
"""


class Browser:
    """Somebody at the running house."""

    def __init__(self, url: str, cookie: str) -> None:
        self.url = url
        self.cookie = {"Cookie": f"xinglin={cookie}"}

    def get(self, path: str, **headers: str) -> requests.Response:
        answer = requests.get(self.url + path, headers={**self.cookie, **headers}, timeout=PATIENCE)
        if "xinglin" in answer.cookies:
            self.cookie = {"Cookie": f"xinglin={answer.cookies['xinglin']}"}
        return answer

    def post(self, page: str, action: str, fields: dict[str, object] | None = None, **files: object) -> str:
        """Send the form of a page whose action ends so; where it leads."""
        shown = self.get(page)
        form = next(one for one in forms_of(shown.text) if one["action"].endswith(action))
        data = {**dict(form["fields"]), **(fields or {})}
        answer = requests.post(
            self.url + form["action"], data=data, files=files or None, headers=self.cookie, allow_redirects=False,
            timeout=PATIENCE,
        )  # fmt: skip
        assert answer.status_code == 303, (action, answer.status_code, answer.text[-3000:])
        return answer.headers["Location"]


def wrapped(folder: Path) -> tuple[Path, Path, Path]:
    """A folder for the PATH, the file that holds the work, and the log of what was asked."""
    hold, log = folder / "hold", folder / "asked"
    hold.touch()
    script = folder / "ffmpeg"
    script.write_text(WRAPPER.format(log=log, hold=hold, real=ffmpeg.programme()))
    script.chmod(0o755)
    return folder, hold, log


def test_a_worker_killed_in_the_middle_of_a_film_is_followed_once(tmp_path: Path, pg_server: object) -> None:
    film = films.film(2, 640, 360)
    (tmp_path / "bin").mkdir()
    path, hold, log = wrapped(tmp_path / "bin")
    kept: dict[str, object] = {}

    def prepare(app: object) -> None:
        assert isinstance(app, Flask)
        kept["app"] = app
        cast = make_cast(app)
        with app.app_context(), unit_of_work():
            draft = commands.upload_package(cast.author.actor, zipped(good_files()))
            starting.take_up(cast.author.actor, draft)
            for who in ("author", "reviewer", "learner"):
                kept[who] = cookie_of(app, getattr(cast, who).person_id)
        kept["draft"] = draft

    with bucket() as settings:
        more = {**settings, "PATH": f"{path}:{os.environ['PATH']}"}
        with stack(
            tmp_path / "house", prepare, server=pg_server, database="media", celery=True, workers=1, settings=more  # type: ignore[arg-type]
        ) as running:  # fmt: skip
            app = kept["app"]
            assert isinstance(app, Flask)
            author, reviewer, learner = (
                Browser(running.url, str(kept[who])) for who in ("author", "reviewer", "learner")
            )
            room = f"/studio/drafts/{kept['draft']}"
            author.post(f"{room}/media", "/media", files=("film.mp4", film, "video/mp4"))
            wait_for(lambda: "scale=-2:360" in (log.read_text() if log.exists() else ""), PATIENCE)
            assert "%" in author.get(f"{room}/media").text
            running.kill("worker")
            hold.unlink()
            _follow(app, running)
            wait_for(lambda: _record(app) != "", PATIENCE)
            asked = log.read_text()
            assert [asked.count(f"scale=-2:{height}") for height in (240, 360)] == [2, 2], "begun twice, and no more"
            _publish(author, reviewer, room, app)
            began = learner.post("/courses/sample", "/enrol")
            lesson = learner.get(began).text
            address = re.findall(r'<source src="(/media/[0-9a-f]{64}\.mp4)"', lesson)[0]
            part = learner.get(address, Range="bytes=4-11")
            assert (part.status_code, part.content[:4]) == (206, b"ftyp")
            with app.app_context(), unit_of_work(write=False):
                assert session().scalars(select(Transcode)).all() == []


def _follow(app: Flask, running: Stack) -> None:
    """The lease runs out, somebody looks (twice at once), and a new worker stands there."""
    with app.app_context():
        with unit_of_work():
            row = session().scalars(select(Transcode)).one()
            assert (row.state, row.attempts) == ("working", 1)
            session().execute(update(Transcode).values(lease_until=clock.now()))
        transcoding.resume()
        transcoding.resume()
    running.start("worker", WORKER)


def _record(app: Flask) -> str:
    with app.app_context(), unit_of_work(write=False):
        return session().scalar(select(DraftFile.text).where(DraftFile.path == "media/film.film.toml")) or ""


def _publish(author: Browser, reviewer: Browser, room: str, app: Flask) -> None:
    for language, said in (("zh", "量血压"), ("en", "Measuring")):
        film = {"name": "film.film", "language": language}
        author.post(f"{room}/media", "/captions", film, captions=("c.vtt", films.captions(), "text/vtt"))
        with app.app_context(), unit_of_work(write=False):
            path = f"lessons/01-part-1.{language}.md"
            lesson = session().scalars(select(DraftFile.id).where(DraftFile.path == path)).one()
        author.post(f"{room}/media", "/place", {"name": "film.film", "lesson": str(lesson), "said": said})
    author.post(room, "/submit")
    reviewer.post(room, "/approve", {"note": "提醒都看过，可以保留"})
    author.post(room, "/publish")


@pytest.fixture
def house(postgresql_house: House) -> House:
    postgresql_house.restore()
    return postgresql_house


def test_of_two_files_that_want_the_last_room_one_is_refused(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking.uploads, "take", lambda *_given: None)
    with app.app_context(), unit_of_work():
        draft_id = commands.upload_package(cast.author.actor, zipped(good_files()))
        starting.take_up(cast.author.actor, draft_id)
        brought = keeping.used(session().get_one(Draft, draft_id))
        monkeypatch.setattr(keeping, "quota", lambda: brought + 1000)
    start = threading.Barrier(4)
    became: list[str] = []

    def one(number: int) -> None:
        this = taking.Arrived(UUID(int=number), f"f{number}.pdf", "pdf", "application/pdf", f"{number:064x}", 600)
        with app.app_context():
            start.wait()
            try:
                with unit_of_work():
                    became.append(taking.take(cast.author.actor, draft_id, this))
            except Invalid:
                became.append("")

    _at_once([lambda number=number: one(number) for number in range(1, 5)])  # type: ignore[misc]
    assert sorted(bool(one) for one in became) == [False, False, False, True]
    with app.app_context(), unit_of_work(write=False):
        assert keeping.used(session().get_one(Draft, draft_id)) == brought + 600


def _at_once(deeds: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
