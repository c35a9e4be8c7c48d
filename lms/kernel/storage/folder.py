"""Storage in a folder of this machine: on disk, with its folder's entry, before `put` returns."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

# What a power cut or a kill left half written begins so; it is no file of anybody's.
HALF = ".new-"


class FolderStorage:
    """Names are paths below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.address = str(root)

    def put(self, name: str, source: BinaryIO) -> None:
        """Write beside the place, sync, move into the place, sync the folder."""
        path = self._path(name)
        _make_folder(path.parent)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=HALF)
        try:
            with os.fdopen(handle, "wb") as file:
                source.seek(0)
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    def open(self, name: str) -> BinaryIO:
        """The file itself."""
        return self._path(name).open("rb")

    def size(self, name: str) -> int | None:
        """Bytes of the file; None if there is none."""
        try:
            return self._path(name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def written(self, name: str) -> datetime | None:
        """When the file was moved into its place."""
        try:
            return datetime.fromtimestamp(self._path(name).stat().st_mtime, UTC)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, prefix: str) -> Iterator[str]:
        """Files below the prefix; what is half written is passed over."""
        folder = self._path(prefix)
        found = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return (path.relative_to(self.root).as_posix() for path in found if not path.name.startswith(HALF))

    def folders(self, prefix: str) -> list[str]:
        """Folders right below, empty ones too."""
        folder = self._path(prefix)
        return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []

    def remove(self, prefix: str) -> None:
        """Remove a file, or a folder with all that is in it."""
        path = self._path(prefix)
        if prefix.endswith("/"):
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def check(self) -> None:
        """Write a byte to the disk: a full one takes an empty file and nothing more."""
        probe = self.root / "files" / ".ready"
        probe.parent.mkdir(parents=True, exist_ok=True)
        with probe.open("wb") as file:
            file.write(b"1")
            file.flush()
            os.fsync(file.fileno())

    def _path(self, name: str) -> Path:
        path = self.root / name
        if ".." in path.parts or not name or name.startswith("/"):
            raise ValueError("not a name in the storage")
        return path


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
