"""Signed notes and checkpoints as c2sp.org writes them (signed-note, tlog-checkpoint, tlog-cosignature). Pure.

A note is a text and, after an empty line, signatures of it. A checkpoint is a note whose text is an origin, the
size of its tree and the root. The log signs with plain Ed25519 (type 1); a witness signs the same text under a
heading with the time (type 4).
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DASH = "— "
PLAIN, WITNESS = 1, 4
NAME = re.compile(r"[^\s+\x00-\x1f]+")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")


class BadNote(ValueError):
    """It is not what it should be; the text says why."""


def _unpacked(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote("bad base64") from error
    if base64.b64encode(found).decode() != text:
        raise BadNote("bad base64")
    return found


def packed(data: bytes) -> str:
    """Bytes as base64."""
    return base64.b64encode(data).decode()


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name: `log` (kind 1) or `witness` (kind 4)."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read a vkey, `name+id+key`; raises BadNote."""
        name, _, rest = text.partition("+")
        number, _, body = rest.partition("+")
        data = _unpacked(body)
        if not NAME.fullmatch(name) or len(data) != 33 or data[0] not in (PLAIN, WITNESS):
            raise BadNote("not an Ed25519 key in the form name+id+key")
        key = cls(name, data[0], data[1:])
        if key.id.hex() != number:
            raise BadNote("the id is not that of the key")
        return key

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{packed(bytes([self.kind]) + self.public)}"

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether a signature (as it stands in a note, without the id) is this key's over the text."""
        message = text.encode()
        if self.kind == WITNESS:
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = f"cosignature/v1\ntime {time}\n".encode() + message
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note; `data` follows the id."""

    name: str
    id: bytes
    data: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {packed(self.id + self.data)}\n"

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Read a line without its end; raises BadNote."""
        name, _, body = line.removeprefix(DASH).partition(" ")
        data = _unpacked(body)
        if not line.startswith(DASH) or not NAME.fullmatch(name) or len(data) < 5:
            raise BadNote("not a signature")
        return cls(name, data[:4], data[4:])


class Signer:
    """A private key of the log with its name."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.seed = seed
        self.verifier = Verifier(name, PLAIN, self._key.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """Read a key as its file holds it, `PRIVATE+KEY+name+id+key`; raises BadNote."""
        first, second, name, number, body = [*text.strip().split("+", 4), "", "", "", ""][:5]
        data = _unpacked(body)
        if (first, second) != ("PRIVATE", "KEY") or not NAME.fullmatch(name) or len(data) != 33 or data[0] != PLAIN:
            raise BadNote("not a private key in the form PRIVATE+KEY+name+id+key")
        key = cls(name, data[1:])
        if key.verifier.id.hex() != number:
            raise BadNote("the id is not that of the key")
        return key

    def __str__(self) -> str:
        own = self.verifier
        return f"PRIVATE+KEY+{own.name}+{own.id.hex()}+{packed(bytes([PLAIN]) + self.seed)}"

    def sign(self, text: str) -> Signature:
        """Sign the text of a note."""
        return Signature(self.verifier.name, self.verifier.id, self._key.sign(text.encode()))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at one size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{packed(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a note as a checkpoint without extensions; raises BadNote."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not _NUMBER.fullmatch(lines[1]):
            raise BadNote("not a checkpoint")
        root = _unpacked(lines[2])
        if len(root) != 32:
            raise BadNote("not a root")
        return cls(lines[0], int(lines[1]), root)


def joined(text: str, signatures: list[Signature]) -> str:
    """A note from its text and its signatures."""
    return text + "\n" + "".join(map(str, signatures))


def opened(note: str) -> tuple[str, list[Signature]]:
    """The text and the signatures of a note, none of them checked; raises BadNote."""
    text, found, lines = note.rpartition("\n\n")
    if not found or not lines.endswith("\n"):
        raise BadNote("not a signed note")
    return text + "\n", [Signature.parse(line) for line in lines[:-1].split("\n")]


def checked(note: str, key: Verifier) -> Checkpoint:
    """The checkpoint in a note that this key has signed; raises BadNote."""
    text, signatures = opened(note)
    mine = [one for one in signatures if (one.name, one.id) == (key.name, key.id)]
    if not mine or not all(key.holds(text, one.data) for one in mine):
        raise BadNote(f"not signed by {key.name}")
    return Checkpoint.parse(text)
