"""What was signed last, in a file outside the database.

A database can be put back to yesterday. This file cannot forget: it is written before a signature leaves the
house, and holds all that is needed to grow the signed tree (its complete subtrees).
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lms.credits.log.merkle import Range
from lms.credits.log.notes import BadNote, Checkpoint, Verifier, checked


class Refused(Exception):
    """Nothing is signed; the text says why, for the operator."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The last signed checkpoint, whole as a note ("" before the first), and the tree below it."""

    origin: str
    tree: Range
    note: str = ""


def peek(path: Path) -> dict[str, Any]:
    """What the file holds, unchecked; raises OSError or ValueError."""
    data = json.loads(path.read_bytes())
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data


def read(path: Path, key: Verifier) -> Signed:
    """The last signed checkpoint; raises Refused if the file is missing, damaged, or not of this key."""
    try:
        data = peek(path)
        tree = Range(data["size"], [bytes.fromhex(one) for one in data["subtrees"]])
        found = Signed(data["origin"], tree, data["note"])
        if found.note:
            told = checked(found.note, key)
            if told != Checkpoint(found.origin, tree.size, tree.root()):
                raise ValueError("it contradicts itself")
        elif tree.size:
            raise ValueError("it has no signature")
    except FileNotFoundError as error:
        raise Refused(f"the file of the last signed checkpoint is missing: {path}") from error
    except (OSError, ValueError, KeyError, TypeError, BadNote) as error:
        raise Refused(f"the file of the last signed checkpoint cannot be used: {path}: {error}") from error
    if found.origin != key.name:
        raise Refused(f"the file of the last signed checkpoint is of another log: {path}: {found.origin}")
    return found


def write(path: Path, signed: Signed) -> None:
    """Remember; on disk before this returns."""
    data = {
        "origin": signed.origin,
        "size": signed.tree.size,
        "subtrees": [one.hex() for one in signed.tree.subtrees],
        "note": signed.note,
    }
    replace(path, json.dumps(data, ensure_ascii=False, indent=1).encode(), mode=0o600)


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put a whole file in the place of another, so that a power cut leaves one of the two."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def sync_file(file: Path) -> None:
    """Put a file's bytes on disk."""
    sync_folder(file)


def sync_folder(folder: Path) -> None:
    """Put a folder's list of files on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(path: Path, *, wait: bool = False) -> Iterator[bool]:
    """Whether this process is the only one that works beside `path` now (a lock on path.lock); `wait` until it is."""
    with path.with_name(f"{path.name}.lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
