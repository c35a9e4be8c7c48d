"""The ledger under random operations of eight writers, while writers, the sequencer and PostgreSQL itself are killed.

What must hold afterwards: nothing acknowledged is missing, I1 to I8 of `credits verify`, one live certificate for each
award that stands, everybody's stored year, a log that an outsider can check and that never went back.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "integration" / "credits_log"))

import ledger_writer
from cast import Cast, id_number, make_cast
from flask import Flask
from houses import build_app
from ledger_writer import House, done, operations
from servers import DURABLE, FAST, Postgres, postgres
from sqlalchemy import text

from lms.app import create_schema
from lms.credits.compliance import commands as compliance
from lms.credits.log import running
from lms.kernel import clock
from lms.kernel.actor import SYSTEM, Role
from lms.kernel.db import dispose, session
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.people import commands as people
from lms.people.rules import Population

OPERATIONS = int(os.environ.get("TORTURE_OPERATIONS", "10000"))
WRITERS, PEOPLE = 8, 40
WRITER_KILLS, SERVER_KILLS, SEQUENCER_KILLS = OPERATIONS * 3 // 100, OPERATIONS * 6 // 1000, OPERATIONS // 500
WITHIN = 900
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["ledger_writer", "lms.app"])

ONE_CERTIFICATE = """
SELECT award.id FROM award LEFT JOIN certificate ON certificate.award_id = award.id AND certificate.revoked_at IS NULL
GROUP BY award.id, award.state HAVING COUNT(certificate.id) <> CASE WHEN award.state = 'reversed' THEN 0 ELSE 1 END
"""


@dataclass
class Campaign:
    """One house, its writers with their journals, and what was killed so far."""

    server: Postgres
    house: House
    folder: Path
    lots: Sequence[Sequence[ledger_writer.Operation]]
    chance: random.Random
    writers: list[BaseProcess] = field(default_factory=list)
    sequencer: subprocess.Popen[bytes] | None = None
    kills: Counter[str] = field(default_factory=Counter)
    roots: dict[int, str] = field(default_factory=dict)
    offences: list[str] = field(default_factory=list)

    def journal(self, number: int) -> Path:
        return self.folder / f"journal-{number}"

    def acknowledged(self) -> int:
        journals = [self.journal(number) for number in range(WRITERS)]
        return sum(one.read_bytes().count(b"\n") for one in journals if one.exists())

    def start_writer(self, number: int) -> BaseProcess:
        one = PROCESSES.Process(
            target=ledger_writer.write, args=(self.house, self.lots[number], self.journal(number)), daemon=True
        )
        one.start()
        return one

    def start_sequencer(self) -> None:
        given = {f"XINGLIN_{name.upper()}": str(value) for name, value in self.house.settings.items()}
        given |= {"XINGLIN_DATA": str(self.house.folder), "XINGLIN_LOG_LEVEL": "ERROR"}
        plain = {name: value for name, value in os.environ.items() if not name.startswith("XINGLIN_")}
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "credits", "log", "run", "--seconds", "0.2"]
        with (self.folder / "sequencer.log").open("ab") as told:
            self.sequencer = subprocess.Popen(command, cwd=ROOT, env=plain | given, stdout=told, stderr=told)

    def end_sequencer(self) -> None:
        if self.sequencer:
            self.sequencer.kill()
            self.sequencer.wait(20)

    def strike(self, kind: str) -> None:
        """Kill one thing at a random moment of the next tenth of a second, and start it again."""
        time.sleep(self.chance.uniform(0, 0.1))
        self.kills[kind] += 1
        if kind == "server":
            self.server.crash()
        elif kind == "sequencer":
            self.end_sequencer()
            self.start_sequencer()
        else:
            alive = [number for number, one in enumerate(self.writers) if one.is_alive()]
            if not alive:
                self.kills[kind] -= 1
                return
            number = self.chance.choice(alive)
            os.kill(self.writers[number].pid or 0, signal.SIGKILL)
            self.writers[number].join(10)
            self.writers[number] = self.start_writer(number)

    def watch(self, over: threading.Event) -> None:
        """What is published never goes back and never says two things of one size."""
        last = 0
        while not over.wait(0.02):
            with suppress(OSError, ValueError, IndexError):
                _origin, size_text, root = (self.house.folder / "log" / "checkpoint").read_text().split("\n")[:3]
                size = int(size_text)
                if size < last:
                    self.offences.append(f"the log went from {last} to {size}")
                if self.roots.setdefault(size, root) != root:
                    self.offences.append(f"two roots of size {size}")
                last = size

    def run(self, plan: Sequence[str]) -> None:
        """All operations, with what is to be killed at seeded points of the progress."""
        share = sum(len(lot) for lot in self.lots) - self.acknowledged()
        began = self.acknowledged()
        points = sorted(began + self.chance.randrange(share * 95 // 100) for _ in plan)
        self.writers = [self.start_writer(number) for number in range(WRITERS)]
        self.start_sequencer()
        over = threading.Event()
        watcher = threading.Thread(target=self.watch, args=(over,))
        watcher.start()
        try:
            for point, kind in zip(points, plan, strict=True):
                self._until(lambda point=point: self.acknowledged() >= point)  # type: ignore[misc]
                self.strike(kind)
            self._until(lambda: not any(one.is_alive() for one in self.writers))
        finally:
            for one in self.writers:
                one.kill()
            assert self.sequencer is not None
            assert self.sequencer.poll() is None, (self.folder / "sequencer.log").read_text()[-2000:]
            self.end_sequencer()
            over.set()
            watcher.join(10)
        assert [one.exitcode for one in self.writers] == [0] * WRITERS

    def _until(self, done_: Callable[[], bool]) -> None:
        end = time.monotonic() + WITHIN
        while not done_():
            assert time.monotonic() < end, "the writers do not come on"
            assert all(one.exitcode in (None, 0) for one in self.writers), "a writer gave up"
            time.sleep(0.02)

    def told(self) -> Iterator[dict[str, Any]]:
        for number in range(WRITERS):
            yield from done(self.journal(number))


def made_people(app: Flask, cast: Cast, many: int) -> list[UUID]:
    """Doctors of one clinic."""
    place, found = cast.places["LB-YL-LX-SM"], []
    with app.app_context(), unit_of_work():
        for number in range(many):
            person_id = people.add_person(
                SYSTEM,
                name="赵桂芳",
                workplace_id=place,
                phone=f"000{500 + number:08d}",
                id_number=id_number(500 + number),
                population=Population.VILLAGE_DOCTOR,
                starts_on=date(2024, 1, 1),
            )
            people.grant_role(SYSTEM, person_id, Role.LEARNER, place)
            people.give_consent(person_id)
            found.append(person_id)
    return found


def made_house(folder: Path, server: Postgres, database: str) -> tuple[Flask, House]:
    """A house on a database of its own; its log's key lies outside its data folder."""
    server.execute(f"CREATE DATABASE {database}")
    (folder / "house").mkdir(parents=True)
    settings: dict[str, Any] = {"demo": True, "database_url": server.url(database)}
    first = build_app(folder / "house", **settings)
    create_schema(first)
    key = folder / "key"
    words = ["credits", "log", "key", str(key), "--origin", "xinglin.example/torture"]
    told = first.test_cli_runner().invoke(args=words)
    assert told.exit_code == 0, told.output
    dispose(first)
    settings["log_key"] = str(key)
    app = build_app(folder / "house", **settings)
    cast = make_cast(app)
    doctors = made_people(app, cast, PEOPLE)
    with app.app_context(), unit_of_work(write=False):
        card = organisations.organisation(cast.places["LB-YL-LX-SM"])
    assert card is not None
    return app, House(folder / "house", settings, cast, doctors, card.path)


def lots_of(seed: int, many: int) -> list[list[ledger_writer.Operation]]:
    drawn = operations(random.Random(seed), many, PEOPLE)
    return [drawn[number::WRITERS] for number in range(WRITERS)]


def missing(app: Flask, campaign: Campaign) -> list[str]:
    """What was acknowledged and is not there."""
    with app.app_context(), unit_of_work(write=False):
        def column(statement: str) -> set[str]:
            return {str(value) for value in session().scalars(text(statement))}

        entered = column("SELECT id FROM activity")
        lined = column("SELECT activity_id FROM award JOIN ledger_entry ON ledger_entry.award_id = award.id")
        answered = column("SELECT id FROM award_reply")
        kept = Counter(
            (str(row.award_id), row.action)
            for row in session().execute(text("SELECT award_id, action FROM audit_decision"))
        )
    lost: list[str] = []
    decided: Counter[tuple[str, str]] = Counter()
    for one in campaign.told():
        if one["told"] in ("entered", "known") and one["kind"] in ("award", "again"):
            if not {one["thing"]} <= entered & lined:
                lost.append(f"activity {one['thing']}")
        elif one["kind"] == "reply" and one["told"] in ("answered", "known") and one["reply"] not in answered:
            lost.append(f"reply {one['reply']}")
        elif one["told"] == "decided":
            decided[one["award"], one["kind"]] += 1
    for (award, kind), times in decided.items():
        words = {"approve": ("approved", "restored"), "return": ("returned",), "reverse": ("reversed",)}[kind]
        if sum(kept[award, word] for word in words) < times:
            lost.append(f"{kind} of {award}")
    return lost


def rows(app: Flask, statement: str) -> list[Any]:
    with app.app_context(), unit_of_work(write=False):
        return list(session().execute(text(statement)))


@pytest.mark.timeout(3600)
def test_a_ledger_under_kills_loses_nothing_and_stays_one(tmp_path: Path) -> None:
    seed = int(os.environ.get("TEST_SEED", "0")) or random.randrange(1, 10**6)
    chance = random.Random(f"kills {seed}")
    plan = ["writer"] * WRITER_KILLS + ["server"] * SERVER_KILLS + ["sequencer"] * SEQUENCER_KILLS
    chance.shuffle(plan)
    with postgres(DURABLE, in_memory=False) as server:
        app, house = made_house(tmp_path, server, "campaign")
        lots = lots_of(seed, OPERATIONS)
        half = [lot[: len(lot) // 2] for lot in lots]
        campaign = Campaign(server, house, tmp_path, half, chance)
        began = time.monotonic()
        campaign.run(plan[::2])
        older = _kept_aside(app, server, house)
        campaign.lots = lots
        campaign.run(plan[1::2])
        spent = time.monotonic() - began
        dispose(app)  # its connections broke with the server
        with app.app_context():
            assert running.catch_up()
        counts = Counter(one["told"] for one in campaign.told())
        lines = rows(app, "SELECT COUNT(*) FROM ledger_entry")[0][0]
        said = {"seed": seed, "seconds": round(spent), "operations": campaign.acknowledged(), "told": dict(counts)}
        print(json.dumps(said | {"kills": dict(campaign.kills), "lines": lines, "checkpoints": len(campaign.roots)}))
        assert campaign.acknowledged() == OPERATIONS
        assert missing(app, campaign) == []
        _holds(app, campaign, lines)
        _refuses_an_older_database(house, server, older)
        dispose(app)


def _kept_aside(app: Flask, server: Postgres, house: House) -> str:
    """A copy of the database as it is now, such as a backup would be."""
    dispose(app)  # its connections broke with the server
    with app.app_context():
        assert running.catch_up()
    dispose(app)
    server.execute("CREATE DATABASE older TEMPLATE campaign")
    return "older"


def _holds(app: Flask, campaign: Campaign, lines: int) -> None:
    verified = app.test_cli_runner().invoke(args=["credits", "verify", "--json"])
    answer = json.loads(verified.stdout)
    assert (verified.exit_code, answer["ok"]) == (0, True), answer
    assert rows(app, ONE_CERTIFICATE) == []
    assert campaign.offences == []
    assert len(campaign.roots) > SEQUENCER_KILLS
    with app.app_context():
        for start, end in compliance.ranges():
            for year in {clock.today().year, clock.today().year - 1}:
                with unit_of_work():
                    assert not compliance.recompute(year, start, end).counts[compliance.DIFFERENT]
    log = campaign.house.folder / "log"
    command = [sys.executable, "-m", "verifier", "log", str(log), "--policy", str(log / "policy"), "--json"]
    outside = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert outside.returncode == 0, outside.stdout
    assert json.loads(outside.stdout)["size"] == lines


def _refuses_an_older_database(house: House, server: Postgres, older: str) -> None:
    published = (house.folder / "log" / "checkpoint").read_bytes()
    put_back = build_app(house.folder, **house.settings | {"database_url": server.url(older)})
    with put_back.app_context():
        assert running.tick() is False
        running.publish_tick()
    assert (house.folder / "log" / "checkpoint").read_bytes() == published
    dispose(put_back)


@pytest.mark.timeout(600)
def test_a_server_that_does_not_flush_is_caught(tmp_path: Path) -> None:
    """The mutant: PostgreSQL with the fast settings of the other tests. The campaign must see what it loses."""
    seed = int(os.environ.get("TEST_SEED", "0")) or random.randrange(1, 10**6)
    with postgres(FAST, in_memory=False) as server:
        app, house = made_house(tmp_path, server, "careless")
        campaign = Campaign(server, house, tmp_path, lots_of(seed, 600), random.Random(seed))
        campaign.run(["server"] * 5)
        dispose(app)
        lost = missing(app, campaign)
        print(json.dumps({"seed": seed, "kills": dict(campaign.kills), "acknowledged_and_lost": len(lost)}))
        assert lost
        dispose(app)
