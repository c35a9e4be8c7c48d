"""Where tiles lie, and what is said of those that are missing, too short or too long."""

import os
from pathlib import Path
from random import Random

import pytest
from honest_log import bundle, chain, make_facts, put, tile_path, write_log

from verifier.notes import Invalid
from verifier.tiles import ENTRIES, read_entries, read_file, read_hashes, tile_name

LEAVES = [f"leaf {number}".encode() for number in range(300)]


def test_the_examples_of_tile_paths() -> None:
    assert tile_name(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_name(ENTRIES, 0) == "tile/entries/000"
    assert tile_name(63, 1000) == "tile/63/x001/000"
    assert tile_name(0, 273, 112) == "tile/0/273.p/112"


@pytest.mark.parametrize("number", [0, 1, 999, 1000, 1001, 67_000, 999_999, 1_000_000, 1_234_067, 10**9, 2**40])
def test_the_writer_of_the_tests_agrees_on_paths(number: int) -> None:
    assert tile_name(3, number, 17) == tile_path(3, number, 17)


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        (256, {"tile/0/000", "tile/1/000.p/1"}),
        (257, {"tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"}),
        (255, {"tile/0/000.p/255"}),
    ],
)
def test_a_tree_has_the_tiles_that_the_text_names(tmp_path: Path, size: int, tiles: set[str]) -> None:
    write_log(tmp_path, chain(make_facts(Random(1), size)))
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.glob("tile/[0-9]*/**/*") if path.is_file()}
    assert found == tiles


def test_the_tree_of_seventy_thousand_has_the_widths_that_the_text_names() -> None:
    size = 70_000
    widths = {level: [size >> 8 * level + 8, (size >> 8 * level) % 256] for level in range(3)}
    assert widths == {0: [273, 112], 1: [1, 17], 2: [0, 1]}


def test_entries_are_read_as_written(tmp_path: Path) -> None:
    put(tmp_path, "tile/entries/000", bundle(LEAVES[:256]))
    put(tmp_path, "tile/entries/001.p/44", bundle(LEAVES[256:]))
    assert read_entries(tmp_path, 0, 256) + read_entries(tmp_path, 1, 44) == LEAVES


def test_empty_and_largest_entries_are_read(tmp_path: Path) -> None:
    entries = [b"", b"x" * 65_535, b""]
    put(tmp_path, "tile/entries/000.p/3", bundle(entries))
    assert read_entries(tmp_path, 0, 3) == entries


def test_a_full_tile_stands_in_for_a_partial_one_that_is_gone(tmp_path: Path) -> None:
    put(tmp_path, "tile/entries/000", bundle(LEAVES[:256]))
    put(tmp_path, "tile/0/000", bytes(8192))
    assert read_entries(tmp_path, 0, 10) == LEAVES[:10]
    assert read_hashes(tmp_path, 0, 0, 10) == bytes(320)


WHOLE = bundle(LEAVES[256:266])


@pytest.mark.parametrize(
    ("data", "why", "index"),
    [
        (WHOLE[:-1], "1 bytes are missing", 265),
        (WHOLE[: len(WHOLE) // 2 + 1], "are missing", 261),
        (bundle(LEAVES[256:265]), "9 entries and 0 more bytes, not 10", 265),
        (bundle(LEAVES[256:267]), "10 entries and 10 more bytes", 265),
        (WHOLE + b"\0", "1 more bytes", 265),
        (b"", "0 entries", 256),
        (b"\xff", "are missing", 256),
    ],
)
def test_a_bundle_cut_or_grown_names_the_entry(tmp_path: Path, data: bytes, why: str, index: int) -> None:
    put(tmp_path, "tile/entries/001.p/10", data)
    with pytest.raises(Invalid, match=why) as found:
        read_entries(tmp_path, 1, 10)
    assert found.value.index == index
    assert "tile/entries/001.p/10" in str(found.value)


@pytest.mark.parametrize(
    ("length", "index"), [(0, 65536), (31, 65536), (33, 65792), (65, 66048), (321, 65536 + 9 * 256)]
)
def test_a_tile_of_another_length_names_the_entry(tmp_path: Path, length: int, index: int) -> None:
    put(tmp_path, "tile/1/001.p/10", bytes(length))
    with pytest.raises(Invalid, match="bytes or more where 320 belong") as found:
        read_hashes(tmp_path, 1, 1, 10)
    assert found.value.index == index


def test_a_missing_tile_is_named_with_its_first_entry(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"tile/1/002[.]p/3: missing") as found:
        read_hashes(tmp_path, 1, 2, 3)
    assert found.value.index == 2 * 65536
    with pytest.raises(Invalid, match=r"tile/entries/002[.]p/3: missing") as found:
        read_entries(tmp_path, 2, 3)
    assert found.value.index == 512


def test_what_is_not_a_file_does_not_keep_it_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero", "", "nothing", "nothing/below"):
        with pytest.raises(Invalid):
            read_file(tmp_path / name, 10)
    with pytest.raises(OSError, match="loop"):
        read_file(tmp_path / "loop", 10)


def test_no_more_is_read_than_may_be(tmp_path: Path) -> None:
    put(tmp_path, "long", bytes(100))
    assert len(read_file(tmp_path / "long", 10)) == 11
