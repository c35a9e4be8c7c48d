"""Every hostile file through every door of a real house, as its user sends it; what came in is for `hostile_eyes`.

A door sends one file and tells what became of it: let in (and where it is shown), or refused (and with which page).
Refused, nothing of the house has changed: no row, no stored file, nothing beside the data folder.
"""

import os
import re
import socket
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests
from cast import Cast, make_cast
from cookies import NAME, cookie_of
from films import film
from hostile_files import CLIMBS
from pages import forms_of
from stack import Stack, stack

from lms.kernel.db import dispose
from lms.kernel.uow import unit_of_work

PATIENCE = 10
"""Seconds that an answer may take; a slower one is asked for once more, for the machine may be busy with others."""
TOKEN = "hostile-campaign-token"
BARE = {"polyglots", "strangers", "captions", "bombs"}
FEW = 8
KINDLY = (400, 404, 409, 413, 422)
# Tables in which something could be left behind; the house writes in others by itself, whoever asks for what.
ROWS = re.compile(
    r"(?:draft(?!_presence|_health)|import_|upload|media|picture|transcode|course|edition|lesson|claim|audit_trail)"
)
LECTURE = {
    "kind": "unit_lecture", "role": "lecturer", "title": "讲座", "place": "卫生院", "on_date": "2026-03-02",
    "times": "1", "version": "0", "paper_kind": "photo",
}  # fmt: skip


@dataclass
class Told:
    """What became of a file at a door: `shown` are addresses where it is to be seen, `page` what was answered."""

    door: str
    name: str
    let_in: bool
    status: int
    seconds: float
    page: str = ""
    shown: list[str] = field(default_factory=list)


class Visitor:
    """Somebody signed in, without a browser."""

    def __init__(self, url: str, cookie: str) -> None:
        self.url, self.cookie = url, cookie
        self.session = requests.Session()
        self.session.cookies.set(NAME, cookie, domain="127.0.0.1", path="/")

    def get(self, address: str) -> requests.Response:
        return self.session.get(self.url + address, allow_redirects=False, timeout=120)

    def post(self, address: str, data: dict[str, str], files: Any = None) -> requests.Response:
        form = {"csrf_token": TOKEN, **data}
        return self.session.post(self.url + address, form, files=files, allow_redirects=False, timeout=120)


@dataclass
class House:
    """A running house with an author who has a draft with a film in it, and a doctor."""

    running: Stack
    cast: Cast
    author: Visitor
    doctor: Visitor
    centre: str
    caught: list[str]
    draft: str = ""
    film: str = ""
    gallery: str = ""

    @property
    def url(self) -> str:
        return self.running.url

    def standing(self) -> dict[str, Any]:
        """The rows of each table and the files of the data folder."""
        with closing(sqlite3.connect(f"file:{self.running.folder / 'xinglin.db'}?mode=ro", uri=True)) as base:
            names = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            counts = {
                name: base.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
                for name in names
                if ROWS.match(name)
            }
        return counts | {"files": self.files()}

    def files(self) -> frozenset[str]:
        """What lies in the data folder, but for the database and what the processes write of themselves."""
        folder = self.running.folder
        found = (os.path.join(root, name) for root, _, names in os.walk(folder) for name in names)
        named = (one.removeprefix(f"{folder}/") for one in found)
        own = ("xinglin.db", "web.log", "metrics", "made/")
        return frozenset(one for one in named if not one.startswith(own) and not one.endswith(".lock"))

    def strays(self) -> list[str]:
        """Files that lie where a hostile name would have put them."""
        folder = self.running.folder
        beside = [path for path in folder.parent.iterdir() if path != folder]
        places = [folder, *folder.parents, Path("/tmp"), Path.cwd()]
        names = {climb.rstrip("/").replace("\\", "/").rpartition("/")[2].partition("\0")[0] for climb in CLIMBS}
        named = [place / name for place in places for name in names if (place / name).exists()]
        return [str(path) for path in (*beside, *named)]

    def faults(self) -> list[str]:
        """What the house wrote about faults of its own."""
        lines = (self.running.folder / "web.log").read_text(errors="replace").splitlines()
        return [line[-800:] for line in lines if "Traceback" in line or '"fault"' in line]


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """Start a house in an empty folder."""
    made: dict[str, Any] = {}

    def prepare(app: Any) -> None:
        cast = make_cast(app)
        with app.app_context(), unit_of_work():
            keys = {member.key: cookie_of(app, member.person_id, csrf=TOKEN) for member in (cast.author, cast.learner)}
        made.update(app=app, cast=cast, keys=keys)

    with trap() as caught, stack(folder, prepare, workers=2) as running:
        app, cast, keys = made["app"], made["cast"], made["keys"]
        author, doctor = (Visitor(running.url, keys[member.key]) for member in (cast.author, cast.learner))
        try:
            house = House(running, cast, author, doctor, str(cast.places["TC-DEMO"]), caught)
            house.draft = begun(house)
            house.film = filmed(house)
            house.gallery = begun(house)
            yield house
        finally:
            author.session.close()
            doctor.session.close()
            dispose(app)


@contextmanager
def trap() -> Iterator[list[str]]:
    """Listens where the corpus says that there is something to fetch, and notes who comes; root may, others may not."""
    caught: list[str] = []
    with closing(socket.socket()) as ear:
        with suppress(PermissionError, OSError):
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ear.bind(("127.0.0.1", 9))
            ear.listen(8)
            ear.settimeout(0.5)
            over = threading.Event()

            def listen() -> None:
                while not over.is_set():
                    with suppress(TimeoutError):
                        came, who = ear.accept()
                        came.close()
                        caught.append(f"somebody connected from {who}")

            ears = threading.Thread(target=listen)
            ears.start()
            try:
                yield caught
            finally:
                over.set()
                ears.join()
            return
        yield caught


def begun(house: House) -> str:
    """A new draft of the author's with one lesson; its id."""
    form = {"centre": house.centre, "title": "看图", "title_en": "Look", "subject": "emergency", "begin": "nothing"}
    answer = house.author.post("/studio/new", form | {"sent": str(uuid4())})
    assert answer.status_code == 303, answer.text
    draft = answer.headers["Location"].rpartition("/")[2]
    answer = house.author.post(f"/studio/drafts/{draft}/lessons", {"title": "第一课", "title_en": "One"})
    assert answer.status_code == 303, answer.text
    return draft


def filmed(house: House) -> str:
    """A film in the draft, ready to be given captions; its name."""
    address = f"/studio/drafts/{house.draft}/media"
    answer = house.author.post(address, {}, {"files": ("good.mp4", film(1, 320, 240))})
    assert answer.status_code == 303, answer.text
    found = re.search(r'id="m-([^"]+\.film)"', settled(house, address))
    assert found, "the film is not made"
    return found[1]


def settled(house: House, address: str) -> str:
    """A media page when nothing is being made smaller any more."""
    for _ in range(600):
        page = house.author.get(address).text
        if "data-busy" not in page:
            return page
        time.sleep(0.2)
    raise AssertionError("still at work after two minutes")


Door = Callable[[House, str, bytes], Told | None]


def importing(house: House, name: str, data: bytes) -> Told:
    """A file of another maker: rehearsed, then taken in."""
    return _imported(house, "import", name, {}, {"file": (name, data)})


def pasting(house: House, name: str, data: bytes) -> Told | None:
    """A page's source, pasted."""
    if not name.endswith(".html") or not data.strip():
        return None
    return _imported(house, "paste", name, {"pasted": data.decode("utf-8", "replace")[:400_000]}, None)


def _imported(house: House, door: str, name: str, more: dict[str, str], files: Any) -> Told:
    form = {"centre": house.centre, "language": "zh", "title": "", "pasted": "", **more}
    told = _sent(house.author, door, name, "/studio/import", form, files)
    if told.let_in:
        answer = house.author.post(f"{told.shown[0]}/take", {})
        assert answer.status_code == 303, f"{door} {name}: {answer.status_code}"
        told.shown.append(_path(answer))
    return told


def packaging(house: House, name: str, data: bytes) -> Told:
    """A package of the house: rehearsed, taken in, taken up in the writing room."""
    told = _sent(house.author, "package", name, "/studio/upload/rehearse", {}, {"package": (name, data)})
    if told.let_in:
        form = next(one for one in forms_of(told.page) if one["action"].endswith("/take"))
        answer = house.author.post("/studio/upload/take", dict(form["fields"]))
        assert answer.status_code == 303, f"package {name}: {answer.status_code}"
        told.shown.append(_path(answer))
    return told


def uploading(house: House, name: str, data: bytes) -> Told:
    """The same without a rehearsal; what was taken in before is there already, and says so."""
    return _sent(house.author, "upload", name, "/studio/upload", {}, {"package": (name, data)})


def showing(house: House, name: str, data: bytes) -> Told:
    """The media page of a draft; what is let in is shown in its lesson, and the next file has a draft of its own."""
    page = f"/studio/drafts/{house.gallery}/media"
    told = _sent(house.author, "media", name, page, {}, {"files": (name, data)})
    if told.let_in:
        told.shown = [f"/studio/drafts/{house.gallery}"]
        house.gallery = begun(house)
        shown = settled(house, page)
        for medium in re.findall(r'id="m-([^"]+)"', shown):
            lesson = re.search(r'<option value="([^"]+)"', shown)
            assert lesson
            form = {"lesson": lesson[1], "name": medium, "said": "<img src=x onerror=alert(1)>", "caption": '"><b>'}
            answer = house.author.post(f"{page}/place", form)
            assert answer.status_code == 303, f"media {name}: {answer.text[:2000]}"
    return told


def captioning(house: House, name: str, data: bytes) -> Told:
    """Captions of a film."""
    page = f"/studio/drafts/{house.draft}/media"
    form = {"name": house.film, "language": "zh"}
    told = _sent(house.author, "captions", name, f"{page}/captions", form, {"captions": (name, data)})
    told.shown = [f"/studio/drafts/{house.draft}/media"] if told.let_in else []
    return told


def proving(house: House, name: str, data: bytes) -> Told:
    """A paper of a doctor's claim."""
    form = LECTURE | {"claim_id": str(uuid4())}
    told = _sent(house.doctor, "evidence", name, "/credits/claims", form, {"papers": (name, data)})
    told.shown = [one.partition("#")[0] for one in told.shown]
    return told


def piecing(house: House, name: str, data: bytes) -> Told | None:
    """The door of the phone's script; what it lets in is not used and goes again."""
    if not data or len(data) > 256 * 1024:
        return None
    upload, sha = str(uuid4()), sha256(data).hexdigest()
    begin = {"id": upload, "purpose": "evidence", "name": name, "size": str(len(data)), "sha": sha, "chosen_sha": sha}
    answer = house.doctor.post("/uploads", begin)
    assert answer.status_code == 200, answer.text
    headers = {"X-CSRF-Token": TOKEN}
    address = f"{house.url}/uploads/{upload}"
    answer = house.doctor.session.post(f"{address}/pieces/0", data, headers=headers, timeout=120)
    assert answer.status_code == 200, answer.text
    told = _sent(house.doctor, "pieces", name, f"/uploads/{upload}/finish", {}, None)
    if told.let_in:
        house.doctor.post(f"/uploads/{upload}/withdraw", {})
    return told


DOORS: dict[str, Door] = {
    "import": importing, "paste": pasting, "package": packaging, "upload": uploading, "media": showing,
    "captions": captioning, "evidence": proving, "pieces": piecing,
}  # fmt: skip


def taken_up(house: House, told: Told) -> None:
    """A package that was taken in becomes a draft of the writing room."""
    answer = house.author.post(f"{told.shown[-1]}/write", {})
    assert answer.status_code == 303, answer.text


def withdrawn(house: House, told: Told) -> None:
    """A claim that was looked at goes again: a doctor may have only so many."""
    page = house.doctor.get(told.shown[0]).text
    form = next(one for one in forms_of(page) if one["action"].endswith("/withdraw"))
    answer = house.doctor.post(form["action"], dict(form["fields"]))
    assert answer.status_code == 303, answer.text


def book_asked(house: House, draft: str) -> bool:
    """Ask for the book of a draft; whether there may be one."""
    answer = house.author.post(f"{draft}/books", {"book": "zh.epub"})
    assert answer.status_code in (303, 409), answer.text
    return answer.status_code == 303


def book(house: House, draft: str) -> bytes:
    """A book that was asked for, when it is made."""
    for _ in range(600):
        answer = house.author.get(f"{draft}/books/zh.epub")
        if answer.status_code == 200:
            return answer.content
        time.sleep(0.2)
    raise AssertionError("no book after two minutes")


def doors_for(kind: str, number: int) -> Collection[str]:
    """Those that somebody with such a file has: an archive of a course goes to the importers, and only a few of each
    kind to the others, which know an archive by its first bytes; a bare file goes to all."""
    if kind in BARE or number < FEW:
        return DOORS
    return ("package", "upload") if kind == "packages" else ("import", "paste", "package")


def _sent(who: Visitor, door: str, name: str, address: str, form: dict[str, str], files: Any) -> Told:
    for _ in range(2):
        before = time.monotonic()
        answer = who.post(address, form, files)
        seconds = time.monotonic() - before
        if seconds <= PATIENCE or answer.status_code < 400:
            break
    let_in = answer.status_code in (200, 303)
    shown = [_path(answer)] if answer.status_code == 303 else []
    return Told(door, name, let_in, answer.status_code, seconds, answer.text, shown)


def _path(answer: requests.Response) -> str:
    return urlsplit(answer.headers["Location"]).path


@dataclass
class Account:
    """What a campaign found; the lists must be empty at its end."""

    slow: list[str] = field(default_factory=list)
    unkind: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    halves: list[str] = field(default_factory=list)
    parts: set[str] = field(default_factory=set)
    outcome: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0


def sent_through(house: House, name: str, data: bytes, account: Account, doors: Collection[str]) -> Iterator[Told]:
    """One file through these doors; what was told at each, already judged."""
    packaged = False
    for door in doors:
        send = DOORS[door]
        if door == "upload" and packaged:
            continue
        before = house.standing()
        told = send(house, name, data)
        if told is None:
            continue
        packaged = packaged or (door == "package" and told.let_in)
        account.outcome[f"{door}: {'taken' if told.let_in else 'refused'}"] += 1
        account.longest = max(account.longest, told.seconds)
        if told.seconds > PATIENCE:
            account.slow.append(f"{door} {name}: {told.seconds:.1f} s")
        if not told.let_in:
            _judge_refusal(house, told, before, account)
        yield told


def _judge_refusal(house: House, told: Told, before: dict[str, Any], account: Account) -> None:
    if told.status not in KINDLY:
        account.unkind.append(f"{told.door} {told.name}: {told.status}")
    if not _reason(told):
        account.nameless.append(f"{told.door} {told.name}: {_said(told.page)}")
    after = house.standing()
    more = after.pop("files") - before.pop("files")
    account.parts |= {one for one in more if one.startswith("uploads/")}
    account.halves += [f"{told.door} {told.name}: {one}" for one in sorted(more - account.parts)]
    account.halves += [
        f"{told.door} {told.name}: {what} {was} → {after[what]}" for what, was in before.items() if was != after[what]
    ]


def parts_left(house: House, account: Account) -> list[str]:
    """Parts of refused uploads that still lie there: a task sweeps them away, a moment later."""
    end = time.monotonic() + 60
    while (left := sorted(account.parts & house.files())) and time.monotonic() < end:
        time.sleep(0.2)
    return left


def _reason(told: Told) -> bool:
    """Whether a refusal says why, and of which file where a form may bring several or an archive holds several."""
    if told.door == "pieces":
        return len(told.page) > 10
    said = _said(told.page)
    if told.door in ("import", "paste"):
        return bool(said) and "整个课程包" not in said
    return told.name in said if told.door in ("media", "evidence") else bool(said)


def _said(page: str) -> str:
    """The words of what a page says is wrong."""
    parts = re.findall(r'role="alert".*?(?=<form|</form|</main)|class="err".*?</p>', page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^<>]*>|^[^<>]*>", " ", " ".join(parts))).split())
