"""Archives are hostile until proven otherwise: nothing half, nothing outside, nothing huge."""

import io
import os
import stat
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from course_packages import good_files, tree, zipped

from lms.courses.packages.problem import BadPackageError
from lms.courses.packages.tree import content_hash, pack, read_folder, read_zip

GOOD = tree(good_files())


def test_folder_and_zip_give_the_same_tree(tmp_path: Path) -> None:
    for path, data in GOOD.items():
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
    (tmp_path / ".DS_Store").write_bytes(b"x")
    assert read_folder(tmp_path) == GOOD
    assert read_zip(zipped(GOOD)) == GOOD
    assert read_zip(zipped(GOOD, folder="sample/")) == GOOD
    assert read_zip(pack(GOOD)) == GOOD
    assert pack(GOOD) == pack(dict(reversed(GOOD.items())))


@pytest.mark.parametrize(
    "path",
    [
        "../evil.toml",
        "lessons/../../evil.md",
        "/etc/passwd",
        "C:/windows/x.md",
        "lessons\\..\\x.md",
        "lessons/a/b.md",
        "lessons//x.md",
        "./course.toml",
        "lessons/文.md",
        "evil.sh",
        "lessons/" + "a" * 200 + ".md",
    ],
)
def test_a_path_that_is_no_package_path_refuses_all(path: str) -> None:
    with pytest.raises(BadPackageError):
        read_zip(zipped({**GOOD, path: b"x"}))


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_way_of_packing_that_unpacks_without_bound_is_refused_unread(way: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as archive:
        archive.writestr("course.toml", b"\0" * 60_000_000)
    tracemalloc.start()
    with pytest.raises(BadPackageError) as refused:
        read_zip(out.getvalue())
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    assert "Deflate" in refused.value.problems[0].message.msgid


def test_a_name_that_begins_with_a_nul_refuses_all() -> None:
    with pytest.raises(BadPackageError):
        read_zip(zipped({"media/~.svg": b"x", **GOOD}).replace(b"media/~.svg", b"\0edia/~.svg"))


def test_a_name_with_a_nul_refuses_all() -> None:
    data = zipped({"media/x~.svg": b"x"}).replace(b"x~.svg", b"x\0.svg")
    with pytest.raises(BadPackageError):
        read_zip(data)


def test_names_that_differ_by_case_only_refuse_all() -> None:
    with pytest.raises(BadPackageError):
        read_zip(zipped({**GOOD, "media/A.svg": b"x", "media/a.svg": b"x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_refuses_all() -> None:
    out = io.BytesIO(zipped(GOOD))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("course.toml", b"x")
    with pytest.raises(BadPackageError):
        read_zip(out.getvalue())


def test_a_symbolic_link_refuses_all(tmp_path: Path) -> None:
    out = io.BytesIO(zipped(GOOD))
    with zipfile.ZipFile(out, "a") as archive:
        info = zipfile.ZipInfo("media/link.svg")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(BadPackageError):
        read_zip(out.getvalue())
    (tmp_path / "media").mkdir()
    os.symlink("/etc/passwd", tmp_path / "media" / "link.svg")
    with pytest.raises(BadPackageError):
        read_folder(tmp_path)


def test_a_bomb_refuses_all() -> None:
    with pytest.raises(BadPackageError):
        read_zip(zipped({"media/bomb.svg": b"\0" * 1_900_000}))
    with pytest.raises(BadPackageError):
        read_zip(zipped({"media/bomb.svg": b"\0" * 300_000_000}))


def test_many_files_refuse_all() -> None:
    with pytest.raises(BadPackageError):
        read_zip(zipped({f"media/a{number}.svg": b"x" for number in range(401)}))


def test_many_large_files_refuse_all() -> None:
    noise = os.urandom(1_900_000)
    with pytest.raises(BadPackageError):
        read_zip(zipped({f"media/a{number}.svg": noise for number in range(12)}))


def test_what_is_no_zip_is_refused() -> None:
    good = zipped(GOOD)
    for data in (b"", b"PK", b"hello", good[:-30], good[: len(good) // 2], os.urandom(500)):
        with pytest.raises(BadPackageError):
            read_zip(data)


def test_a_flipped_byte_is_refused_or_changes_nothing() -> None:
    good = zipped(GOOD)
    for at in range(0, len(good), 97):
        spoiled = bytearray(good)
        spoiled[at] ^= 0xFF
        try:
            found = read_zip(bytes(spoiled))
        except BadPackageError:
            continue
        assert all(GOOD.get(path) == data for path, data in found.items())


def test_a_locked_zip_is_refused() -> None:
    data = bytearray(zipped({"course.toml": b"x = 1"}))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    with pytest.raises(BadPackageError):
        read_zip(bytes(data))


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPackageError):
        read_folder(tmp_path / "nowhere")


def test_the_hash_ignores_an_editors_habits_and_nothing_else() -> None:
    same = {
        path: data.replace(b"\n", b"\r\n") if path.endswith((".toml", ".md")) else data for path, data in GOOD.items()
    }
    assert content_hash(same) == content_hash(GOOD)
    other = {**GOOD, "course.toml": GOOD["course.toml"] + b"#"}
    assert content_hash(other) != content_hash(GOOD)
    assert content_hash({"a": b"bc"}) != content_hash({"ab": b"c"})
