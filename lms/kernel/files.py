"""Files by what they contain: the name is the SHA-256, so a file never changes and never clashes."""

import hashlib
import os
import tempfile
from pathlib import Path

from flask import current_app

from lms.kernel.errors import NotFound


def store(data: bytes) -> str:
    """Keep bytes for good and return their SHA-256 in hex; on disk before this returns."""
    name = hashlib.sha256(data).hexdigest()
    path = path_of(name)
    if path.exists():
        return name
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return name


def read(name: str) -> bytes:
    """The bytes of a stored file; NotFound if there is none."""
    try:
        return path_of(name).read_bytes()
    except FileNotFoundError:
        raise NotFound from None


def exists(name: str) -> bool:
    """Whether the file is here."""
    return path_of(name).exists()


def path_of(name: str) -> Path:
    """Where a file of this name lies; raises ValueError for what is no SHA-256 in hex."""
    if len(name) != 64 or not all(c in "0123456789abcdef" for c in name):
        raise ValueError("not the name of a stored file")
    root: Path = current_app.extensions["xinglin.settings"].data
    return root.resolve() / "files" / name[:2] / name[2:4] / name
