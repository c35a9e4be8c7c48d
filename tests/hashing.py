"""Passwords of tests that stay in one process are hashed at the lowest cost: people sign in some three thousand times,
and each time the house's own cost is a third of a test. Servers that tests start hash as the house does."""

from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher

from lms.people import passwords

THE_HOUSES = (passwords._hasher, passwords._nobodys)
_least = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
LEAST = (_least, _least.hash("no account has this password"))


@contextmanager
def cost(pair: tuple[PasswordHasher, str]) -> Iterator[None]:
    """Hash at this cost until the end of the block."""
    before = passwords._hasher, passwords._nobodys
    passwords._hasher, passwords._nobodys = pair
    try:
        yield
    finally:
        passwords._hasher, passwords._nobodys = before
