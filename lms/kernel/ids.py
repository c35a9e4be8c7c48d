"""Ids and secrets. Ids sort by time and may be made by a device; only tokens are secret."""

import os
import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, 74 random bits. Unique, sortable, no secret."""
    stamp = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    value = (stamp & 0xFFFFFFFFFFFF) << 80
    value |= 0x7 << 76 | (chance >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | (chance & 0x3FFFFFFFFFFFFFFF)
    return UUID(int=value)


def new_token() -> str:
    """128 random bits, URL-safe: for sessions, verification addresses and the like."""
    return secrets.token_urlsafe(16)


def new_code(digits: int = 6) -> str:
    """A one-time code of decimal digits, each equally likely."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"
