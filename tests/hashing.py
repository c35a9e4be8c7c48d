"""Passwords of tests are hashed at the lowest cost: people sign in some three thousand times, and each time the house's
own cost is a third of a test. The servers that tests start do the same, but for the long campaigns, which serve as
the house does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher

from lms.people import passwords

THE_HOUSES = (passwords._hasher, passwords._nobodys)
_least = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
LEAST = (_least, _least.hash("no account has this password"))


def of_servers() -> tuple[PasswordHasher, str]:
    """What the servers of this run hash with, and what is in their databases."""
    return THE_HOUSES if os.environ.get("HASHING") == "house" else LEAST


def begin(pair: tuple[PasswordHasher, str]) -> None:
    """Hash at this cost from now on."""
    passwords._hasher, passwords._nobodys = pair


@contextmanager
def cost(pair: tuple[PasswordHasher, str]) -> Iterator[None]:
    """Hash at this cost until the end of the block."""
    before = passwords._hasher, passwords._nobodys
    begin(pair)
    try:
        yield
    finally:
        begin(before)
