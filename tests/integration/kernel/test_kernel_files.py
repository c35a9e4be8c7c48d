"""Files by what they contain."""

import hashlib
import io
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from lms.kernel import files
from lms.kernel.errors import NotFound
from lms.kernel.storage.folder import FolderStorage

OWNER = UUID(int=7)


def lies_at(app: Flask, name: str) -> Path:
    data: Path = app.extensions["xinglin.settings"].data
    return data / "files" / name[:2] / name[2:4] / name


@pytest.fixture
def kind() -> str:
    return "sqlite"  # files know no database


def test_a_file_is_named_by_what_it_contains(kernel_app: Flask) -> None:
    with kernel_app.app_context():
        name = files.store("杏林".encode())
        assert name == hashlib.sha256("杏林".encode()).hexdigest()
        assert files.read(name) == "杏林".encode()
        assert files.exists(name)


def test_it_is_idempotent(kernel_app: Flask) -> None:
    with kernel_app.app_context():
        name = files.store(b"once")
        stamp = lies_at(kernel_app, name).stat().st_mtime_ns
        assert files.store(b"once") == name
        assert lies_at(kernel_app, name).stat().st_mtime_ns == stamp
        assert list(files.names()) == [name]


def test_half_written_files_are_no_files(kernel_app: Flask) -> None:
    with kernel_app.app_context():
        name = files.store(b"whole")
        (lies_at(kernel_app, name).parent / ".new-half").write_bytes(b"ha")
        assert list(files.names()) == [name]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 60 + "/../"])
def test_a_bad_name_is_refused(kernel_app: Flask, name: str) -> None:
    with kernel_app.app_context(), pytest.raises(ValueError):
        files.read(name)


def test_a_missing_file_is_not_found(kernel_app: Flask) -> None:
    with kernel_app.app_context(), pytest.raises(NotFound):
        files.read("0" * 64)


def test_half_a_file_is_taken_away_when_the_disk_does_not_take_it(kernel_app: Flask) -> None:
    class Broken(io.BytesIO):
        def __init__(self) -> None:
            super().__init__(b"the beginning")
            self.reads = 0

        def read(self, size: int | None = -1) -> bytes:
            self.reads += 1
            if self.reads > 3:
                raise OSError("the disk is full")
            return super().read(5)

    with kernel_app.app_context():
        with pytest.raises(OSError, match="full"):
            files.keep_part(OWNER, "0", Broken())
        with pytest.raises(FileNotFoundError):
            files.open_part(OWNER, "0")
    data: Path = kernel_app.extensions["xinglin.settings"].data
    assert not [path for path in (data / "uploads").rglob("*") if path.is_file()]


def test_what_is_on_its_way_lies_apart_and_goes_when_it_is_over(kernel_app: Flask) -> None:
    with kernel_app.app_context():
        files.keep_part(OWNER, "0", io.BytesIO(b"first"))
        files.keep_part(OWNER, "0", io.BytesIO(b"again"))
        assert files.owners_of_parts() == {OWNER}
        with files.open_part(OWNER, "0") as part:
            assert part.read() == b"again"
        assert list(files.names()) == []
        files.drop_parts(OWNER)
        files.drop_parts(OWNER)
        assert files.owners_of_parts() == set()


def test_nothing_lies_outside_the_data_folder(kernel_app: Flask) -> None:
    store = FolderStorage(kernel_app.extensions["xinglin.settings"].data)
    for name in ("../x", "/etc/x", "", "files/../../x"):
        with pytest.raises(ValueError):
            store.put(name, io.BytesIO(b"x"))
