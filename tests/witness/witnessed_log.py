"""A log that asks a witness to cosign, and a witness that runs as its operator starts it."""

import base64
import http.client
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from honest_log import LOG, Chain, Signer, chain, checkpoint, make_facts, merkle_root

ROOT = Path(__file__).parent.parent.parent


def grown(size: int, seed: int = 1) -> Chain:
    return chain(make_facts(Random(seed), size))


def consistency(hashes: Sequence[bytes], old: int, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    size = len(hashes)
    if old == size:
        return [] if whole else [merkle_root(hashes)]
    half = 1
    while half * 2 < size:
        half *= 2
    if old <= half:
        return [*consistency(hashes[:half], old, whole), merkle_root(hashes[half:])]
    return [*consistency(hashes[half:], old - half, False), merkle_root(hashes[:half])]


def request(made: Chain, old: int, size: int, signers: Sequence[Signer] = (LOG,), origin: str = LOG.name) -> bytes:
    """The body of add-checkpoint."""
    proof = consistency(made.hashes[:size], old) if 0 < old < size else []
    lines = [f"old {old}", *(base64.b64encode(step).decode() for step in proof), "", ""]
    return "\n".join(lines).encode() + checkpoint(made.hashes, size, signers, origin)


@dataclass
class Answered:
    status: int
    kind: str
    body: str


@dataclass
class Running:
    process: subprocess.Popen[str]
    vkey: str
    port: int

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answered:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            link.request(method, path, body, headers or {})
            answer = link.getresponse()
            return Answered(answer.status, answer.headers["Content-Type"], answer.read().decode())
        finally:
            link.close()

    def add(self, body: bytes) -> Answered:
        return self.ask("POST", "/add-checkpoint", body)


def command(folder: Path, *more: str) -> list[str]:
    words = ["serve", "--state", f"{folder}/state", "--key", f"{folder}/key", "--listen", "127.0.0.1:0", *more]
    return [sys.executable, "-m", "witness", *words]


def witness(*words: str) -> subprocess.CompletedProcess[str]:
    """`python -m witness …` to its end."""
    done = [sys.executable, "-m", "witness", *words]
    return subprocess.run(done, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@contextmanager
def running(folder: Path, *more: str, script: Path | None = None) -> Iterator[Running]:
    """A witness of the log of the tests; `script` runs in place of `python -m witness`."""
    words = command(folder, "--log", LOG.vkey, *more)
    if script is not None:
        words = [sys.executable, str(script), *words[3:]]
    with (folder / "log.txt").open("a") as log:
        process = subprocess.Popen(
            words, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
    assert process.stdout is not None
    try:
        vkey, ready = process.stdout.readline().strip(), process.stdout.readline()
        assert ready.startswith("witness is ready: "), (folder / "log.txt").read_text()
        yield Running(process, vkey, int(ready.rsplit(":", 1)[1]))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
