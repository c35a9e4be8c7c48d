"""Password hashes: argon2id, two at a time, so that many sign-ins do not eat the memory of the machine."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lms.kernel.errors import TooMany

# 19 MiB and 2 passes: OWASP's recommendation; 78 ms on a small core (libraries.md, section 6).
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_two_at_a_time = threading.BoundedSemaphore(2)
_PATIENCE = 15  # seconds

# Verified when there is no such account, so that its absence takes as long as a wrong password.
_nobodys = _hasher.hash("no account has this password")


def hash_password(password: str) -> str:
    """The hash to keep; raises TooMany when the queue is too long."""
    _enter()
    try:
        return _hasher.hash(password)
    finally:
        _two_at_a_time.release()


def is_right(password: str, kept: str | None) -> bool:
    """Whether the password belongs to the hash. None (no account, no password yet) takes as long and is wrong."""
    _enter()
    try:
        _hasher.verify(kept or _nobodys, password)
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _two_at_a_time.release()
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def _enter() -> None:
    if not _two_at_a_time.acquire(timeout=_PATIENCE):
        raise TooMany
