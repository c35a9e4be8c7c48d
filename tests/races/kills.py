"""A campaign of kills: learners answer and hand in while processes of the house are killed and
started again at seeded moments. Every receipt a learner got is in her journal."""

import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from uuid import UUID

import psutil
from crowd import Sitter
from stack import BEAT, WEB, WORKER, Stack
from visitors import Answer, Visitor

from lms.kernel.ids import new_id

CLIENTS = 8
NOT_NOW = {500, 502, 503, 504}
PATIENCE = 120


@dataclass
class Journal:
    """What the server acknowledged, written down before anything else is asked of it."""

    path: Path
    answers: set[UUID] = field(default_factory=set)
    submits: set[UUID] = field(default_factory=set)
    repeated: int = 0
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, thing: UUID) -> None:
        with self.lock, self.path.open("a") as file:
            file.write(json.dumps({kind: str(thing)}) + "\n")
            (self.answers if kind == "answer" else self.submits).add(thing)


class Client(threading.Thread):
    """Takes one learner after another through what is left of her attempt."""

    def __init__(self, url: str, sitters: "Queue[Sitter]", journal: Journal) -> None:
        super().__init__(daemon=True)
        self.url, self.sitters, self.journal = url, sitters, journal

    def run(self) -> None:
        try:
            while True:
                self._finish(self.sitters.get_nowait())
        except Empty:
            return
        except BaseException as fault:
            self.journal.faults.append(repr(fault))
            raise

    def _finish(self, sitter: Sitter) -> None:
        with closing(Visitor(self.url, sitter.cookie, seconds=30)) as visitor:
            self._hand_in(visitor, sitter)

    def _hand_in(self, visitor: Visitor, sitter: Sitter) -> None:
        token = ""
        while not token:
            try:
                token = visitor.token(f"{sitter.page}?q=0", "/submit")
            except (OSError, http.client.HTTPException):
                self._again()
        for position in range(sitter.answered + 1, len(sitter.values) + 1):
            answer_id = new_id()
            sent = {"position": position, "answer_id": answer_id, "base": 0, **sitter.values[position - 1]}
            self._until_told(visitor, f"{sitter.page}/answers", sent, 200, token)
            self.journal.note("answer", answer_id)
        self._until_told(visitor, f"{sitter.page}/submit", {}, 303, token)
        self.journal.note("submit", sitter.attempt_id)

    def _until_told(self, visitor: Visitor, path: str, fields: dict[str, object], status: int, token: str) -> None:
        """Send until it is acknowledged, with the same id, as the page's script does."""
        headers = {"X_CSRF_Token": token, "Accept": "application/json" if status == 200 else "text/html"}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                answer: Answer = visitor.post(path, fields, **headers)
            except (OSError, http.client.HTTPException):
                self._again()
                continue
            assert answer.status not in NOT_NOW, (path, answer.status, answer.text[:800])
            assert answer.status == status, (path, answer.status, answer.text[:800])
            return
        raise AssertionError(f"no receipt for {path} within {PATIENCE} s")

    def _again(self) -> None:
        with self.journal.lock:
            self.journal.repeated += 1
        time.sleep(0.1)


@dataclass
class Campaign:
    """Kills by kind, and when the last process was started again."""

    stack: Stack
    chance: random.Random
    kills: dict[str, int] = field(default_factory=dict)
    restarted: float = 0.0

    def strike(self, kind: str) -> None:
        """Kill one thing at a random moment of the next half second and start it again."""
        time.sleep(self.chance.uniform(0, 0.5))
        self.kills[kind] = self.kills.get(kind, 0) + 1
        if kind == "child":
            self._kill_a_web_worker()
        elif kind == "web":
            self._again("web", WEB)
        elif kind == "worker":
            self._again("worker", WORKER)
        else:
            self._again("beat", BEAT)
        self.restarted = time.monotonic()

    def _kill_a_web_worker(self) -> None:
        """One child of gunicorn; its parent starts another."""
        children = psutil.Process(self.stack.processes["web"].pid).children()
        if children:
            self.chance.choice(children).kill()

    def _again(self, name: str, command: list[str]) -> None:
        self.stack.kill(name)
        self.stack.start(name, command)


def run(
    stack: Stack, sitters: Sequence[Sitter], journal: Journal, kinds: Sequence[str], chance: random.Random
) -> Campaign:
    """All sitters hand in while each of `kinds` is struck at a seeded point of the progress."""
    waiting: Queue[Sitter] = Queue()
    for sitter in sitters:
        waiting.put(sitter)
    clients = [Client(stack.url, waiting, journal) for _ in range(CLIENTS)]
    points = sorted(chance.randrange(2, len(sitters) * 9 // 10) for _ in kinds)
    campaign = Campaign(stack, chance)
    for client in clients:
        client.start()
    for point, kind in zip(points, kinds, strict=True):
        while len(journal.submits) < point and any(one.is_alive() for one in clients):
            time.sleep(0.01)
        campaign.strike(kind)
    for client in clients:
        client.join()
    assert not journal.faults, journal.faults[:2]
    return campaign
