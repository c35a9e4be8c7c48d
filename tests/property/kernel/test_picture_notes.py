"""Pictures without their notes: the pixels stay, nothing that was said does, and nothing makes it fail."""

import io
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from uploaded import CANARY, exif, jpeg, png, told_jpeg, told_png, told_webp, webp

from lms.courses.packages import media_files
from lms.courses.packages.fields import Findings
from lms.courses.packages.media_files import read_media
from lms.kernel.cleaning.notes import without_notes

TOLD = {"image/jpeg": told_jpeg(), "image/png": told_png(), "image/webp": told_webp()}
PLAIN = {"image/jpeg": jpeg(), "image/png": png(), "image/webp": webp()}
PROGRESSIVE = jpeg(progressive=True, comment=CANARY.encode())


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as opened:
        return opened.convert("RGB").tobytes()


@pytest.mark.parametrize("mime", TOLD)
def test_pixels_stay_and_words_go(mime: str) -> None:
    found = without_notes(TOLD[mime], mime)
    assert CANARY.encode() in TOLD[mime]
    assert CANARY.encode() not in found
    with Image.open(io.BytesIO(found)) as opened:
        assert not set(opened.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
        assert not opened.getexif()
    assert pixels(found) == pixels(TOLD[mime])
    assert without_notes(found, mime) == found


@pytest.mark.parametrize("mime", PLAIN)
def test_a_picture_that_says_nothing_stays_what_it_is(mime: str) -> None:
    assert without_notes(PLAIN[mime], mime) == PLAIN[mime]
    assert without_notes(b"<svg/>", "image/svg+xml") == b"<svg/>"


def test_a_picture_in_several_passes_keeps_all_of_them() -> None:
    found = without_notes(PROGRESSIVE, "image/jpeg")
    assert pixels(found) == pixels(PROGRESSIVE)
    assert CANARY.encode() not in found


@pytest.mark.parametrize("make", [jpeg, png, webp])
@pytest.mark.parametrize("way", range(2, 9))
def test_which_way_is_up_is_kept(way: int, make: Callable[..., bytes]) -> None:
    mime = f"image/{make.__name__}"
    found = without_notes(make(exif=exif(way)), mime)
    with Image.open(io.BytesIO(found)) as opened:
        opened.load()
        assert dict(opened.getexif()) == {0x0112: way}
    assert CANARY.encode() not in found
    assert without_notes(found, mime) == found


def test_a_webp_that_ends_in_its_head_never_fails() -> None:
    head = b"RIFF\x0c\0\0\0WEBPVP8X\n\0\0\0"
    for more in range(11):
        without_notes(head + bytes(more), "image/webp")
        findings = Findings()
        found = read_media({"media/a.webp": head + bytes(more)}, findings)
        assert bool(found) == (more == 10)


def test_what_stripping_cannot_read_is_refused_at_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(data: bytes, mime: str) -> bytes:
        raise ArithmeticError

    monkeypatch.setattr(media_files, "without_notes", fails)
    findings = Findings()
    assert not read_media({"media/a.png": png()}, findings)
    assert [one.file for one in findings.problems] == ["media/a.png"]


def test_many_small_parts_take_no_more_time_than_a_large_one() -> None:
    parts = b"ANIM\0\0\0\0" * 400_000
    data = b"RIFF" + (len(parts) + 4).to_bytes(4, "little") + b"WEBP" + parts
    began = time.process_time()
    assert without_notes(data, "image/webp") == data
    assert time.process_time() - began < 5, "a minute where each part copies all before it"


@given(st.sampled_from(sorted(TOLD)), st.data())
def test_broken_pictures_never_fail_and_never_tell(mime: str, drawn: st.DataObject) -> None:
    data = bytearray(TOLD[mime])
    for at in drawn.draw(st.lists(st.integers(0, len(data) - 1), max_size=6)):
        data[at] = drawn.draw(st.integers(0, 255))
    cut = bytes(data[: drawn.draw(st.integers(0, len(data)))])
    assert len(without_notes(cut, mime)) <= len(cut) + 64


@given(st.sampled_from(sorted(TOLD)), st.binary(max_size=300))
def test_what_is_no_picture_never_fails(mime: str, data: bytes) -> None:
    without_notes(data, mime)
