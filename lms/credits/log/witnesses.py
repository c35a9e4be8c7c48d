"""Asking witnesses to cosign a checkpoint (c2sp.org/tlog-witness, add-checkpoint).

A witness that is slow, down or hostile costs some seconds and nothing else: nothing waits for it but the
publication, and only its own verified signature is taken from its answer.
"""

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from sqlalchemy import select

from lms.credits.log.keys import house
from lms.credits.log.merkle import consistency_proof
from lms.credits.log.models import LogOrigin, LogSignature
from lms.credits.log.notes import BadNote, Checkpoint, Signature, Verifier, packed
from lms.credits.log.signer import record
from lms.credits.log.tree import Tree, newest_signed, root_at
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

TIMEOUT_SECONDS = 3
LONGEST_PAUSE_SECONDS = 60
LONGEST_ANSWER = 64 * 1024
log_of = structlog.get_logger("log")


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness by its key, and where it listens."""

    key: Verifier
    address: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness said: signature lines (200), the size it knows (409), or why not."""

    status: int
    text: str


def witnesses() -> list[Witness]:
    """The witnesses in the settings; raises BadNote for a key that is none."""
    return [Witness(Verifier.parse(key), address) for key, address in house().witnesses]


def cosigned(log: int, size: int) -> set[str]:
    """The keys of our witnesses that have cosigned the checkpoint at a size."""
    known = [str(one.key) for one in witnesses()]
    found = select(LogSignature.vkey).where(
        LogSignature.log == log, LogSignature.size == size, LogSignature.vkey.in_(known)
    )
    return set(session().scalars(found))


def last_cosigned(log: int) -> dict[str, int]:
    """For each of our witnesses, the largest size it has cosigned."""
    return {key: newest_signed(log, key) for key in (str(one.key) for one in witnesses())}


_pauses: dict[str, tuple[int, float]] = {}
"""For a witness that failed: how often in a row, and until when it is left in peace."""


def gather(log: LogOrigin, size: int) -> None:
    """Ask every witness that has not cosigned this size yet, all at the same time, and keep what they say."""
    with unit_of_work(write=False):
        done = cosigned(log.number, size)
        sizes = last_cosigned(log.number)
        asked = [one for one in witnesses() if str(one.key) not in done and _may_ask(one)]
        if not asked:
            return
        root = root_at(log.number, size)
        own = session().scalar(
            select(LogSignature.line).where(
                LogSignature.log == log.number, LogSignature.size == size, LogSignature.vkey == log.vkey
            )
        )
        assert root is not None
        assert own is not None
        checkpoint = Checkpoint(log.origin, size, root)
        bodies = [_body(log.number, sizes[str(one.key)], checkpoint, own) for one in asked]
    answers = _ask_all(asked, bodies)
    for place, answer in enumerate(answers):
        if answer.status == http.client.CONFLICT and answer.text.strip().isdecimal():
            old = int(answer.text)
            if old <= size:
                with unit_of_work(write=False):
                    body = _body(log.number, old, checkpoint, own)
                answers[place] = _ask(asked[place], body)
    for one, answer in zip(asked, answers, strict=True):
        _take(log.number, checkpoint, one, answer)


def _body(log: int, old: int, checkpoint: Checkpoint, own: str) -> bytes:
    proof = consistency_proof(old, checkpoint.size, Tree(log).subtree)
    lines = "".join(f"{packed(one)}\n" for one in proof)
    return f"old {old}\n{lines}\n{checkpoint.text}\n{own}".encode()


def _may_ask(one: Witness) -> bool:
    _failures, until = _pauses.get(str(one.key), (0, 0.0))
    return time.monotonic() >= until


def _ask_all(asked: Sequence[Witness], bodies: Sequence[bytes]) -> list[Answer]:
    with ThreadPoolExecutor(max_workers=len(asked)) as pool:
        return list(pool.map(_ask, asked, bodies))


def _ask(one: Witness, body: bytes) -> Answer:
    where = urlsplit(one.address)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(where.hostname or "", where.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", f"{where.path}/add-checkpoint", body, {"Content-Type": "text/plain"})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(LONGEST_ANSWER).decode())
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
        return Answer(0, f"{type(error).__name__}: {error}")


def _take(log: int, checkpoint: Checkpoint, one: Witness, answer: Answer) -> None:
    line = _verified(checkpoint, one, answer)
    key = str(one.key)
    if line is None:
        failures = _pauses.get(key, (0, 0.0))[0] + 1
        _pauses[key] = (failures, time.monotonic() + min(LONGEST_PAUSE_SECONDS, 2**failures))
        log_of.warning("a witness did not cosign", witness=one.key.name, status=answer.status, said=answer.text[:200])
        return
    _pauses.pop(key, None)
    record(log, checkpoint.size, key, line)


def _verified(checkpoint: Checkpoint, one: Witness, answer: Answer) -> str | None:
    """The witness's own line in its answer, if its signature holds."""
    if answer.status != http.client.OK:
        return None
    for line in answer.text.splitlines():
        try:
            found = Signature.parse(line)
        except BadNote:
            continue
        mine = (found.name, found.id) == (one.key.name, one.key.id)
        if mine and len(found.data) == 72 and one.key.holds(checkpoint.text, found.data):
            return str(found)
    return None
