"""The forms of the house as its pages show them, filled and sent with payloads, and the looking at what comes back.

The application answers in this process, from a database that is put back before each form; a small server hands its
answers to Chromium twice, with the Content-Security-Policy they had and without it."""

import hashlib
import io
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from cast import PASSWORD, id_number
from cookies import NAME
from flask import Flask
from flask.testing import FlaskClient
from injections import LOOK, payloads
from lxml import html as reading
from matrix_scene import TOKEN, Scene
from matrix_table import EVERYBODY, TABLE
from playwright.sync_api import Browser, BrowserContext
from uploaded import jpeg
from werkzeug.datastructures import MultiDict

from lms.kernel import jobs
from lms.kernel.db import dispose

ALL = payloads()
EVERY = set(range(len(ALL)))
ROUNDS = 8  # of a form that the house takes; the next form of this kind of field goes on with the next payloads
AT_ONCE = 8  # answers looked at side by side
NUMBER = re.compile(r"hit\((\d+)\)")
# Words of forms that the scene has no page for: only a second person of the county's auditors is asked.
WORDS_OF = {"credits.second": "text", "courses.studio_settle": "text"}
PLAIN = min((one for one in ALL if one.startswith("<img src=x onerror")), key=len)
MARK = re.compile(r"hit(?:\(|%28|&#40;|&lpar;|\\u0028)|onerror")  # a page without any of it shows no payload
WORDS = {"text", "search", "url", "tel", "email", "password"}


@dataclass(frozen=True)
class Answer:
    """What the house answered: who asked for which address, the page, the policy it came with."""

    said: str
    body: bytes
    policy: str


@dataclass(frozen=True)
class Text:
    """A field for words; `most` characters it takes, by what the page says (0: it does not say)."""

    name: str
    most: int
    kind: str
    said: str


@dataclass(frozen=True)
class Shape:
    """A form of a page, with the button that is pressed. Without a page it is one that only scripts send."""

    member: str
    page: str
    endpoint: str
    action: str
    fields: tuple[tuple[str, str], ...]
    texts: tuple[Text, ...]
    files: tuple[str, ...]
    pressed: tuple[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """What makes two forms the same one."""
        return (self.endpoint, " ".join(sorted({text.name for text in self.texts})))


@dataclass
class House:
    """The application with the scene, its database as it was, and a browser for each member; `seeds` are pages to look
    at first (who, address)."""

    app: Flask
    scene: Scene
    folder: Path
    seeds: list[tuple[str, str]]
    browsers: dict[str, FlaskClient] = field(default_factory=dict)
    _cookies: dict[str, str] = field(default_factory=dict)

    def keep(self) -> None:
        """This is how the database is to be from now on before each form."""
        for member in EVERYBODY:
            cookie = self.scene.browser(member).get_cookie(NAME)
            assert cookie is not None
            self._cookies[member] = cookie.value
        dispose(self.app)
        shutil.copy(self.folder / "xinglin.db", self.folder / "kept.db")
        self.restore()

    def restore(self) -> None:
        dispose(self.app)
        database = self.folder / "xinglin.db"
        for ending in ("-wal", "-shm"):
            database.with_name(database.name + ending).unlink(missing_ok=True)
        shutil.copy(self.folder / "kept.db", database)
        jobs.forget_slots()
        for member, cookie in self._cookies.items():
            self.browsers[member] = self.app.test_client()
            self.browsers[member].set_cookie(NAME, cookie)

    def drain(self) -> None:
        with self.app.app_context():
            self.app.extensions["xinglin.runner"].drain()

    def endpoint(self, address: str, method: str = "GET") -> str:
        """Which route an address leads to; nothing if to none."""
        try:
            return str(self.app.url_map.bind("localhost").match(urlsplit(address).path, method=method)[0])
        except Exception:
            return ""

    def get(self, member: str, address: str) -> Answer | None:
        """A page as this member sees it; nothing if it is none."""
        answer = self.browsers[member].get(address)
        body, kind = answer.data, answer.mimetype
        answer.close()
        if answer.status_code in (301, 302, 303) or kind != "text/html":
            return None
        return Answer(f"{member} GET {address}", body, answer.headers.get("Content-Security-Policy", ""))

    def page_of(self, said: str, answer: Any) -> Answer | None:
        """What was answered to something sent; nothing if it is no page."""
        body = answer.data
        answer.close()
        assert answer.status_code < 500, said
        return Answer(said, body, answer.headers.get("Content-Security-Policy", "")) if b"<html" in body else None

    def send(self, shape: Shape, action: str, pairs: MultiDict[str, Any]) -> tuple[int, Answer | None]:
        """Send a form and go where it leads; the first status, and the last page if it is one."""
        browser = self.browsers[shape.member]
        multipart = {"content_type": "multipart/form-data"} if shape.files else {}
        answer = browser.post(action, data=pairs, **multipart)
        status, here = answer.status_code, action
        for _ in range(4):
            if answer.status_code not in (301, 302, 303):
                break
            to = answer.headers["Location"]
            answer.close()
            assert not re.match(r"\s*(?:javascript|data|vbscript|//|https?://(?!localhost))", to, re.I), (here, to)
            here = urljoin(here, to)
            answer = browser.get(here)
        body = answer.data
        answer.close()
        assert answer.status_code < 500, f"{shape.key} {answer.status}"
        said = f"{shape.member} POST {action} -> {here}"
        if answer.mimetype == "application/json" or answer.mimetype == "application/problem+json":
            assert answer.headers.get("X-Content-Type-Options") == "nosniff", said
            return status, None
        if answer.mimetype != "text/html":
            return status, None
        return status, Answer(said, body, answer.headers.get("Content-Security-Policy", ""))


def _shapes(house: House, member: str, page: str, body: bytes) -> Iterator[Shape]:
    """The forms of a page that are posted."""
    for form in reading.document_fromstring(body.decode()).xpath("//form[translate(@method,'POST','post')='post']"):
        fields, texts, files, buttons = [], [], [], []
        for el in form.xpath(".//input|.//textarea|.//select|.//button"):
            name, kind = el.get("name", ""), (el.get("type") or "text").lower()
            if el.get("disabled") is not None:
                continue
            if el.tag == "button":
                buttons.append((el.get("formaction") or "", name, el.get("value") or ""))
            elif el.tag == "select":
                options = [one.get("value", one.text_content()) for one in el.xpath(".//option")]
                chosen = [one.get("value", "") for one in el.xpath(".//option[@selected]")]
                pick = next(iter(filter(None, chosen)), None) or next(iter(filter(None, options)), "")
                fields.append((name, pick))
            elif not name:
                continue
            elif el.tag == "textarea" or kind in WORDS:
                said = (el.text or "").lstrip("\n") if el.tag == "textarea" else el.get("value") or ""
                most = int(el.get("maxlength") or 0)
                texts.append(Text(name, most, "textarea" if el.tag == "textarea" else kind, said))
                fields.append((name, said or plausible(name, kind, el.get("inputmode", ""))))
            elif kind == "file":
                files.append(name)
            elif kind == "radio":
                if el.get("checked") is not None or name not in dict(fields):
                    fields = [one for one in fields if one[0] != name] + [(name, el.get("value") or "on")]
            elif kind == "checkbox":
                fields.append((name, el.get("value") or "on"))
            else:
                fields.append((name, el.get("value") or plausible(name, kind, "")))
        for to, name, value in buttons or [("", "", "")]:
            action = urljoin(page, to or form.get("action") or page)
            endpoint = house.endpoint(action, "POST")
            assert endpoint, f"{page} sends a form to {action}, where there is nothing"
            yield Shape(member, page, endpoint, action, tuple(fields), tuple(texts), tuple(files), (name, value))


def plausible(name: str, kind: str, mode: str) -> str:
    """What somebody might have written there."""
    if kind == "password":
        return "another password" if name in ("new", "again") else PASSWORD
    if kind == "date" or name in ("on", "day") or "date" in name:
        return "2026-06-01"
    if kind == "month":
        return "2026-06"
    if "id_number" in name:
        return id_number(777)
    if kind == "tel" or "phone" in name or name in ("account", "number"):
        return "00000009123"
    if kind == "number" or mode in ("numeric", "decimal"):
        return "1"
    if name in ("place", "workplace", "at", "parent"):
        return "LB-YL-LX-SM"
    return {"slug": "some-word", "code": "SOME-1", "url": "https://a.example/"}.get(
        name, "Word" if name.endswith("en") else "字"
    )


def _likeness(house: House, address: str) -> tuple[str, ...]:
    """What is the same of pages that differ in whose or which they are."""
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|[0-9]+", "N", urlsplit(address).path)
    return (house.endpoint(address), path, *sorted(parse_qs(urlsplit(address).query)))


@dataclass
class Found:
    """What there is to fill in, and where it was looked for."""

    shapes: dict[tuple[str, str], Shape] = field(default_factory=dict)
    pages: list[tuple[str, str]] = field(default_factory=list)  # who, address
    questions: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # (route, argument): who, address
    posted: set[str] = field(default_factory=set)  # routes of all forms, also of those without a word to fill in


def discover(house: House, *, deep: bool) -> Found:
    """Look at what every member may open by the table of routes and at the house's
    seeds; if `deep` also at
    whatever links and searches lead to from there."""
    found, counts = Found(), dict[tuple[str, ...], int]()
    for member in EVERYBODY:
        if deep:
            counts = {}
        waiting = [
            house.scene.address(rule, row)
            for rule in house.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and member in (row := TABLE[rule.endpoint]).let_in and not row.missing
        ]
        sure = [address for who, address in house.seeds if who == member]
        waiting = sure + waiting
        seen: set[str] = set()
        while waiting:
            address = waiting.pop(0)
            key = _likeness(house, address)
            if not key[0] or address in seen or (address not in sure and counts.get(key, 0) >= (2 if deep else 1)):
                continue
            seen.add(address)
            counts[key] = counts.get(key, 0) + (address not in sure)
            page = house.get(member, address)
            if page is not None:
                found.pages.append((member, address))
                to = _read(house, member, address, page.body, found)
                waiting += to if deep else []
    _unshown(house, found)
    return found


def _read(house: House, member: str, address: str, body: bytes, found: Found) -> list[str]:
    """Note the forms of a page; the addresses it leads to."""
    for shape in _shapes(house, member, address, body):
        found.posted.add(shape.endpoint)
        if shape.texts or shape.files:
            found.shapes.setdefault(shape.key, shape)
    page = reading.document_fromstring(body.decode())
    to = [urljoin(address, one).split("#")[0] for one in page.xpath("//a/@href") if not re.match(r"[a-z]+:", one)]
    for form in page.xpath("//form[not(@method) or @method='get']"):
        asked = [
            (el.get("name"), el.get("value") or plausible(el.get("name"), el.get("type") or "text", ""))
            for el in form.xpath(".//input[@name and not(@type='checkbox') and not(@type='radio')]")
        ]
        asked += [(el.get("name"), (el.xpath(".//option/@value") or [""])[-1]) for el in form.xpath(".//select")]
        to.append(urljoin(address, form.get("action") or address.split("?")[0]) + "?" + urlencode(asked))
    for one in to:
        for name in parse_qs(urlsplit(one).query, keep_blank_values=True):
            if endpoint := house.endpoint(one):
                found.questions.setdefault((endpoint, name), (member, one))
    return to


def _unshown(house: House, found: Found) -> None:
    """What only scripts send, and forms the scene does not show, by the table of routes."""
    shown = {shape.endpoint for shape in found.shapes.values()}
    for rule in house.app.url_map.iter_rules():
        row = TABLE[rule.endpoint]
        said = {**row.form, **dict.fromkeys(WORDS_OF.get(rule.endpoint, "").split(), "字")}
        if "POST" not in (rule.methods or ()) or rule.endpoint in shown or not said:
            continue
        member = next(one for one in EVERYBODY[::-1] if one in row.let_in and one != "stranger")
        filled = {name: house.scene.fill(value) for name, value in said.items()}
        texts = tuple(Text(name, 0, "text", "") for name, value in said.items() if "{" not in value)
        pairs = (*filled.items(), ("csrf_token", TOKEN))
        action = house.scene.address(rule, row)
        shape = Shape(member, "", rule.endpoint, action, pairs, texts, (), ("", ""))
        found.shapes[shape.key] = shape


class Looking:
    """Chromium, and the small server that hands it answers, each with its policy and without."""

    def __init__(self, chromium: Browser, static: Callable[[str], tuple[str, bytes]]) -> None:
        self.answers: list[Answer] = []
        self.waiting: list[int] = []
        self.executed: list[str] = []
        self.looked = 0
        self.shown: dict[str, set[int]] = {}
        self._seen: set[bytes] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.answers, static))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._context: BrowserContext = chromium.new_context(locale="zh-CN")
        self._context.set_default_timeout(60_000)
        self._context.expose_binding("hit", self._hit)
        self.page = self._context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())

    def close(self) -> None:
        self._context.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _hit(self, source: Any, number: object) -> None:
        self.executed.append(f"{number} on {self._whose(source['frame'].name)}")

    def _whose(self, name: str) -> str:
        kind, _, number = name.partition(" ")
        return f"{self.answers[int(number)].said} ({kind} the policy)" if number.isdigit() else name

    def at(self, answer: Answer | None) -> set[int]:
        """Look at an answer soon; the numbers of the payloads in it. One that was looked at is not looked at again,
        nor one that shows nothing of them."""
        if answer is None:
            return set()
        assert answer.policy, f"{answer.said} came without a policy"
        text = answer.body.decode()
        numbers = {int(one) for one in NUMBER.findall(text)}
        here = hashlib.sha256(re.sub(r'name="csrf_token" value="[^"]*"', "", text).encode()).digest()
        if here in self._seen or not MARK.search(text):
            return numbers
        self._seen.add(here)
        self.answers.append(answer)
        self.waiting.append(len(self.answers) - 1)
        if len(self.waiting) >= AT_ONCE:
            self.flush()
        return numbers

    def flush(self) -> None:
        """Look at what waits: nothing runs, and nothing waits to be touched."""
        if not self.waiting:
            return
        self.page.goto(f"{self.url}/frames/{'-'.join(map(str, self.waiting))}", wait_until="load")
        frames = [one for one in self.page.frames if one.name.startswith("with")]
        bad = [f"{self._whose(one.name)}: {found[:3]}" for one in frames if (found := one.evaluate(LOOK))]
        assert len(frames) == 2 * len(self.waiting), [one.url for one in self.page.frames]
        assert not bad, bad
        assert not self.executed, self.executed[:5]
        self.looked += len(frames)
        for at in self.waiting:
            self.answers[at] = Answer(self.answers[at].said, b"", "")
        self.waiting = []


def _handler(answers: list[Answer], static: Callable[[str], tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind, _, rest = urlsplit(self.path).path.strip("/").partition("/")
            if kind == "frames":
                each = ((one, at) for at in rest.split("-") for one in ("with", "without"))
                frames = (f'<iframe name="{one} {at}" src="/{one}/{at}"></iframe>' for one, at in each)
                self._say("text/html", "".join(frames).encode())
            elif kind in ("with", "without") and rest.isdigit():
                answer = answers[int(rest)]
                more = {"Content-Security-Policy": answer.policy} if kind == "with" else {}
                self._say("text/html; charset=utf-8", answer.body, more)
            elif kind == "static":
                found = static(self.path)
                self._say(*found, {"Cache-Control": "max-age=3600"})
            else:
                self._say("text/plain", b"", status=404)

        def _say(self, kind: str, body: bytes, more: dict[str, str] | None = None, status: int = 200) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    return Handler


@dataclass
class Filled:
    """What a field was sent: payloads whole whatever its length, portions that fit, and those that the house took."""

    kind: str
    echoed: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)
    fitted: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    most: int = 0


class Campaign:
    """Every form, filled with payloads in every way."""

    def __init__(self, house: House, looking: Looking, pages: Iterable[tuple[str, str]], *, whole: bool) -> None:
        self.house, self.looking, self.whole = house, looking, whole
        self.pages = list({_likeness(house, address): (who, address) for who, address in pages}.values())
        self.filled: dict[tuple[str, str], Filled] = {}
        self.sent = self.taken = 0
        self.showing: dict[str, set[str]] = {}
        self._next: dict[str, int] = {}  # by kind of field, which payload comes next
        self._answered: set[int] = set()  # in the answer to the last flood

    def through(self, shape: Shape) -> None:
        """All payloads through one form."""
        self.house.restore()
        self._answered = set()
        flood = " ".join(ALL)
        everything = {name: flood for name, _ in shape.fields if name != "csrf_token"}
        said = {text.name: flood for text in shape.texts}
        for fill in (said, everything) if self.whole else (said,):
            _, numbers = self._send(shape, fill, "payload-" + flood[:150])
            self._answered |= numbers
        for text in shape.texts:
            self._of(shape, text).echoed |= EVERY
            self._of(shape, text).shown |= self._answered
        self.house.restore()
        if not self.whole:
            fill = {text.name: " ".join(self._few(text, shape)) for text in shape.texts}
            took, _ = self._send(shape, fill, "x<img onerror=hit(1)>.jpg")
            for name in () if took or not shape.page else list(fill)[:4]:
                self._send(shape, {name: fill[name]}, "a.jpg")
        elif shape.texts:
            self._rounds(shape)
        self.looking.flush()

    def asked(self, where: tuple[str, str], who: str, address: str) -> None:
        """All payloads through one argument of an address."""
        path, _, query = address.partition("?")
        given = {name: values[0] for name, values in parse_qs(query).items()}
        one = self.filled.setdefault((f"{where[0]}?", where[1]), Filled("argument"))

        def ask(size: int) -> set[int]:
            left, seen = list(range(len(ALL))), set[int]()
            while left:
                said, used = _portion(left, size)
                left = left[len(used) :]
                more = self._note(self.house.get(who, f"{path}?{urlencode({**given, where[1]: ' '.join(said)})}"))
                one.echoed |= set(used)
                seen |= more
                if not more and size < 1000:
                    break
            return seen

        one.shown |= ask(20_000)
        if self.whole and not one.shown >= EVERY:
            one.shown |= ask(100)
        self.looking.flush()

    def _of(self, shape: Shape, text: Text) -> Filled:
        name = re.sub(r"[0-9]+", "N", text.name)
        return self.filled.setdefault((shape.endpoint, name), Filled(text.kind))

    def _send(self, shape: Shape, fill: dict[str, str], name: str) -> tuple[bool, set[int]]:
        """Whether the house took it, and the payloads in its answer. Where the form is no longer there, the database
        is put back first."""
        now = self._fresh(shape)
        if now is None:
            self.house.restore()
            now = self._fresh(shape)
            assert now is not None, shape.key
        pairs: MultiDict[str, Any] = MultiDict()
        for key, value in now.fields:
            pairs.add(key, fill.get(key, value))
        if now.pressed[0]:
            pairs.add(*now.pressed)
        for key in shape.files:
            pairs.add(key, (io.BytesIO(_file_for(shape.endpoint)), re.sub(r"[\n\r\0]", " ", name)))
        self.sent += 1
        status, answer = self.house.send(shape, now.action, pairs)
        took = status in (200, 303)
        self.taken += took
        # A refusal that repeats what was sent has been looked at with all of them in it.
        known = not took and self._answered >= EVERY
        return took, set() if known else self._note(answer)

    def _note(self, answer: Answer | None) -> set[int]:
        numbers = self.looking.at(answer)
        if numbers and answer is not None:
            where = self.house.endpoint(answer.said.rpartition(" ")[2]) or answer.said
            self.looking.shown.setdefault(where, set()).update(numbers)
        return numbers

    def _fresh(self, shape: Shape) -> Shape | None:
        if not shape.page:
            return shape
        page = self.house.get(shape.member, shape.page)
        every = _shapes(self.house, shape.member, shape.page, page.body) if page else ()
        return next((one for one in every if one.key == shape.key), None)

    def _rounds(self, shape: Shape) -> None:
        """Payloads in portions that fit: together in the fields that each take them when the others hold something
        ordinary, then in the rest, which refuse."""
        texts = list({one.name: one for one in shape.texts}.values())
        most: dict[str, int] = {}
        for text in texts:
            sizes = [size for size in (1500, 200, 100, 60, 25) if not text.most or size <= text.most]
            for size in [*([text.most] if 25 < text.most < 1500 else []), *sizes]:
                self.house.restore()
                if self._send(shape, {text.name: " ".join(_portion(range(60, 400), size)[0])}, "a.jpg")[0]:
                    most[text.name] = size
                    break
        for some in ([one for one in texts if one.name in most], [one for one in texts if one.name not in most]):
            if some:
                self._portions(shape, some, most)

    def _portions(self, shape: Shape, texts: list[Text], most: dict[str, int]) -> None:
        self.house.restore()
        sizes = {text.name: most.get(text.name) or text.most or 60 for text in texts}
        showing: list[tuple[str, str]] | None = None
        for number in range(ROUNDS if most.keys() & sizes.keys() else ROUNDS // 4):
            fill = {text.name: " ".join(self._some(text, sizes[text.name], shape)) for text in texts}
            took, _ = self._send(shape, fill, "a.jpg")
            for text in texts if took else ():
                self._of(shape, text).kept |= {int(one) for one in NUMBER.findall(fill[text.name])}
            if took and showing is None:
                self.house.drain()
                showing = self._showing(shape)
            if took and showing:
                self._note(self.house.get(*showing[number % len(showing)]))

    def _some(self, text: Text, size: int, shape: Shape) -> list[str]:
        """The next payloads for this kind of field, as many as fit."""
        first = self._next.get(text.kind, 0)
        said, used = _portion([(first + at) % len(ALL) for at in range(len(ALL))], size)
        if used:
            self._next[text.kind] = (used[-1] + 1) % len(ALL)
        one = self._of(shape, text)
        one.fitted |= set(used)
        one.most = max(one.most, size)
        return said

    def _few(self, text: Text, shape: Shape) -> list[str]:
        """What runs wherever words are not escaped, and the next payloads, in sixty characters."""
        size = min(text.most or 60, 60)
        plain = [PLAIN] if len(PLAIN) < size else []
        return [*plain, *self._some(text, size - sum(len(one) + 1 for one in plain), shape)]

    def _showing(self, shape: Shape) -> list[tuple[str, str]]:
        """Pages of anybody that show what was sent, one of each kind; they are looked at."""
        found = []
        for member, address in self.pages:
            page = self.house.get(member, address)
            if page is not None and b"hit(" in page.body:
                found.append((member, address))
                self._note(page)
        self.showing.setdefault(shape.endpoint, set()).update(self.house.endpoint(address) for _, address in found)
        return found


def _portion(numbers: Iterable[int], size: int) -> tuple[list[str], list[int]]:
    """As many payloads as go into so many characters, at least one."""
    said: list[str] = []
    used: list[int] = []
    for number in numbers:
        if said and len(" ".join([*said, ALL[number]])) > size:
            break
        if len(ALL[number]) > size:
            continue
        said.append(ALL[number])
        used.append(number)
    return said, used


def _file_for(endpoint: str) -> bytes:
    """A file this form may take."""
    return jpeg((40, 30)) if "claim" in endpoint or "media" in endpoint else b"<html><h1>x</h1><p>y</p></html>"


def discover_links(house: House, member: str, address: str) -> list[str]:
    """A page and those below it, or of the same folder, that it leads to."""
    page = house.get(member, address)
    if page is None:
        return []
    links = reading.document_fromstring(page.body.decode()).xpath("//a/@href")
    under = [urljoin(address, one).split("#")[0] for one in links]
    return [address, *sorted({one for one in under if one.startswith(address) and one != address})]
