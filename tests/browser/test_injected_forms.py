"""Four hundred script injections through every field for words of every form of the house, whoever may open it, and
through every file it reads: none runs in an answer or on a page that shows what was kept, neither under the real policy
nor without one.

Short here: every form sent once with all payloads in every field, and once with a few that fit. `make injections`
follows every link for forms, sends portions that fit until each kind of field has taken every payload, and looks at the
pages of everybody that show them."""

import io
import os
import re
import sys
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "architecture"))

from cast import make_cast
from films import captions
from houses import build_app
from injected_files import files, tables
from injected_forms import ALL, EVERY, Campaign, Found, House, Looking, discover, discover_links
from injected_scene import more
from matrix_scene import TOKEN, build

from lms.app import create_schema
from lms.kernel.db import dispose

WHOLE = os.environ.get("TORTURE_INJECTIONS") == "1"
PORTION = 40 if WHOLE else 100
ONLY = os.environ.get("ONLY_FORM", "")  # part of a route's name, to look into one
TIME = pytest.mark.timeout(10_800 if WHOLE else 600)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), TIME]
# Routes to which no words go, and which therefore nobody misses where no page of the scene shows their forms.
WITHOUT_WORDS = {
    "assessments.start", "assessments.submit", "certificates.try_again", "courses.enrol", "courses.finish",
    "courses.read_notice", "courses.studio_copy_question", "courses.studio_publish", "courses.studio_reopen_comment",
    "courses.studio_submit", "courses.studio_take", "courses.studio_take_back", "courses.studio_take_up",
    "courses.studio_unmark_notice",
    "credits.approve_awards", "credits.mark_ready", "credits.try_filing_again",
    "credits.undo_history", "credits.undo_rollover", "pathways.stop", "people.commit_roster", "people.enable_person",
    "people.rehearse_undo_roster", "people.try_roster_again", "people.undo_roster",
    "uploads.chunk", "uploads.finish", "uploads.withdraw",
}  # fmt: skip
STATIC = HERE.parent.parent / "lms" / "static"


def static(address: str) -> tuple[str, bytes]:
    """A file of the pages; its address has a hash before the ending."""
    name = Path(urlsplit(address).path).name.split(".")
    path = STATIC / f"{name[0]}.{name[-1]}"
    kind = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}.get(path.suffix, "text/plain")
    return kind, path.read_bytes() if path.is_file() else b""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("forms")
    app = build_app(folder, demo=True)
    create_schema(app)
    scene = build(app, make_cast(app), folder / "packages")
    seeds = more(scene)
    made = House(app, scene, folder, seeds)
    made.keep()
    yield made
    dispose(app)


@pytest.fixture
def looking(chromium: Browser) -> Iterator[Looking]:
    made = Looking(chromium, static)
    yield made
    made.close()


@pytest.fixture(scope="module")
def found(scene: House) -> Found:
    return discover(scene, deep=WHOLE)


def test_every_form_of_the_house_is_found(scene: House, found: Found) -> None:
    """A form that no page of the scene shows would be tried by nobody."""
    posts = {rule.endpoint for rule in scene.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    tried = found.posted | {shape.endpoint for shape in found.shapes.values()}
    assert posts - tried <= WITHOUT_WORDS
    worded = {shape.endpoint for shape in found.shapes.values() if shape.texts or shape.files}
    assert not WITHOUT_WORDS & worded


def test_no_form_of_the_house_runs_what_is_typed_into_it(scene: House, found: Found, looking: Looking) -> None:
    run = Campaign(scene, looking, found.pages, whole=WHOLE)
    for shape in sorted(found.shapes.values(), key=lambda one: one.key):
        if ONLY in shape.endpoint:
            begun = time.monotonic()
            run.through(shape)
            if WHOLE:
                print(f"{shape.endpoint}: {time.monotonic() - begun:.0f} s", flush=True)
    for where, (who, address) in sorted(found.questions.items()):
        if ONLY in where[0]:
            run.asked(where, who, address)
    _told(run, looking, found)
    for where, one in run.filled.items():
        assert one.echoed == EVERY, (where, sorted(EVERY - one.echoed)[:9])
    for kind in {"text", "textarea"} if WHOLE and not ONLY else ():
        kept = {number for one in run.filled.values() if one.kind == kind for number in one.kept}
        assert kept == EVERY, (kind, sorted(EVERY - kept)[:9])


def _told(run: Campaign, looking: Looking, found: Found) -> None:
    for (endpoint, name), one in sorted(run.filled.items()):
        print(f"{endpoint} {name} ({one.kind}): {len(one.echoed)} whole, {len(one.shown)} in the answer, "
              f"{len(one.fitted)} in {one.most} signs, {len(one.kept)} kept, "
              f"shown on {len(run.showing.get(endpoint, ()))} kinds of page")  # fmt: skip
    shown = {number for numbers in looking.shown.values() for number in numbers}
    print(
        f"{len(ALL)} payloads, {len(run.filled)} fields, {len(found.shapes)} forms, {len(found.pages)} pages, "
        f"{run.sent} sent, {run.taken} taken, {len(shown)} payloads seen on {len(looking.shown)} kinds of page, "
        f"{looking.looked} looks, half of them without the policy, {len(looking.executed)} executions"
    )


def test_no_file_of_another_maker_runs_anything(scene: House, looking: Looking) -> None:
    rehearsed, room, count = set[int](), set[int](), 0
    for first in range(0, len(ALL), PORTION):
        for times in (1, 2) if WHOLE else (1 + first // PORTION % 2,):
            made = list(files(ALL[first : first + PORTION], times))
            for name, data in made if WHOLE else made[first // PORTION : first // PORTION + 1]:
                scene.restore()
                author = scene.browsers["author"]
                centre = re.findall(r'name="centre"[^>]*value="([^"]+)"', author.get("/studio/import").text)
                sent = {"language": "zh", "file": (io.BytesIO(data), name), "csrf_token": TOKEN, "title": ""}
                sent |= {"centre": centre[0]} if centre else {}
                answer = author.post("/studio/import", data=sent, content_type="multipart/form-data")
                count += 1
                if answer.status_code != 303:
                    rehearsed |= looking.at(scene.page_of("author POST /studio/import", answer))
                    continue
                rehearsed |= looking.at(scene.get("author", answer.headers["Location"]))
                done = author.post(answer.headers["Location"] + "/take", data={"csrf_token": TOKEN})
                assert done.status_code == 303, done.text
                for address in discover_links(scene, "author", done.headers["Location"]):
                    room |= looking.at(scene.get("author", address))
    looking.flush()
    print(
        f"{len(ALL)} payloads in {count} files; {len(rehearsed)} on rehearsals, {len(room)} in rooms, "
        f"{looking.looked} looks, {len(looking.executed)} executions"
    )
    assert not WHOLE or room | rehearsed == EVERY


def test_no_captions_run_anything(scene: House, looking: Looking) -> None:
    """As what is said, before a film that a lesson shows, and as what is wrong with them."""
    scene.restore()
    author, room = scene.browsers["author"], f"/studio/drafts/{scene.scene.things['room']}"
    lesson, text = scene.scene.things["room_lesson"], scene.scene.things["room_file"]
    placed = {"csrf_token": TOKEN, "lesson": text, "name": "kept.film", "said": ALL[0], "caption": ALL[60]}
    assert author.post(f"{room}/media/place", data=placed).status_code == 303
    seen = set[int]()
    for times in (1, 2) if WHOLE else (1,):
        for first in range(0, len(ALL), 100 if WHOLE else 200):
            for end in ("", "\n00:04.000 --> 00:03.000\n"):
                said = [one if times == 1 else escape(one) for one in ALL[first : first + 100]]
                cues = captions(" ".join(said).replace("\n", " "), "x") + (end + said[0]).encode()
                sent = {"csrf_token": TOKEN, "name": "kept.film", "language": "zh"}
                sent |= {"captions": (io.BytesIO(cues), f"{said[0][:30]}.vtt")}  # type: ignore[dict-item]
                answer = author.post(f"{room}/media/captions", data=sent, content_type="multipart/form-data")
                seen |= looking.at(scene.page_of("author POST captions", answer))
                for address in (f"{room}/media", f"{room}/lessons/{lesson}", f"{room}/lessons/{lesson}/write"):
                    seen |= looking.at(scene.get("author", address))
    looking.flush()
    print(f"{len(seen)} payloads of captions on pages, {looking.looked} looks, {len(looking.executed)} executions")


def test_no_table_of_history_or_answer_runs_anything(scene: House, looking: Looking) -> None:
    history, answers = set[int](), set[int]()

    def sent(where: str, to: str, name: str, data: bytes, **more: Any) -> set[int]:
        admin = scene.browsers["admin"]
        form = {"csrf_token": TOKEN, "file": (io.BytesIO(data), name), **more}
        answer = admin.post(to, data=form, content_type="multipart/form-data")
        if answer.status_code != 303:
            return looking.at(scene.page_of(f"admin POST {to}", answer))
        page = answer.headers["Location"]
        numbers = looking.at(scene.get("admin", page))
        if where == "history":
            admin.post(f"{page}/start", data={"csrf_token": TOKEN}).close()
            scene.drain()
            for address in discover_links(scene, "admin", page):
                numbers |= looking.at(scene.get("admin", address))
            for who, address in (("admin", f"/admin/people/{scene.scene.things['learner']}/statement"),
                                 ("learner", "/me/statement"), ("learner", "/today")):  # fmt: skip
                numbers |= looking.at(scene.get(who, address))
        return numbers

    with scene.app.test_request_context():
        to = scene.app.url_map.bind("localhost")
        history_page = to.build("credits.rehearse_history", method="POST")
        answer_page = to.build("credits.rehearse_answer", {"filing_id": scene.scene.things["filing"]}, method="POST")
    for name, data in tables(20 if WHOLE else 200):
        scene.restore()
        history |= sent("history", history_page, name, data, system="old-cme", headings="")
    award = scene.scene.things["award"]
    many = 10 if WHOLE else 100
    for at in range(0, len(ALL), many):
        quoted = [one.replace('"', '""') for one in ALL[at : at + many]]
        unknown = "".join(f'"{one}",rejected,"{one}","{one}"\n' for one in quoted)
        for rows in (unknown, f'{award},rejected,"{quoted[0]}","{" ".join(quoted[:10])}"\n'):
            scene.restore()
            answers |= sent("answer", answer_page, f"{ALL[at][:40]}.csv", f"row,result,code,text\n{rows}".encode())
    looking.flush()
    print(f"{len(history)} payloads of history and {len(answers)} of answers on pages, {looking.looked} looks, "
          f"{len(looking.executed)} executions")  # fmt: skip
    # All of them are sent; a cell that cannot be right is named by its row and column, most are not repeated.
    assert history
    assert answers
