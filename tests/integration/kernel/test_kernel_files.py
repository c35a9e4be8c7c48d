"""Files by what they contain."""

import hashlib
from pathlib import Path

import pytest
from flask import Flask

from lms.kernel import files
from lms.kernel.errors import NotFound


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
        stamp = files.path_of(name).stat().st_mtime_ns
        assert files.store(b"once") == name
        assert files.path_of(name).stat().st_mtime_ns == stamp
        assert [path.name for path in files.all_paths()] == [name]


def test_half_written_files_are_no_files(kernel_app: Flask) -> None:
    with kernel_app.app_context():
        name = files.store(b"whole")
        (files.path_of(name).parent / ".new-half").write_bytes(b"ha")
        assert [path.name for path in files.all_paths()] == [name]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 60 + "/../"])
def test_a_bad_name_is_refused(kernel_app: Flask, name: str) -> None:
    with kernel_app.app_context(), pytest.raises(ValueError):
        files.read(name)


def test_a_missing_file_is_not_found(kernel_app: Flask) -> None:
    with kernel_app.app_context(), pytest.raises(NotFound):
        files.read("0" * 64)


def test_nothing_lies_outside_the_data_folder(kernel_app: Flask) -> None:
    with kernel_app.app_context():
        data: Path = kernel_app.extensions["xinglin.settings"].data
        assert files.path_of("0" * 64).is_relative_to(data.resolve() / "files")
