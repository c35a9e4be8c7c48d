"""Sealed fields: AES-256-GCM at rest, a keyed hash to find them again. Keys come from the settings."""

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

VERSION = b"\x01"


def seal(text: str, purpose: str) -> bytes:
    """Encrypt a field; `purpose` (table.column) is bound to it, so a value cannot be moved."""
    nonce = os.urandom(12)
    return VERSION + nonce + _box(_key()).encrypt(nonce, text.encode(), purpose.encode())


def unseal(sealed: bytes, purpose: str) -> str:
    """Decrypt a sealed field; raises cryptography's InvalidTag if it was altered or moved."""
    return _box(_key()).decrypt(sealed[1:13], sealed[13:], purpose.encode()).decode()


def lookup_hash(text: str, purpose: str) -> str:
    """A keyed hash (HMAC-SHA-256, hex) by which an exact value is found without being stored."""
    key = hashlib.sha256(b"lookup:" + _key()).digest()
    return hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def _key() -> bytes:
    return base64.b64decode(current_app.extensions["xinglin.settings"].field_key)


@lru_cache(maxsize=4)
def _box(key: bytes) -> AESGCM:
    return AESGCM(key)
