"""Signed notes, keys and checkpoints as C2SP signed-note, tlog-checkpoint and tlog-cosignature define them."""

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 0x01  # a log's signature over the text of a note
COSIGNATURE = 0x04  # a witness's: eight bytes of time, then a signature over the time and the text
LARGEST_NOTE, MOST_SIGNATURES, LARGEST_NUMBER = 1 << 20, 100, (1 << 63) - 1
NAME, BASE64 = r"[^\s+]+", "[A-Za-z0-9+/]"
VKEY = re.compile(rf"({NAME})\+([0-9a-f]{{8}})\+({BASE64}{{44}})")
SIGNATURE = re.compile(f"— ({NAME}) ((?:{BASE64}{{4}})*(?:{BASE64}{{4}}|{BASE64}{{3}}=|{BASE64}{{2}}==))")
HASH = f"{BASE64}{{42}}[AEIMQUYcgkosw048]="  # 32 bytes in the one canonical spelling
CHECKPOINT = re.compile(rf"([^\n]+)\n(0|[1-9][0-9]{{0,18}})\n({HASH})\n(?:[^\n]+\n)*")


class Invalid(ValueError):
    """Something is not what it must be; `index` is the first entry in doubt, where one is known."""

    def __init__(self, why: str, index: int | None = None) -> None:
        super().__init__(why)
        self.index = index


class BadSignature(Invalid):
    """A signature that names a known key and is not of it, or the lack of one."""


class Key(NamedTuple):
    """A public key that may sign notes: of a log (ED25519) or of a witness (COSIGNATURE)."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        name = self.name.encode("utf-8", "surrogateescape")  # in a policy any bytes may be a name
        return hashlib.sha256(name + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def check(self, text: str, signature: bytes) -> int:
        """The time of a cosignature in POSIX seconds, 0 for a plain signature; raises BadSignature."""
        time, message = 0, text.encode()
        if self.kind == COSIGNATURE:
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = cosigned_message(text, time)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as fault:
            raise BadSignature(f"the signature of {self.name} is not of its key") from fault
        if self.kind == COSIGNATURE and not 0 < time <= LARGEST_NUMBER:
            raise BadSignature(f"the cosignature of {self.name} states no time")
        return time


def cosigned_message(text: str, time: int) -> bytes:
    """What a witness signs: a time in POSIX seconds and the whole text of a note."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def parse_key(vkey: str) -> Key:
    """A key from `<name>+<id>+<base64>`; raises Invalid, also for a kind of key not known here."""
    if not (match := VKEY.fullmatch(vkey)):
        raise Invalid("not a verifier key of Ed25519: <name>+<8 hex digits>+<base64>")
    material = base64.b64decode(match[3])
    key = Key(match[1], material[0], material[1:])
    if key.kind not in (ED25519, COSIGNATURE) or key.id.hex() != match[2]:
        raise Invalid("a verifier key of another kind than 0x01 and 0x04, or with an id that is not its own")
    return key


class Note(NamedTuple):
    """A note taken apart; its text means nothing before `signers` has found a trusted key."""

    whole: str
    text: str
    signatures: list[tuple[str, bytes, bytes]]  # name, id and signature

    def signers(self, keys: Iterable[Key]) -> dict[Key, int]:
        """Those of the keys that signed, and when; raises BadSignature if one is named and did not."""
        known = {(key.name, key.id): key for key in keys}
        signed = [(known[name, number], data) for name, number, data in self.signatures if (name, number) in known]
        return {key: key.check(self.text, data) for key, data in signed}


def parse_note(data: bytes) -> Note:
    """Take a signed note apart; raises Invalid."""
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Invalid("not UTF-8") from fault
    text, gap, tail = whole.rpartition("\n\n")
    if not gap or tail[-1:] != "\n" or len(data) > LARGEST_NOTE or re.search("[\x00-\x09\x0b-\x1f]", whole):
        raise Invalid("not a signed note: a text, an empty line, signature lines, no control characters")
    signatures = []
    for line in tail[:-1].split("\n"):
        match = SIGNATURE.fullmatch(line)
        data = base64.b64decode(match[2]) if match else b""
        if not match or len(data) < 5 or base64.b64encode(data).decode() != match[2]:
            raise Invalid("a signature line that is not `— <name> <base64>`")
        signatures.append((match[1], data[:4], data[4:]))
    if len(signatures) > MOST_SIGNATURES:
        raise Invalid(f"more than {MOST_SIGNATURES} signatures")
    return Note(whole, text + "\n", signatures)


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes
    note: Note


def parse_checkpoint(data: bytes) -> Checkpoint:
    """A note whose text is origin, size and root; raises Invalid. Its signatures are not yet checked."""
    note = parse_note(data)
    if not (match := CHECKPOINT.fullmatch(note.text)) or int(match[2]) > LARGEST_NUMBER:
        raise Invalid("not a checkpoint: an origin, a size and a root of 32 bytes, each on its line")
    return Checkpoint(match[1], int(match[2]), base64.b64decode(match[3]), note)
