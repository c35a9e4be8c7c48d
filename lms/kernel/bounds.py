"""What a child process may use that reads what strangers sent. It bounds itself before a byte of the file is read."""

import resource
import signal
from dataclasses import dataclass

MB = 1024 * 1024
MOST_FILE = 32 * MB
"""Bytes of one file that a child may write, where its bounds do not say otherwise."""
MOST_OPEN = 64
SECONDS = 60
"""On the wall clock, should the parent be gone."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds of computing, bytes of memory that is written to, bytes of addresses, bytes of one file it may write."""

    computing: int
    data: int
    addresses: int
    file: int = MOST_FILE


CLEANING = Bounds(computing=8, data=208 * MB, addresses=1024 * MB)
"""One picture, drawing or PDF (`lms.kernel.cleaning`)."""
IMPORTING = Bounds(computing=9, data=256 * MB, addresses=1280 * MB, file=330 * MB)
"""One file of another maker (`lms.courses.imports`), whose films are laid apart as they are."""


def keep_within(bounds: Bounds) -> None:
    """Bound this process for good: what asks for more gets an error, or ends."""
    limits = (
        (resource.RLIMIT_CPU, bounds.computing), (resource.RLIMIT_DATA, bounds.data),
        (resource.RLIMIT_AS, bounds.addresses), (resource.RLIMIT_FSIZE, bounds.file),
        (resource.RLIMIT_NOFILE, MOST_OPEN), (resource.RLIMIT_CORE, 0),
    )  # fmt: skip
    for what, most in limits:
        resource.setrlimit(what, (most, most))
    signal.alarm(SECONDS)
