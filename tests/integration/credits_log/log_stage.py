"""Houses with a ledger and a log, and a reader of published logs that shares no code with the house."""

import base64
import hashlib
import itertools
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from cast import Cast, Member
from click.testing import Result
from credit_stage import LECTURE, award_of, reading, writing
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask
from houses import House, build_app
from servers import Postgres
from sqlalchemy import text

from lms.credits import commands
from lms.credits.log import running
from lms.kernel.db import db, dispose, session

NUMBERS = itertools.count()


def lecture() -> dict[str, Any]:
    """A lecture on another day each time."""
    return LECTURE | {"on_date": date.fromordinal(date(2026, 1, 1).toordinal() + next(NUMBERS) % 200)}


@dataclass
class LogHouse:
    """A house; its key and what it signed last lie outside its data folder."""

    app: Flask
    cast: Cast
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def award(self, member: Member | None = None, **activity: Any) -> UUID:
        """An award of a lecture, on another day each time."""
        return award_of(self.app, self.cast, member or self.cast.learner, **lecture() | activity)

    def awards(self, count: int) -> list[UUID]:
        """Awards of two doctors by turns, in one transaction."""
        with writing(self.app):
            return [self.award_now([self.cast.learner, self.cast.colleague][n % 2]) for n in range(count)]

    def award_now(self, member: Member) -> UUID:
        """An award within the transaction that is open."""
        made = commands.record_activity(self.cast.admin.actor, person_id=member.person_id, **lecture())
        assert made is not None
        assert made.award_id is not None
        return made.award_id

    def write(self) -> bool:
        """Everything that waits goes into the log."""
        with self.app.app_context():
            return running.catch_up()

    def tick(self) -> bool:
        with self.app.app_context():
            return running.tick()

    def publish(self) -> None:
        with self.app.app_context():
            running.publish_tick()

    def shell(self, *words: object) -> Result:
        return self.app.test_cli_runner().invoke(args=[str(word) for word in words])

    def verify(self) -> dict[str, Any]:
        """The answer of `credits verify --json`, with its exit status."""
        result = self.shell("credits", "verify", "--json")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer | {"exit": result.exit_code}

    def ready(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.app.test_client().get("/readyz").get_json()
        return answer

    def why(self) -> str:
        """Why the signer refuses, as administrators read it."""
        return "".join(row[0] for row in self.sql("SELECT text FROM ledger_state WHERE name = 'signer'"))

    def sql(self, statement: str, **values: object) -> list[Any]:
        with reading(self.app):
            return list(session().execute(text(statement), values).all())

    def force(self, *statements: str) -> None:
        """What somebody with the database's own rights may do: triggers and keys stand aside."""
        if "database_url" in self.settings:
            with self.app.app_context(), db.engine.connect() as connection:
                connection.exec_driver_sql("SET session_replication_role = replica")
                for statement in statements:
                    assert connection.exec_driver_sql(statement).rowcount, statement
                connection.exec_driver_sql("SET session_replication_role = origin")
                connection.commit()
            return
        with closing(sqlite3.connect(self.folder / "xinglin.db", isolation_level=None)) as file:
            triggers = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            file.execute("BEGIN IMMEDIATE")
            for name, _sql in triggers:
                file.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                assert file.execute(statement).rowcount, statement
            for _name, sql in triggers:
                file.execute(sql)
            file.execute("COMMIT")


class LogHouses:
    """Makes houses, each a copy of one that holds nothing but the cast."""

    def __init__(self, folder: Path, kind: str, model: House, server: Postgres) -> None:
        self.folder, self.kind, self.model, self.server = folder, kind, model, server
        self.made: list[Flask] = []

    def new(self, **settings: object) -> LogHouse:
        number = next(NUMBERS)
        folder = self.folder / f"house-{number}"
        folder.mkdir()
        own = self.model.app.extensions["xinglin.settings"]
        given: dict[str, Any] = {"field_key": own.field_key, "demo": True}
        if self.kind == "postgresql":
            self.server.execute(f"CREATE DATABASE log_{number} TEMPLATE kept STRATEGY file_copy")
            given["database_url"] = self.server.url(f"log_{number}")
        else:
            shutil.copy(own.data / "kept.db", folder / "xinglin.db")
        return self.open(folder, given | settings)

    def open(self, folder: Path, settings: dict[str, Any]) -> LogHouse:
        """An application on a data folder; also a second one on the same."""
        app = build_app(folder, **settings)
        self.made.append(app)
        return LogHouse(app, self.model.cast, folder, settings)

    def again(self, house: LogHouse, **settings: object) -> LogHouse:
        """Another process on the same database and folder."""
        return self.open(house.folder, house.settings | settings)

    def keyed(self, **settings: object) -> LogHouse:
        """A house whose key was made by the command, outside its data folder."""
        house = self.new()
        key = self.folder / f"key-{next(NUMBERS)}"
        made = house.shell("credits", "log", "key", key, "--origin", f"xinglin.example/credits/{key.name}")
        assert made.exit_code == 0, made.output
        return self.again(house, log_key=str(key), **settings)

    def close(self) -> None:
        for app in self.made:
            dispose(app)


# A reader of published logs --------------------------------------------------------------------------


@dataclass
class Published:
    """What the files of a log say, every hash computed here."""

    origin: str
    size: int
    leaves: list[bytes]
    told: list[dict[str, Any]]
    signatures: list[tuple[str, bytes]]
    text: str


def _name(number: int) -> str:
    digits = f"{number:03d}"
    while len(digits) % 3:
        digits = "0" + digits
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join(["x" + part for part in parts[:-1]] + [parts[-1]])


def tree_hash(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256().digest()
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return hashlib.sha256(b"\x01" + tree_hash(hashes[:half]) + tree_hash(hashes[half:])).digest()


def _checked_tiles(folder: Path, kept: list[bytes]) -> None:
    """Every tile that a tree of this size has is there, to the byte."""
    hashes, level = kept, 0
    while hashes:
        for number in range((len(hashes) + 255) // 256):
            part = hashes[number * 256 : number * 256 + 256]
            name = _name(number) if len(part) == 256 else f"{_name(number)}.p/{len(part)}"
            found = (folder / f"tile/{level}/{name}").read_bytes()
            assert found == b"".join(part), (level, name)
        full = len(hashes) // 256
        hashes = [tree_hash(hashes[number * 256 : number * 256 + 256]) for number in range(full)]
        level += 1


def _entries(folder: Path, size: int) -> list[bytes]:
    found: list[bytes] = []
    for number in range((size + 255) // 256):
        width = min(256, size - number * 256)
        name = _name(number) if width == 256 else f"{_name(number)}.p/{width}"
        data = (folder / f"tile/entries/{name}").read_bytes()
        count = 0
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
            count += 1
        assert count == width, name
    return found


def read_log(folder: Path) -> Published:
    """Read a published log and check all that can be checked without anything else."""
    note = (folder / "checkpoint").read_text("utf-8")
    body, _, lines = note.rpartition("\n\n")
    origin, size, root = body.split("\n")
    leaves = _entries(folder, int(size))
    hashes = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    assert base64.b64encode(tree_hash(hashes)).decode() == root
    _checked_tiles(folder, hashes)
    assert (folder / "checkpoints" / size).read_text("utf-8") == note
    signatures = []
    for line in lines.splitlines():
        dash, name, data = line.split(" ")
        assert dash == "—"
        signatures.append((name, base64.b64decode(data)))
    policy = (folder / "policy").read_text("utf-8").splitlines()
    vkey = next(line.split()[1] for line in policy if line.startswith(f"log {origin}+"))
    public = base64.b64decode(vkey.split("+", 2)[2])[1:]
    name, data = signatures[0]
    assert name == origin
    assert data[:4] == hashlib.sha256(origin.encode() + b"\n\x01" + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(data[4:], f"{body}\n".encode())
    told = [json.loads(leaf) for leaf in leaves]
    _checked_chains([(one, digest) for one, digest in zip(told, hashes, strict=True) if "award" in one])
    return Published(origin, int(size), leaves, told, signatures, note)


def _checked_chains(lines: list[tuple[dict[str, Any], bytes]]) -> None:
    """Each learner's lines follow one another without a gap; a reversal is its line turned round."""
    last: dict[str, tuple[int, str]] = {}
    known: dict[str, dict[str, Any]] = {}
    for told, digest in lines:
        learner = learner_of(told)
        number, previous = last.get(learner, (0, "A" * 43))
        assert (told["learner_seq"], told["previous"]) == (number + 1, previous)
        last[learner] = (told["learner_seq"], base64.urlsafe_b64encode(digest).decode().rstrip("="))
        assert told["award"] not in known
        if told["award"].endswith("/reversal"):
            line = known[told["award"].removesuffix("/reversal")]
            assert all(told[name] == line[name] for name in ("amount_milli", "subject", "evidence"))
            assert (told["debit"], told["credit"]) == (line["credit"], line["debit"])
        known[told["award"]] = told


def learner_of(told: dict[str, Any]) -> str:
    """The pseudonym of the learner in whose account a leaf puts credit, or out of which it takes it back."""
    account = told["debit"] if told["award"].endswith("/reversal") else told["credit"]
    assert account.startswith("learner:")
    return str(account.split(":")[1].split("/")[0])


def hashed(data: bytes) -> str:
    """SHA-256 as leaves write it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


