"""What an MP4 file is, by its boxes (ISO 14496-12): length, pixels, codecs, whether it can be played while it comes.

Pure but for reading: nothing is believed that the boxes do not tile, and no more of a file is read than its moov.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MOST_MOOV = 8 * 1024 * 1024
MOST_BOXES = 5000
_INNER = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_STRIPPED = {b"udta", b"meta", b"uuid"}


@dataclass(frozen=True)
class Track:
    """One track: b"vide" or b"soun", its codec's four letters, its pixels."""

    handler: bytes
    codec: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Movie:
    """`fast`: what is needed to begin stands before the pictures. `said`: places of notes (from, bytes)."""

    milliseconds: int
    tracks: tuple[Track, ...]
    fast: bool
    said: tuple[tuple[int, int], ...]

    @property
    def video(self) -> Track | None:
        return next((one for one in self.tracks if one.handler == b"vide"), None)

    @property
    def sound(self) -> Track | None:
        return next((one for one in self.tracks if one.handler == b"soun"), None)


class BadMovie(Exception):
    """The boxes do not make a file that can be played."""


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    head: int
    end: int


def read_movie(file: BinaryIO, size: int) -> Movie:
    """The movie in a file of `size` bytes. Raises BadMovie."""
    boxes = list(_top(file, size))
    kinds = [box.kind for box in boxes]
    if kinds[:1] != [b"ftyp"] or kinds.count(b"moov") != 1 or b"mdat" not in kinds or b"moof" in kinds:
        raise BadMovie
    moov = next(box for box in boxes if box.kind == b"moov")
    if moov.end - moov.start > MOST_MOOV:
        raise BadMovie
    file.seek(moov.start)
    data = file.read(moov.end - moov.start)
    milliseconds, tracks, said = _moov(data, moov.start, moov.head)
    said += [(box.start, box.end - box.start) for box in boxes if box.kind in _STRIPPED]
    return Movie(milliseconds, tuple(tracks), kinds.index(b"moov") < kinds.index(b"mdat"), tuple(said))


def _top(file: BinaryIO, size: int) -> Iterator[_Box]:
    at = count = 0
    while at < size:
        file.seek(at)
        box = _box(file.read(16), at, size)
        count += 1
        if count > MOST_BOXES:
            raise BadMovie
        yield box
        at = box.end


def _box(head: bytes, at: int, most: int) -> _Box:
    if len(head) < 8:
        raise BadMovie
    length, kind = struct.unpack(">I4s", head[:8])
    taken = 8
    if length == 1:
        if len(head) < 16:
            raise BadMovie
        length, taken = struct.unpack(">Q", head[8:16])[0], 16
    elif length == 0:
        length = most - at
    if length < taken or at + length > most:
        raise BadMovie  # cut off, or the sizes lie
    return _Box(kind, at, taken, at + length)


def _moov(data: bytes, offset: int, head: int) -> tuple[int, list[Track], list[tuple[int, int]]]:
    milliseconds = 0
    tracks: list[Track] = []
    said: list[tuple[int, int]] = []
    found: dict[bytes, bytes] = {}
    todo = [(head, len(data), b"")]
    count = 0
    while todo:
        at, end, track = todo.pop()
        while at < end:
            box = _box(data[at : at + 16], at, end)
            count += 1
            if count > MOST_BOXES:
                raise BadMovie
            body = data[box.start + box.head : box.end]
            if box.kind in _INNER:
                name = box.kind + str(box.start).encode() if box.kind == b"trak" else track
                todo.append((box.start + box.head, box.end, name))
            elif box.kind in _STRIPPED:
                said.append((offset + box.start, box.end - box.start))
            elif box.kind == b"mvhd":
                milliseconds = _length(body)
            elif box.kind in (b"tkhd", b"hdlr", b"stsd") and track:
                found.setdefault(track + box.kind, body)
            at = box.end
    for name in sorted({key[:-4] for key in found}):
        tracks.append(_track(*(found.get(name + kind, b"") for kind in (b"tkhd", b"hdlr", b"stsd"))))
    return milliseconds, tracks, said


def _length(body: bytes) -> int:
    try:
        if body[0] == 1:
            scale, length = struct.unpack(">IQ", body[20:32])
        else:
            scale, length = struct.unpack(">II", body[12:20])
    except (struct.error, IndexError):
        raise BadMovie from None
    return int(length * 1000 // scale) if scale else 0


def _track(tkhd: bytes, hdlr: bytes, stsd: bytes) -> Track:
    try:
        width, height = struct.unpack(">II", tkhd[-8:])
    except struct.error:
        raise BadMovie from None
    return Track(hdlr[8:12], stsd[12:16], width >> 16, height >> 16)


def strip(file: BinaryIO, movie: Movie) -> None:
    """Make notes (place, camera, owner) into empty space of the same length, so that nothing else moves."""
    for start, length in movie.said:
        file.seek(start)
        head = file.read(16)
        box = _box(head, 0, length)
        file.seek(start + 4)
        file.write(b"free")
        file.seek(start + box.head)
        left = length - box.head
        while left > 0:
            file.write(b"\0" * min(left, 65536))
            left -= min(left, 65536)
