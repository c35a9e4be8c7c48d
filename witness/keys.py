"""The witness's own key: made once, kept in one file that only its owner reads."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.notes import COSIGNATURE, Invalid, Key, cosigned_message, parse_key

HEAD = "PRIVATE+KEY"


@dataclass(frozen=True)
class Secret:
    """A name and the private key that cosigns under it."""

    name: str
    private: Ed25519PrivateKey

    @property
    def key(self) -> Key:
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return Key(self.name, COSIGNATURE, public)

    @property
    def vkey(self) -> str:
        """The verifier key that policies name this witness by."""
        material = bytes([COSIGNATURE]) + self.key.public
        return f"{self.name}+{self.key.id.hex()}+{base64.b64encode(material).decode()}"

    def cosign(self, text: str, time: int) -> str:
        """The signature line under a checkpoint's text; `time` in POSIX seconds."""
        signature = self.private.sign(cosigned_message(text, time))
        return f"— {self.name} {base64.b64encode(self.key.id + time.to_bytes(8, 'big') + signature).decode()}\n"

    def __str__(self) -> str:
        material = bytes([COSIGNATURE]) + self.private.private_bytes_raw()
        return f"{HEAD}+{self.name}+{self.key.id.hex()}+{base64.b64encode(material).decode()}"


def new_secret(name: str) -> Secret:
    """A fresh key; raises Invalid if no key may be called so."""
    secret = Secret(name, Ed25519PrivateKey.generate())
    parse_key(secret.vkey)
    return secret


def write_secret(secret: Secret, path: Path) -> None:
    """Keep the key, readable by its owner only; raises FileExistsError rather than replace another."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{secret}\n")
        file.flush()
        os.fsync(handle)


def read_secret(path: Path) -> Secret:
    """The key in a file; raises Invalid, or OSError."""
    parts = path.read_text(encoding="utf-8").strip().split("+", 4)
    try:
        head, word, name, number, encoded = parts
        material = base64.b64decode(encoded, validate=True)
        secret = Secret(name, Ed25519PrivateKey.from_private_bytes(material[1:]))
    except ValueError as fault:
        raise Invalid(f"{path}: not a witness's private key") from fault
    if f"{head}+{word}" != HEAD or material[0] != COSIGNATURE or secret.key.id.hex() != number:
        raise Invalid(f"{path}: not a witness's private key")
    return secret
