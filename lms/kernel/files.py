"""Files by what they contain: the name is the SHA-256, so a file never changes and never clashes."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

from lms.kernel.errors import NotFound


def store(data: bytes) -> str:
    """Keep bytes for good and return their SHA-256 in hex; on disk before this returns."""
    name = hashlib.sha256(data).hexdigest()
    path = path_of(name)
    if path.exists():
        return name
    _make_folder(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    _sync_folder(path.parent)
    return name


def _make_folder(folder: Path) -> None:
    """Make a folder so that a power cut cannot take it away again with what was put in."""
    if folder.exists():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
    if not _is_name(name):
        raise ValueError("not the name of a stored file")
    return _root() / name[:2] / name[2:4] / name


def all_paths() -> Iterator[Path]:
    """Where every stored file lies, by name; what is half written or not ours is passed over."""
    return (path for path in sorted(_root().glob("??/??/*")) if _is_name(path.name))


def _is_name(name: str) -> bool:
    return len(name) == 64 and all(c in "0123456789abcdef" for c in name)


def _root() -> Path:
    data: Path = current_app.extensions["xinglin.settings"].data
    return data.resolve() / "files"
