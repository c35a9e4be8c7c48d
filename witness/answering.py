"""The answers of a witness, as C2SP tlog-witness words them; knows nothing of HTTP but its status codes."""

import base64
import binascii
import hashlib
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verifier.merkle import EMPTY_ROOT
from verifier.notes import LARGEST_NUMBER, BadSignature, Checkpoint, Invalid, Key, parse_checkpoint
from witness.keys import Secret
from witness.proofs import consistent
from witness.state import State

MOST_STEPS = 63
PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
OLD = re.compile("old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    kind: str = PLAIN


class Refused(Exception):
    """A request that is answered otherwise than by a cosignature."""

    def __init__(self, status: int, body: str, kind: str = PLAIN) -> None:
        super().__init__(body)
        self.answer = Answer(status, body, kind)


@dataclass(frozen=True)
class Request:
    """A request to cosign: the size the log believes we know, the proof from there, the new checkpoint."""

    old: int
    proof: list[bytes]
    checkpoint: Checkpoint


def parse_request(body: bytes) -> Request:
    """Take the body of add-checkpoint apart; raises Refused with 400."""
    head, gap, note = body.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    match = OLD.fullmatch(lines[0])
    if not gap or not match or int(match[1]) > LARGEST_NUMBER or len(lines) - 1 > MOST_STEPS:
        raise Refused(400, f"`old <size>`, at most {MOST_STEPS} lines of proof, an empty line, a checkpoint\n")
    try:
        proof = [base64.b64decode(line, validate=True) for line in lines[1:]]
        checkpoint = parse_checkpoint(note)
    except (Invalid, binascii.Error) as fault:
        raise Refused(400, f"{fault}\n") from fault
    if any(len(step) != 32 for step in proof):
        raise Refused(400, "a line of proof is 32 bytes in base64\n")
    return Request(int(match[1]), proof, checkpoint)


class Witness:
    """Cosigns what continues the logs it was told of, and remembers it before it says so."""

    def __init__(
        self, secret: Secret, logs: Sequence[Key], state: State, now: Callable[[], float] = time.time
    ) -> None:
        self._secret, self._logs, self._state, self._now = secret, logs, state, now
        self._one_at_a_time = threading.Lock()

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request to cosign; raises OSError if it cannot be remembered, and then nothing is cosigned."""
        try:
            request = parse_request(body)
            self._check_signature(request.checkpoint)
            with self._one_at_a_time:  # from comparing with the state until the state is on the disk
                self._check_growth(request)
                text = request.checkpoint.note.text
                line = self._secret.cosign(text, int(self._now()))
                self._state.keep(text + "\n" + self._log_lines(request.checkpoint) + line)
        except Refused as refused:
            return refused.answer
        return Answer(200, line)

    def last(self, origin_hash: str) -> Answer:
        """The last cosigned checkpoint of the log whose origin hashes to this."""
        for origin, checkpoint in self._state.last.items():
            if hashlib.sha256(origin.encode()).hexdigest() == origin_hash:
                return Answer(200, checkpoint.note.whole)
        return Answer(404, "no checkpoint cosigned of such a log\n")

    def _trusted(self, origin: str) -> list[Key]:
        return [key for key in self._logs if key.name == origin]

    def _check_signature(self, checkpoint: Checkpoint) -> None:
        keys = self._trusted(checkpoint.origin)
        if not keys:
            raise Refused(404, "an unknown log\n")
        try:
            signers = checkpoint.note.signers(keys)
        except BadSignature as fault:
            raise Refused(403, f"{fault}\n") from fault
        if not signers:
            raise Refused(403, "no signature by a key of this log\n")

    def _check_growth(self, request: Request) -> None:
        new = request.checkpoint
        last = self._state.last.get(new.origin)
        size, root = (last.size, last.root) if last else (0, EMPTY_ROOT)
        if request.old > new.size:
            raise Refused(400, "the old size is larger than the checkpoint's\n")
        if request.old != size:
            raise Refused(409, f"{size}\n", SIZE)
        if new.size == 0 and new.root != EMPTY_ROOT:
            raise Refused(422, "not the root of the empty tree\n")
        if not consistent(request.old, new.size, request.proof, root, new.root):
            raise Refused(422, "the proof does not lead from the checkpoint cosigned last to this one\n")

    def _log_lines(self, checkpoint: Checkpoint) -> str:
        """The lines of the log's own signatures, as they came."""
        known = {(key.name, key.id) for key in self._trusted(checkpoint.origin)}
        return "".join(
            f"— {name} {base64.b64encode(number + data).decode()}\n"
            for name, number, data in checkpoint.note.signatures
            if (name, number) in known
        )
