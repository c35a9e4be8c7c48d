"""A tiny writer of honest logs for tests: facts, leaves, tiles and checkpoints, with no code of the house or
of the verifier, so that the two cannot be wrong in the same way."""

import base64
import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "xinglin.example/credits/2026a"
ISSUERS = ["河北省/GZ-2026-01", 'a "quoted" one\n', "CN-HE-0002", "𠮷\x01\x7f"]
CLASSES = ["general", "I", "Ⅱ 类"]
REVERSIBLE = 10_000  # awards that may still be reversed
NOON = 1_767_225_600  # 2026-01-01, in POSIX seconds
Fact = dict[str, Any]  # a leaf without its learner_seq and previous


@dataclass(frozen=True)
class Signer:
    """A private key that signs for a log (kind 1) or a witness (kind 4)."""

    name: str
    kind: int = 1
    seed: str = ""

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{self.name} {self.seed}".encode()).digest())

    @property
    def material(self) -> bytes:
        return bytes([self.kind]) + self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.material).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.material).decode()}"

    def line(self, text: str, time: int = NOON) -> str:
        """The signature line for the text of a note."""
        if self.kind == 4:
            message = f"cosignature/v1\ntime {time}\n{text}".encode()
            data = self.id + time.to_bytes(8, "big") + self.private.sign(message)
        else:
            data = self.id + self.private.sign(text.encode())
        return f"— {self.name} {base64.b64encode(data).decode()}\n"


LOG = Signer(ORIGIN)
CITY, PROVINCE = Signer("city.example/witness", 4), Signer("province.example/witness", 4)


def policy_text(quorum: str = "all", logs: Sequence[Signer] = (LOG,)) -> str:
    """A policy with two witnesses, of whom `quorum` (all, any, none) must sign."""
    lines = [f"log {log.vkey}" for log in logs]
    lines += [f"witness city {CITY.vkey}", f"witness province {PROVINCE.vkey} https://province.example/witness/"]
    lines += ["quorum none"] if quorum == "none" else [f"group both {quorum} city province", "quorum both"]
    return "\n".join(lines) + "\n"


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """As RFC 6962 defines it, by halves."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    row = list(hashes)
    while len(row) > 1:  # joining neighbours and passing a last odd one up gives the same tree
        pairs = [hashlib.sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row) - 1, 2)]
        row = pairs + row[len(pairs) * 2 :]
    return row[0]


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def new_award(chance: Random, learner: str, year: int, kind: str) -> Fact:
    day = f"{year}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    return {
        "v": 2,
        "award": f"{uuid.UUID(int=chance.getrandbits(128))}/1",
        "debit": "issuer:" + chance.choice(ISSUERS),
        "credit": f"learner:{learner}/{year}/{kind}",
        "amount_milli": chance.randrange(1, 25_000),
        "rule": f"CN-2025:{chance.getrandbits(48):012x}",
        "evidence": base64url(chance.randbytes(32)),
        "effective_on": day,
        "recorded_at": f"{day}T{chance.randrange(24):02}:00:{chance.randrange(60):02}.{chance.randrange(10**6):06}Z",
        "subject": base64url(chance.randbytes(32)),
        "salt": base64url(chance.randbytes(16)),
    }


def reversal_of(chance: Random, fact: Fact) -> Fact:
    return fact | {
        "award": fact["award"] + "/reversal",
        "debit": fact["credit"],
        "credit": fact["debit"],
        "salt": base64url(chance.randbytes(16)),
    }


def awarded_anew(fact: Fact) -> Fact:
    award, _, generation = fact["award"].partition("/")
    return fact | {"award": f"{award}/{int(generation) + 1}"}


def is_reversal(fact: Fact) -> bool:
    return bool(fact["award"].endswith("/reversal"))


def learner_account(fact: Fact) -> str:
    return str(fact["debit"] if is_reversal(fact) else fact["credit"])


def learner_of(fact: Fact) -> str:
    return learner_account(fact).removeprefix("learner:").partition("/")[0]


def facts_of_a_house(chance: Random, learners: int, years: Sequence[int] = (2026,)) -> Iterator[Fact]:
    """What may happen in a house, without end: awards, some reversed, some of these awarded anew."""
    people = [base64url(chance.randbytes(16)) for _ in range(learners)]
    standing: list[Fact] = []
    gone: list[Fact] = []
    while True:
        dice = chance.random()
        if dice < 0.03 and standing:
            fact = standing.pop(chance.randrange(len(standing)))
            gone.append(fact)
            yield reversal_of(chance, fact)
            continue
        if dice < 0.04 and gone:
            fact = awarded_anew(gone.pop())
        else:
            fact = new_award(chance, chance.choice(people), chance.choice(years), chance.choice(CLASSES))
        if len(standing) < REVERSIBLE:
            standing.append(fact)
        yield fact


def make_facts(chance: Random, count: int, learners: int = 0, years: Sequence[int] = (2026,)) -> list[Fact]:
    return list(islice(facts_of_a_house(chance, learners or max(1, count // 15), years), count))


@dataclass
class Chain:
    """Numbers and chains the facts of each learner, and keeps leaves and hashes."""

    leaves: list[bytes] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def add(self, facts: Sequence[Fact]) -> "Chain":
        for fact in facts:
            number, previous = self.heads.get(learner_of(fact), (0, bytes(32)))
            self.put(canonical(fact | {"learner_seq": number + 1, "previous": base64url(previous)}))
            self.heads[learner_of(fact)] = (number + 1, self.hashes[-1])
        return self

    def put(self, leaf: bytes) -> None:
        self.leaves.append(leaf)
        self.hashes.append(leaf_hash(leaf))


def chain(facts: Sequence[Fact]) -> Chain:
    return Chain().add(facts)


def note(text: str, signers: Sequence[Signer], time: int = NOON) -> bytes:
    return (text + "\n" + "".join(signer.line(text, time) for signer in signers)).encode()


def checkpoint(
    hashes: Sequence[bytes],
    size: int | None = None,
    signers: Sequence[Signer] = (LOG, CITY, PROVINCE),
    origin: str = ORIGIN,
    time: int = NOON,
) -> bytes:
    """The signed checkpoint over the first `size` leaves."""
    size = len(hashes) if size is None else size
    root = base64.b64encode(merkle_root(hashes[:size])).decode()
    return note(f"{origin}\n{size}\n{root}\n", signers, time)


def tile_path(level: int | str, number: int, width: int = 256) -> str:
    rest, last = divmod(number, 1000)
    place = f"{last:03}"
    while rest:
        rest, part = divmod(rest, 1000)
        place = f"x{part:03}/{place}"
    return f"tile/{level}/{place}" + (f".p/{width}" if width < 256 else "")


def put(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def bundle(leaves: Sequence[bytes]) -> bytes:
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def files_of(leaves: Sequence[bytes], hashes: Sequence[bytes], start: int = 0) -> dict[str, bytes]:
    """All tiles and bundles of a tree by name, but for those whose entries end at or before `start`."""
    files = hash_files(hashes, start)
    for first in range(start - start % 256, len(leaves), 256):
        part = leaves[first : first + 256]
        files[tile_path("entries", first // 256, len(part))] = bundle(part)
    return files


def hash_files(hashes: Sequence[bytes], start: int = 0) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    level, row = 0, list(hashes)
    while row:
        for first in range(start >> 8 * level & ~255, len(row), 256):
            part = row[first : first + 256]
            files[tile_path(level, first // 256, len(part))] = b"".join(part)
        row = [merkle_root(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
        level += 1
    return files


def write_log(folder: Path, made: Chain, kept: Sequence[int] = (), latest: bytes | None = None) -> Path:
    """A whole log directory with its checkpoints of the sizes in `kept`."""
    for name, data in files_of(made.leaves, made.hashes).items():
        put(folder, name, data)
    for size in kept:
        put(folder, f"checkpoints/{size}", checkpoint(made.hashes, size))
    put(folder, "checkpoint", checkpoint(made.hashes) if latest is None else latest)
    return folder


def write_year(folder: Path, chance: Random, count: int, learners: int) -> None:
    """A log too large to be kept in memory; a multiple of 65,536 entries is written at a time."""
    made, facts = Chain(), facts_of_a_house(chance, learners)
    for first in range(0, count, 65_536):
        made.leaves.clear()
        made.add(list(islice(facts, min(65_536, count - first))))
        for at in range(0, len(made.leaves), 256):
            part = made.leaves[at : at + 256]
            put(folder, tile_path("entries", (first + at) // 256, len(part)), bundle(part))
    for name, data in hash_files(made.hashes).items():
        put(folder, name, data)
    put(folder, "checkpoint", checkpoint(made.hashes))
