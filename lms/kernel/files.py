"""Files by what they contain: the name is the SHA-256, so a file never changes and never clashes.

Whatever is still on its way (an upload, chunk by chunk) lies apart, under the id of what it belongs to,
and is removed when that is over. What is made of other files lies apart too, and in no backup: it can be made again.
"""

import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import BinaryIO
from uuid import UUID

from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.storage.choosing import storage

KEPT = "files/"
ON_THE_WAY = "uploads/"
MADE = "made/"
BLOCK = 64 * 1024
FRESH = timedelta(hours=1)
"""Longer than any deed that stores a file and then names it."""


def store(data: bytes) -> str:
    """Keep bytes for good and return their SHA-256 in hex; on disk before this returns."""
    return store_stream(io.BytesIO(data))


def store_stream(source: BinaryIO) -> str:
    """Keep what can be read (twice: once for its name) without holding it in memory; its SHA-256.

    What lies here for longer is put again: somebody may be about to remove it as something that nobody names.
    """
    name = digest(source)
    if not fresh(name, FRESH / 2):
        storage().put(_place(name), source)
    return name


def fresh(name: str, age: timedelta = FRESH) -> bool:
    """Whether a file was stored so lately that whoever stored it may not have named it yet."""
    written = storage().written(_place(name))
    return written is not None and written > clock.now() - age


def digest(source: BinaryIO) -> str:
    """SHA-256 in hex of everything that can be read."""
    source.seek(0)
    found = hashlib.sha256()
    while block := source.read(BLOCK):
        found.update(block)
    return found.hexdigest()


def read(name: str) -> bytes:
    """The bytes of a stored file; NotFound if there is none."""
    with open_file(name) as file:
        return file.read()


def open_file(name: str) -> BinaryIO:
    """A stored file, to be read from any place (`seek`); NotFound if there is none."""
    try:
        return storage().open(_place(name))
    except FileNotFoundError:
        raise NotFound from None


def opener(name: str) -> Callable[[], BinaryIO]:
    """What opens a stored file later, when no application is at hand any more (an answer being sent)."""
    return partial(storage().open, _place(name))


def size(name: str) -> int:
    """Bytes of a stored file; NotFound if there is none."""
    found = storage().size(_place(name))
    if found is None:
        raise NotFound
    return found


def exists(name: str) -> bool:
    """Whether the file is here."""
    return storage().size(_place(name)) is not None


def names() -> Iterator[str]:
    """Every stored file's name, in order; what is not ours is passed over."""
    lasts = (place.rpartition("/")[2] for place in storage().names(KEPT))
    return (name for name in lasts if _is_name(name))


def forget(name: str) -> None:
    """Remove a stored file again: only for a deed that stored it and is being taken back whole."""
    storage().remove(_place(name))


def keep_part(owner: UUID, part: str, source: BinaryIO) -> None:
    """Keep a piece of something that is still on its way; on disk before this returns. A piece that is
    there already is replaced."""
    storage().put(f"{ON_THE_WAY}{owner}/{part}", source)


def open_part(owner: UUID, part: str) -> BinaryIO:
    """A piece, to be read; FileNotFoundError if it is not there."""
    return storage().open(f"{ON_THE_WAY}{owner}/{part}")


def drop_parts(owner: UUID) -> None:
    """Remove every piece of something that is over."""
    storage().remove(f"{ON_THE_WAY}{owner}/")


def owners_of_parts() -> set[UUID]:
    """What has pieces lying about."""
    return {UUID(name) for name in storage().folders(ON_THE_WAY)}


def keep_made(owner: UUID, name: str, data: bytes) -> None:
    """Keep what was made of other files for `owner`, until it is made anew under the same name."""
    storage().put(f"{MADE}{owner}/{name}", io.BytesIO(data))


def read_made(owner: UUID, name: str) -> bytes:
    """What was made; NotFound if it is not there (any more)."""
    try:
        with storage().open(f"{MADE}{owner}/{name}") as file:
            return file.read()
    except FileNotFoundError:
        raise NotFound from None


def made(owner: UUID) -> dict[str, int]:
    """What was made for `owner`: bytes by name."""
    places = list(storage().names(f"{MADE}{owner}/"))
    return {place.rpartition("/")[2]: storage().size(place) or 0 for place in places}


def drop_made(owner: UUID, name: str) -> None:
    """Remove something that was made."""
    storage().remove(f"{MADE}{owner}/{name}")


def _place(name: str) -> str:
    """Where a file of this name lies; raises ValueError for what is no SHA-256 in hex."""
    if not _is_name(name):
        raise ValueError("not the name of a stored file")
    return f"{KEPT}{name[:2]}/{name[2:4]}/{name}"


def _is_name(name: str) -> bool:
    return len(name) == 64 and all(c in "0123456789abcdef" for c in name)
