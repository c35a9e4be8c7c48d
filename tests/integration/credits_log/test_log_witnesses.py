"""Witnesses: real ones over HTTP, written from the text of c2sp.org/tlog-witness, with all their moods."""

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from log_stage import LogHouse, LogHouses, read_log, tree_hash
from servers import free_port

from lms.credits.log import witnesses as asking


@dataclass
class Witness:
    """One witness with what it has cosigned last. mood: good, silent, broken, forged, another key."""

    name: str
    mood: str = "good"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    size: int = 0
    root: bytes = b""
    log_key: bytes = b""
    asked: list[tuple[int, int, int]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    @property
    def vkey(self) -> str:
        public = self.key.public_key().public_bytes_raw()
        number = hashlib.sha256(self.name.encode() + b"\n\x04" + public).digest()[:4].hex()
        return f"{self.name}+{number}+{base64.b64encode(bytes([4]) + public).decode()}"

    @property
    def setting(self) -> str:
        assert self.server
        return f"{self.vkey} http://127.0.0.1:{self.server.server_address[1]}/w"

    def answer(self, body: str) -> tuple[int, str]:
        head, _, note = body.partition("\n\n")
        first, *proof = head.split("\n")
        old = int(first.removeprefix("old "))
        text, _, lines = note.rpartition("\n\n")
        _origin, size_text, root_text = text.split("\n")
        size, root = int(size_text), base64.b64decode(root_text)
        signature = base64.b64decode(lines.split(" ")[2])
        Ed25519PublicKey.from_public_bytes(self.log_key).verify(signature[4:], f"{text}\n".encode())
        if self.mood == "broken":
            return 500, "broken"
        if old != self.size:
            self.asked.append((old, size, 409))
            return 409, f"{self.size}\n"
        hashes = [base64.b64decode(one) for one in proof]
        if not follows(old, self.root, size, root, hashes):
            self.asked.append((old, size, 422))
            return 422, ""
        self.asked.append((old, size, 200))
        self.size, self.root = size, root
        return 200, self.cosignature(f"{text}\n")

    def cosignature(self, text: str) -> str:
        now = int(time.time())
        key = Ed25519PrivateKey.generate() if self.mood == "forged" else self.key
        signed = key.sign(f"cosignature/v1\ntime {now}\n{text}".encode())
        public = self.key.public_key().public_bytes_raw()
        number = hashlib.sha256(self.name.encode() + b"\n\x04" + public).digest()[:4]
        line = base64.b64encode(number + now.to_bytes(8, "big") + signed).decode()
        return f"— other.example/x {base64.b64encode(bytes(76)).decode()}\n— {self.name} {line}\n"


def follows(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """A consistency proof, by the recursive definition read backwards."""
    if old in (0, new):
        return not proof and (old == 0 or old_root == new_root)

    def node(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\x01" + left + right).digest()

    def walk(m: int, n: int, whole: bool) -> tuple[bytes, bytes]:
        """Hash of the first m leaves and of all n, from the end of the proof."""
        if m == n:
            known = old_root if whole else proof.pop()
            return known, known
        half = 1
        while half * 2 < n:
            half *= 2
        if m <= half:
            right = proof.pop()
            before, left = walk(m, half, whole)
            return before, node(left, right)
        left = proof.pop()
        before, right = walk(m - half, n - half, False)
        return node(left, before), node(left, right)

    try:
        found = walk(old, new, True)
    except IndexError:
        return False
    return found == (old_root, new_root) and not proof


def serve(witness: Witness) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            assert self.path == "/w/add-checkpoint"
            if witness.mood == "silent":
                time.sleep(4)
            status, text = witness.answer(body)
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_words: Any) -> None:
            return

    witness.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    witness.server.daemon_threads = True
    threading.Thread(target=witness.server.serve_forever, daemon=True).start()


@pytest.fixture
def two() -> Iterator[list[Witness]]:
    asking._pauses.clear()
    made = [Witness("one.example/w"), Witness("two.example/w")]
    for one in made:
        serve(one)
    yield made
    for one in made:
        assert one.server
        one.server.shutdown()
        one.server.server_close()


def watched(log_houses: LogHouses, two: list[Witness], quorum: int) -> LogHouse:
    house = log_houses.keyed(log_witnesses=" ; ".join(one.setting for one in two), log_quorum=quorum)
    house.awards(1)
    house.tick()
    vkey = house.sql("SELECT vkey FROM log_origin")[0][0]
    for one in two:
        one.log_key = base64.b64decode(vkey.split("+", 2)[2])[1:]
    return house


def test_it_works(log_houses: LogHouses, two: list[Witness]) -> None:
    house = watched(log_houses, two, 2)
    sizes = [1, 2, 7, 8, 20]
    for size in sizes:
        house.awards(size - len(house.sql("SELECT 1 FROM ledger_entry")))
        house.write()
        found = read_log(house.log)
        assert found.size == size
        assert {name for name, _data in found.signatures[1:]} == {"one.example/w", "two.example/w"}
    assert [(old, new) for old, new, _status in two[0].asked] == list(zip([0, *sizes], sizes, strict=False))
    policy = (house.log / "policy").read_text().splitlines()
    assert policy[1:] == [
        f"witness w1 {two[0].setting}", f"witness w2 {two[1].setting}", "group witnesses 2 w1 w2", "quorum witnesses",
    ]  # fmt: skip
    assert house.ready()["log"]["behind"] == {"one.example/w": 0, "two.example/w": 0}


def test_awarding_and_signing_go_on_without_any_witness(log_houses: LogHouses, two: list[Witness]) -> None:
    house = watched(log_houses, two, 1)
    house.write()
    for one in two:
        one.mood = "broken"
    house.awards(3)
    house.write()
    assert read_log(house.log).size == 1, "nothing new is published without the quorum"
    state = house.ready()["log"]
    assert (state["size"], state["signed"], state["published"]) == (4, 4, 1)
    assert state["behind"] == {"one.example/w": 3, "two.example/w": 3}
    two[1].mood = "good"
    asking._pauses.clear()
    house.publish()
    found = read_log(house.log)
    assert (found.size, [name for name, _ in found.signatures[1:]]) == (4, ["two.example/w"])


def test_a_witness_that_is_gone_does_not_keep_a_quorum_of_the_others(log_houses: LogHouses, two: list[Witness]) -> None:
    gone = Witness("gone.example/w")
    gone.server = ThreadingHTTPServer(("127.0.0.1", free_port()), BaseHTTPRequestHandler)
    gone.server.server_close()
    house = watched(log_houses, [*two, gone], 2)
    house.write()
    assert read_log(house.log).size == 1
    assert house.ready()["log"]["behind"]["gone.example/w"] == 1


def test_a_silent_witness_costs_seconds_and_only_the_publication(log_houses: LogHouses, two: list[Witness]) -> None:
    house = watched(log_houses, two, 1)
    two[0].mood = "silent"
    began = time.monotonic()
    house.write()
    assert time.monotonic() - began < 10
    assert read_log(house.log).size == 1
    house.awards(1)
    began = time.monotonic()
    house.write()  # left in peace for a while
    assert read_log(house.log).size == 2
    assert [new for _old, new, _status in two[1].asked] == [1, 2]


def test_a_witness_that_knows_more_or_less_is_followed(log_houses: LogHouses, two: list[Witness]) -> None:
    """It lost its answer on the way, or was put back: 409 says where it stands."""
    house = watched(log_houses, two, 2)
    house.write()
    house.awards(5)
    house.tick()
    first = read_log(house.log)
    two[0].size, two[0].root = 0, b""
    house.write()
    assert two[0].asked[-2:] == [(1, 6, 409), (0, 6, 200)]
    assert read_log(house.log).size == 6
    assert first.size == 1


@pytest.mark.parametrize("mood", ["forged"])
def test_a_signature_that_does_not_hold_is_not_taken(log_houses: LogHouses, two: list[Witness], mood: str) -> None:
    house = watched(log_houses, two[:1], 1)
    two[0].mood = mood
    house.write()
    assert not (house.log / "checkpoint").exists()
    assert house.sql("SELECT COUNT(*) FROM log_signature") == [(1,)]


def test_a_witness_that_saw_another_past_does_not_cosign(log_houses: LogHouses, two: list[Witness]) -> None:
    """The operator rewrote the log below what was witnessed: whoever holds the key cannot talk it round."""
    house = watched(log_houses, two[:1], 1)
    house.awards(4)
    house.write()
    two[0].root = tree_hash([bytes(32), bytes(32)])
    house.awards(1)
    house.write()
    assert two[0].asked[-1] == (5, 6, 422)
    assert read_log(house.log).size == 5


@pytest.mark.parametrize("setting", ["x", "a+b http://x", "a+b+c ftp://x", "a+b+c http://x y"])
def test_a_bad_setting_stops_the_start(log_houses: LogHouses, setting: str) -> None:
    with pytest.raises(Exception, match="XINGLIN_LOG_WITNESSES"):
        log_houses.new(log_witnesses=setting)
