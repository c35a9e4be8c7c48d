"""The field key of a house with many people changes from its first step to its last, under people who sign in, are
registered and change their phones: at two web servers at a time, of neighbouring steps, and never of more."""

import base64
import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import hashing
from cast import PASSWORD, Cast, make_cast
from cookies import cookie_of
from flask import Flask
from pages import forms_of
from servers import Postgres, free_port
from sqlalchemy import func, select
from stack import NOT_OURS, PYTHON, ROOT, WEB, Stack
from visitors import Answer, Visitor

from lms.app import create_app
from lms.credits.ledger.learners import learner_values, new_learner
from lms.credits.models import LearnerKey
from lms.kernel import bulk, clock, schema
from lms.kernel.crypto import key_of
from lms.kernel.db import dispose, session
from lms.kernel.ids import new_id
from lms.kernel.settings import load_settings
from lms.kernel.uow import unit_of_work
from lms.people import identity, passwords, queries
from lms.people.bulk import NewPerson, add_people
from lms.people.models import Person
from lms.people.rules import Population, check_character

FIRST, NEXT = (base64.b64encode(bytes([byte]) * 32).decode() for byte in (17, 34))
CLINIC = "LB-YL-LX-SM"
AT_ONCE = 5000
PAUSE = 0.1  # seconds between two deeds of a client in the large campaign


def phone(serial: int) -> str:
    return f"000{serial:08d}"


def whole_number(serial: int) -> str:
    """An invented identity number, another one for each serial."""
    day = date.fromordinal(date(1950, 1, 1).toordinal() + serial // 1000)
    digits = f"000000{day:%Y%m%d}{serial % 1000:03d}"
    return digits + check_character(digits)


@dataclass
class Town:
    """A house of many people on PostgreSQL, and the processes that serve it now."""

    folder: Path
    server: Postgres
    app: Flask
    cast: Cast
    people: int
    environment: dict[str, str]
    webs: dict[str, Stack] = field(default_factory=dict)

    def settings(self, *keys: str) -> dict[str, str]:
        return self.environment | {"XINGLIN_FIELD_KEY": keys[0], "XINGLIN_FIELD_KEYS_OTHER": ",".join(keys[1:])}

    def serve(self, name: str, *keys: str) -> None:
        """Start a web server that knows these keys; the first one seals."""
        port = free_port()
        folder = self.folder / name
        folder.mkdir()
        environment = self.settings(*keys) | {"BIND": f"127.0.0.1:{port}", "XINGLIN_DATA": str(folder)}
        web = Stack(f"http://127.0.0.1:{port}", environment, folder)
        web.start("web", WEB)
        web.wait_until_ready()
        self.webs[name] = web

    def take_away(self, name: str) -> None:
        """Send nobody to a web server any more, and stop it when those who are there have been answered."""
        web = self.webs.pop(name)
        time.sleep(2)
        web.stop()
        # Its outbox thread delivers messages under its key for as long as one process of it lives.
        assert not (left := web.left()), left

    def shell(self, keys: tuple[str, ...], *words: str) -> "subprocess.Popen[str]":
        command = [PYTHON, "-m", "flask", "--app", "wsgi", "keys", *words]
        environment = self.settings(*keys) | {"XINGLIN_DATA": str(self.folder / "house"), "XINGLIN_LOG_LEVEL": "INFO"}
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def answer(self, keys: tuple[str, ...], *words: str) -> dict[str, Any]:
        out, err = (process := self.shell(keys, *words)).communicate(timeout=900)
        assert process.returncode == 0, err
        found: dict[str, Any] = json.loads(out)
        return found

    def stop(self) -> None:
        for web in self.webs.values():
            web.stop()


@contextmanager
def town(folder: Path, server: Postgres, people: int) -> Iterator[Town]:
    """A migrated house with its cast and so many people more, each with a phone, an identity number and a learner's
    key."""
    server.execute("DROP DATABASE IF EXISTS rotation WITH (FORCE)", "CREATE DATABASE rotation")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(NOT_OURS)} | {
        "XINGLIN_DATA": str(folder / "house"), "XINGLIN_DATABASE_URL": server.url("rotation"), "XINGLIN_DEMO": "1",
        "XINGLIN_SECRET_KEY": "s" * 40, "XINGLIN_FIELD_KEY": FIRST, "XINGLIN_LOG_LEVEL": "ERROR",
        "WEB_CONCURRENCY": "1",
    }  # fmt: skip
    app = create_app(load_settings(environment))
    try:
        with app.app_context():
            schema.upgrade()
        with hashing.cost(hashing.of_servers()):
            cast = make_cast(app)
            with app.app_context():
                _settle(cast, people)
        made = Town(folder, server, app, cast, people, environment)
        try:
            yield made
        finally:
            made.stop()
    finally:
        dispose(app)


def _settle(cast: Cast, people: int) -> None:
    hashed, place, at = passwords.hash_password(PASSWORD), cast.places[CLINIC], clock.now()
    for start in range(0, people, AT_ONCE):
        some = [
            NewPerson(
                new_id(), new_id(), "钱多多", Population.VILLAGE_DOCTOR, phone(10_000 + serial),
                whole_number(10_000 + serial), place, place, cast.places["LB-YL"], date(2024, 1, 1),
            )
            for serial in range(start, min(people, start + AT_ONCE))
        ]  # fmt: skip
        with unit_of_work():
            add_people(some, hashed, at)
            bulk.put(LearnerKey, [learner_values(*new_learner(one.id), at) for one in some])


class Crowd:
    """Clients who do their things at whichever web servers stand, until they are told to stop."""

    def __init__(self, town: Town, seed: int, pause: float) -> None:
        self.town, self.chance, self.pause = town, random.Random(seed), pause
        self.done: Counter[str] = Counter()
        self.registered: list[int] = []
        self.moved: dict[str, str] = {}
        self.faults: list[str] = []
        self.stopped = threading.Event()
        self.serials = iter(range(5_000_000, 9_000_000))
        self.lock = threading.Lock()
        with town.app.app_context(), unit_of_work():
            self.admin = cookie_of(town.app, town.cast.admin.person_id)
        deeds = (self.sign_in, self.sign_in, self.register, self.rival, self.move)
        self.threads = [threading.Thread(target=self._run, args=(deed,), daemon=True) for deed in deeds]

    def __enter__(self) -> "Crowd":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(60)

    def _run(self, deed: Any) -> None:
        while not self.stopped.is_set():
            try:
                deed()
                with self.lock:
                    self.done[deed.__name__] += 1
                self.stopped.wait(self.pause)
            except BaseException as fault:
                self.faults.append(f"{deed.__name__}: {fault!r}")
                return

    def any_web(self) -> Stack:
        return self.chance.choice(list(self.town.webs.values()))

    def sign_in(self) -> None:
        """Somebody signs in by phone, who has not changed it."""
        number = phone(10_000 + self.chance.randrange(self.town.people // 2))
        self._enter(self.any_web(), number)

    def _enter(self, web: Stack, number: str) -> None:
        with closing(Visitor(web.url, "")) as visitor:
            answer = send(visitor, "/sign-in", "/sign-in", {"account": number, "password": PASSWORD})
            assert answer.status == 303, (web.folder.name, number, answer.status)

    def _new(self, web: Stack, serial: int) -> Answer:
        fill = {"name": "赵新来", "phone": phone(serial), "id_number": whole_number(serial), "workplace": CLINIC}
        with closing(Visitor(web.url, self.admin)) as visitor:
            return send(visitor, "/admin/people/new", "/admin/people/new", fill)

    def register(self) -> None:
        """A new doctor is registered on the page; then once more, elsewhere, which is refused."""
        serial = self._serial()
        answer = self._new(self.any_web(), serial)
        assert answer.status == 303, (answer.status, answer.text[:300])
        self.registered.append(serial)
        again = self._new(self.any_web(), serial)
        assert again.status == 422, again.status

    def rival(self) -> None:
        """Two administrators register the same doctor in the same moment, at different servers: one of them does."""
        serial = self._serial()
        webs = list(self.town.webs.values())
        answers: list[int] = []
        barrier = threading.Barrier(2)

        def run(web: Stack) -> None:
            barrier.wait(30)
            answers.append(self._new(web, serial).status)

        threads = [threading.Thread(target=run, args=(web,)) for web in (webs[0], webs[-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(answers) in ([303, 409], [303, 422]), answers
        self.registered.append(serial)

    def move(self) -> None:
        """Somebody's phone changes; from then on she signs in with the new one."""
        before = phone(10_000 + self.chance.randrange(self.town.people // 2, self.town.people))
        if before in self.moved:
            return
        with self.town.app.app_context(), unit_of_work(write=False):
            # Found by the row, not by the hash: this process knows the first key only.
            person_id = self._ids[before] if before in self._ids else self._find(before)
        after = phone(self._serial())
        with closing(Visitor(self.any_web().url, self.admin)) as visitor:
            page = f"/admin/people/{person_id}/edit"
            answer = send(visitor, page, "/edit", {"phone": after})
            assert answer.status == 303, (answer.status, answer.text[:300])
        self.moved[before] = after
        self._enter(self.any_web(), after)

    _ids: Mapping[str, UUID] = {}

    def _find(self, number: str) -> UUID:
        if not self._ids:
            with self.town.app.app_context(), unit_of_work(write=False):
                rows = session().execute(select(Person.id, Person.phone_hash).where(Person.phone_hash.is_not(None)))
                by_hash = {row.phone_hash: row.id for row in rows}
            key = key_of(FIRST)
            numbers = (phone(10_000 + serial) for serial in range(self.town.people // 2, self.town.people))
            self._ids = {one: by_hash[hashed] for one in numbers if (hashed := key.hash(one, "phone")) in by_hash}
        return self._ids[number]

    def _serial(self) -> int:
        with self.lock:
            return next(self.serials)


def send(visitor: Visitor, page: str, action: str, fill: Mapping[str, str]) -> Answer:
    """Fill the form of a page and send it; the page is asked for again where the server has let the line go."""
    for last in (False, True):
        try:
            shown = visitor.get(page)
            break
        except (OSError, http.client.HTTPException):
            if last:
                raise
    assert shown.status == 200, (page, shown.status)
    for form in forms_of(shown.text):
        if (form["action"] or page).endswith(action) and set(fill) <= form["names"]:
            return visitor.post(page, dict(form["fields"]) | dict(fill))
    raise AssertionError(f"{page} has no form to {action} with {sorted(fill)}")


def change_the_key(town: Town, seed: int, pause: float = PAUSE) -> dict[str, Any]:
    """All steps of docs/operations.md, with a crowd in the house whose clients wait `pause` seconds between two deeds;
    what was done, and how long sealing anew took."""
    town.serve("first", FIRST)
    with Crowd(town, seed, pause) as crowd:
        crowd._find(phone(10_000 + town.people - 1))
        for gone, name, keys in (
            (None, "knows", (FIRST, NEXT)), ("first", "uses", (NEXT, FIRST)), ("knows", "uses too", (NEXT, FIRST)),
        ):  # fmt: skip
            if gone:
                town.take_away(gone)
            town.serve(name, *keys)
            time.sleep(2)
        started = time.monotonic()
        killed_at = kill_in_the_middle(town)
        done = town.answer((NEXT, FIRST), "rotate")
        seconds = time.monotonic() - started
        status = town.answer((NEXT, FIRST), "status")
        assert status["not_needed"] == [key_of(FIRST).id], status
        town.take_away("uses")
        town.serve("after", NEXT)
        time.sleep(2)
        town.take_away("uses too")
        assert town.answer((NEXT,), "forget", key_of(FIRST).id)["forgotten"]
        town.serve("after too", NEXT)
        time.sleep(2)
    assert not crowd.faults, crowd.faults[:5]
    assert town.answer((NEXT,), "status")["done"]
    check(town, crowd)
    return {
        "seed": seed, "people": town.people, "killed_at": killed_at, "rows": done["rows"], "passes": done["passes"],
        "seconds": round(seconds, 1), "meanwhile": dict(crowd.done),
    }  # fmt: skip


def kill_in_the_middle(town: Town) -> int:
    """Begin to seal anew and kill -9 it when about a third of the people are done; how many were."""
    process = town.shell((NEXT, FIRST), "rotate")
    prefix = key_of(NEXT).prefix
    while process.poll() is None:
        with town.app.app_context(), unit_of_work(write=False):
            done = session().scalar(
                select(func.count()).where(func.substr(Person.id_number_sealed, 1, len(prefix)) == prefix)
            )
        if (done or 0) > town.people // 3:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.02)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, "it was done before it could be killed"
    return done or 0


def check(town: Town, crowd: Crowd) -> None:
    """Everybody is there once, opens under the new key, and is found."""
    app = create_app(load_settings(town.settings(NEXT)))
    try:
        with app.app_context(), unit_of_work(write=False):
            rows = session().execute(select(Person.id, Person.phone_sealed, Person.id_number_sealed)).all()
            phones = Counter(identity.opened("phone", row.phone_sealed) for row in rows)
            numbers = Counter(identity.opened("id_number", row.id_number_sealed) for row in rows)
            assert len(rows) == town.people + len(town.cast.members) + len(crowd.registered)
            assert max(phones.values()) == max(numbers.values()) == 1
            for serial in crowd.registered:
                assert queries.by_account(phone(serial)) is not None
            for before, after in crowd.moved.items():
                assert queries.by_account(before) is None
                assert queries.by_account(after) is not None
            hashes = select(Person.phone_hash, Person.phone_hash_other)
            assert all(sum(one is not None for one in row) == 1 for row in session().execute(hashes))
    finally:
        dispose(app)
