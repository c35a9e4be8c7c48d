"""Sealed fields: AES-256-GCM at rest, keyed hashes to find them again. Keys come from the settings.

A house knows one key that seals and, while it changes keys, others that only open. A sealed value names its key
(ADR 0021), except those of version 1, which were written before keys had names.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

UNNAMED, NAMED = b"\x01", b"\x02"
ID_BYTES = 4
PREFIX_BYTES = 1 + ID_BYTES
NONCE_BYTES = 12


class UnknownKeyError(Exception):
    """A value was sealed with a key that the settings do not name; the text is the key's id."""


@dataclass(frozen=True)
class Key:
    """One field key of 32 bytes."""

    raw: bytes

    @cached_property
    def id(self) -> str:
        """Eight hex digits that name the key and tell nothing about it."""
        return hashlib.sha256(b"field key id:" + self.raw).hexdigest()[: 2 * ID_BYTES]

    @cached_property
    def prefix(self) -> bytes:
        """What every value begins with that this key sealed."""
        return NAMED + bytes.fromhex(self.id)

    @cached_property
    def box(self) -> AESGCM:
        return AESGCM(self.raw)

    def hash(self, text: str, purpose: str) -> str:
        """The lookup hash of a text under this key, in hex."""
        return hmac.digest(self._lookup, f"{purpose}\0{text}".encode(), "sha256").hex()

    @cached_property
    def _lookup(self) -> bytes:
        return hashlib.sha256(b"lookup:" + self.raw).digest()


@dataclass(frozen=True)
class Ring:
    """The keys a process knows: the first one seals, all of them open."""

    keys: tuple[Key, ...]

    @property
    def current(self) -> Key:
        return self.keys[0]

    @cached_property
    def by_prefix(self) -> dict[bytes, Key]:
        return {key.prefix: key for key in self.keys}


def ring() -> Ring:
    """The keys of this process."""
    settings = current_app.extensions["xinglin.settings"]
    return _ring(settings.field_key, settings.field_keys_other)


def key_of(text: str) -> Key:
    """A key as the settings write it, in base64."""
    return Key(base64.b64decode(text))


@lru_cache(maxsize=8)
def _ring(current: str, others: str) -> Ring:
    texts = [current, *(one.strip() for one in others.split(",") if one.strip())]
    return Ring(tuple(dict.fromkeys(key_of(text) for text in texts)))


def seal(text: str, purpose: str) -> bytes:
    """Encrypt a field; `purpose` (table.column) is bound to it, so a value cannot be moved."""
    key, nonce = ring().current, os.urandom(NONCE_BYTES)
    return key.prefix + nonce + key.box.encrypt(nonce, text.encode(), key.prefix + purpose.encode())


def unseal(sealed: bytes, purpose: str) -> str:
    """Decrypt a sealed field; raises cryptography's InvalidTag if it was altered or moved, UnknownKeyError for
    a key that the settings do not name."""
    if sealed[:1] == UNNAMED:
        return opening_key(sealed, purpose)[1]
    prefix = sealed[:PREFIX_BYTES]
    key = ring().by_prefix.get(prefix)
    if key is None:
        raise UnknownKeyError(prefix[1:].hex())
    nonce, rest = sealed[PREFIX_BYTES : PREFIX_BYTES + NONCE_BYTES], sealed[PREFIX_BYTES + NONCE_BYTES :]
    return key.box.decrypt(nonce, rest, prefix + purpose.encode()).decode()


def opening_key(sealed: bytes, purpose: str) -> tuple[Key, str]:
    """The key that opens a value of version 1, found by trying, and the text; raises InvalidTag when none does."""
    for key in ring().keys:
        try:
            return key, key.box.decrypt(sealed[1:13], sealed[13:], purpose.encode()).decode()
        except InvalidTag:
            continue
    raise InvalidTag


def sealed_unnamed(text: str, purpose: str) -> bytes:
    """A field sealed as version 1 did, for a way back to it."""
    nonce = os.urandom(NONCE_BYTES)
    return UNNAMED + nonce + ring().current.box.encrypt(nonce, text.encode(), purpose.encode())


def lookup_hash(text: str, purpose: str) -> str:
    """A keyed hash (HMAC-SHA-256, hex) under the key that seals. What is stored for long under it must be found by
    `lookup_hashes` and renewed when the key changes (`kernel.lookups`)."""
    return ring().current.hash(text, purpose)


def lookup_hashes(text: str, purpose: str) -> list[str]:
    """The hashes of a text under every key that is known: one of them is stored, if the text is."""
    return [key.hash(text, purpose) for key in ring().keys]


def passing_hash(text: str, purpose: str) -> str:
    """A keyed hash of what is over within days: codes, counters, marks in the cookie. Its key follows from the one
    that signs cookies, so that a change of the field key touches none of them."""
    secret: str = current_app.extensions["xinglin.settings"].secret_key
    key = hashlib.sha256(b"passing:" + secret.encode()).digest()
    return hmac.digest(key, f"{purpose}\0{text}".encode(), "sha256").hex()
