"""Pieces and names."""

from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.cleaning.child import Refused
from lms.kernel.cleaning.filters import Budget, bare_jpeg, plain_picture
from lms.kernel.cleaning.kinds import Kind, recognise
from lms.uploads.rules import CHUNK, offsets, piece_length, piece_name, shown_name


@given(st.integers(1, 20 * CHUNK))
def test_the_pieces_of_a_file_are_the_file(size: int) -> None:
    place = 0
    for offset in offsets(size):
        assert offset == place
        length = piece_length(size, offset)
        assert length
        assert 0 < length <= CHUNK
        place += length
    assert place == size
    assert piece_length(size, place) is None


@given(st.integers(-5, 20 * CHUNK), st.integers(1, 20 * CHUNK))
def test_no_piece_begins_elsewhere(offset: int, size: int) -> None:
    assert (piece_length(size, offset) is not None) == (offset in offsets(size))


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=20))
def test_pieces_lie_in_the_order_of_their_names(places: list[int]) -> None:
    assert sorted(places) == [int(name) for name in sorted(map(piece_name, places))]


@given(st.text(max_size=400))
def test_a_shown_name_shows_no_folder_and_nothing_invisible(given_name: str) -> None:
    name = shown_name(given_name)
    assert len(name) <= 120
    assert "/" not in name
    assert "\\" not in name
    assert name.isprintable() or any(char.isspace() for char in name)
    assert shown_name(name) == name


@given(st.binary(max_size=300))
def test_any_bytes_are_told_without_a_fault(data: bytes) -> None:
    found = recognise(data, data)
    assert isinstance(found, Kind) == data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-")) or found


@given(st.binary(max_size=400), st.lists(st.sampled_from(["flate", "a85", "hex", "dct", "jpx", "last"]), max_size=3))
def test_streams_of_any_bytes_end_in_a_picture_nothing_or_a_refusal(raw: bytes, steps: list[str]) -> None:
    try:
        found = plain_picture(raw, steps, Budget(10_000))
    except Refused:
        return
    assert found is None or steps[-1] in {"dct", "jpx"}


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data


@given(st.lists(st.tuples(st.sampled_from([0xE1, 0xE2, 0xED, 0xFE]), st.binary(max_size=50)), max_size=5))
def test_notes_go_and_the_picture_stays(notes: list[tuple[int, bytes]]) -> None:
    tables, scan = segment(0xDB, b"tables"), segment(0xDA, b"head") + b"coded\xff\x00data\xff\xd9"
    told = b"".join(segment(marker, data) for marker, data in notes)
    assert bare_jpeg(b"\xff\xd8" + told + tables + scan + told) == b"\xff\xd8" + tables + scan
