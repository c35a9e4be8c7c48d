"""Browsers without a browser: one connection and one cookie each, and how to start many at once."""

import http.client
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from pages import forms_of

COOKIE = "xinglin"


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    location: str
    text: str


class Visitor:
    """One person at one browser. Network errors come out as OSError or http.client.HTTPException."""

    def __init__(self, url: str, cookie: str, seconds: float = 120) -> None:
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
        self.cookie = cookie

    def connect(self) -> None:
        """Open the connection before the moment it is needed."""
        self.connection.connect()

    def close(self) -> None:
        self.connection.close()

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {})

    def post(self, path: str, fields: Mapping[str, object], **headers: str) -> Answer:
        """Send a form; `headers` with underscores for hyphens."""
        body = urlencode(list(fields.items()), doseq=True)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **named})

    def token(self, page: str, action: str) -> str:
        """The CSRF token of the form on `page` whose action ends so."""
        answer = self.get(page)
        assert answer.status == 200, (page, answer.status, answer.text[:500])
        for form in forms_of(answer.text):
            if form["action"].endswith(action):
                return dict(form["fields"])["csrf_token"]
        raise AssertionError(f"{page} has no form to {action}")

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        try:
            self.connection.request(method, path, body, {"Cookie": f"{COOKIE}={self.cookie}", **headers})
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        for line in answer.headers.get_all("Set-Cookie") or ():
            jar = SimpleCookie(line)
            if COOKIE in jar:
                self.cookie = jar[COOKIE].value
        return Answer(answer.status, answer.headers.get("Location", ""), text)


def at_once(count: int, get_ready: Callable[[int], Callable[[], Answer]]) -> list[Answer]:
    """Let so many threads get ready, then act in the same moment; their answers."""
    barrier = threading.Barrier(count)
    answers: list[Answer] = []
    raised: list[BaseException] = []

    def run(number: int) -> None:
        try:
            act = get_ready(number)
        except BaseException as fault:
            barrier.abort()
            raised.append(fault)
            return
        try:
            barrier.wait(60)
            answers.append(act())
        except BaseException as fault:
            raised.append(fault)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    assert not raised, (len(raised), raised[:3])
    assert len(answers) == count
    return answers
