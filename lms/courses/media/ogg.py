"""What an Ogg file with Opus is, by its pages (RFC 3533, RFC 7845): length, and where its notes stand.

Pure but for reading: every page is read and its sum proved, so only a file of a bounded size may be asked about.
"""

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

RATE = 48_000
MOST_TAGS = 512 * 1024
_HEAD = 27
_VERSION = rb"[0-9]{1,3}(\.[0-9]{1,3}){0,3}"
_VENDOR = re.compile(rb"(Lavf(%b)?|ffmpeg|libopus %b)?" % (_VERSION, _VERSION))
_ENCODER = re.compile(rb"encoder=Lavc(%b)? libopus" % _VERSION, re.IGNORECASE)
"""What ffmpeg writes: anything else in their place may be words."""
_BEGIN, _GOES_ON, _NO_TIME = 2, 1, 0xFFFFFFFFFFFFFFFF


class BadSound(Exception):
    """The pages do not make one sound that can be played."""


@dataclass(frozen=True)
class Sound:
    """`tags`: the pages that hold the notes (from, bytes); `comments`: what is noted, but for the names that encoders
    give themselves."""

    milliseconds: int
    channels: int
    tags: tuple[tuple[int, int], ...]
    comments: int


@dataclass(frozen=True)
class _Page:
    start: int
    flags: int
    time: int
    serial: int
    number: int
    lacing: bytes
    body: bytes


def read_opus(data: bytes) -> Sound:
    """The sound in the bytes of a file. Raises BadSound."""
    pages = _pages(data)
    first = pages[0]
    head = first.body
    if not head.startswith(b"OpusHead") or len(head) < 19 or head[8] & 0xF0 or head[9] not in (1, 2):
        raise BadSound
    for number, page in enumerate(pages):
        fits = page.serial == first.serial and page.number == first.number + number
        if not fits or bool(page.flags & _BEGIN) != (number == 0):
            raise BadSound
    tags, packet = _tags(pages[1:])
    times = [page.time for page in pages[1 + len(tags) :] if page.time != _NO_TIME]
    if not times or times != sorted(times):
        raise BadSound
    milliseconds = (times[-1] - int.from_bytes(head[10:12], "little")) * 1000 // RATE
    return Sound(milliseconds, head[9], tuple((page.start, _HEAD + len(page.lacing) + len(page.body)) for page in tags),
                 _noted(packet))  # fmt: skip


def _pages(data: bytes) -> list[_Page]:
    found, at = [], 0
    while at < len(data):
        if data[at : at + 5] != b"OggS\0" or at + _HEAD > len(data):
            raise BadSound
        flags, time, serial, number, told, count = struct.unpack("<BQIIIB", data[at + 5 : at + _HEAD])
        lacing = data[at + _HEAD : at + _HEAD + count]
        end = at + _HEAD + count + sum(lacing)
        if len(lacing) < count or end > len(data):
            raise BadSound
        if _sum(data[at : at + 22] + bytes(4) + data[at + 26 : end]) != told:
            raise BadSound
        found.append(_Page(at, flags, time, serial, number, lacing, data[at + _HEAD + count : end]))
        at = end
    if len(found) < 3:
        raise BadSound
    return found


def _tags(pages: list[_Page]) -> tuple[list[_Page], bytes]:
    """The pages of the second packet, which ends with a page, and that packet."""
    packet = b""
    for number, page in enumerate(pages, 1):
        packet += page.body
        if bool(page.flags & _GOES_ON) != (number > 1) or len(packet) > MOST_TAGS:
            raise BadSound
        ends = [at for at, length in enumerate(page.lacing) if length < 255]
        if ends:
            if ends[0] != len(page.lacing) - 1 or not packet.startswith(b"OpusTags"):
                raise BadSound
            return pages[:number], packet
    raise BadSound


def _noted(packet: bytes) -> int:
    """How many notes say more than which programme made the file."""
    try:
        vendor = int.from_bytes(packet[8:12], "little")
        at = 12 + vendor
        (count,) = struct.unpack("<I", packet[at : at + 4])
        at, more = at + 4, int(_VENDOR.fullmatch(packet[12:at]) is None)
        for _ in range(count):
            (length,) = struct.unpack("<I", packet[at : at + 4])
            if at + 4 + length > len(packet):
                raise BadSound
            more += _ENCODER.fullmatch(packet[at + 4 : at + 4 + length]) is None
            at += 4 + length
    except struct.error:
        raise BadSound from None
    return more + bool(packet[at:].strip(b"\0"))


def strip(file: BinaryIO, sound: Sound) -> None:
    """Make the notes (who, where, a picture) into empty space of the same length, so that nothing else moves."""
    left = b"OpusTags" + bytes(8)
    for start, length in sound.tags:
        file.seek(start)
        page = bytearray(file.read(length))
        begin = _HEAD + page[26]
        body = length - begin
        page[begin:] = left[:body].ljust(body, b"\0")
        left = left[body:]
        page[22:26] = bytes(4)
        page[22:26] = _sum(bytes(page)).to_bytes(4, "little")
        file.seek(start)
        file.write(page)


def _row(number: int) -> int:
    value = number << 24
    for _ in range(8):
        value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
    return value & 0xFFFFFFFF


_ROWS = tuple(_row(number) for number in range(256))


def _sum(data: bytes) -> int:
    found, rows = 0, _ROWS
    for byte in data:
        found = ((found << 8) & 0xFFFFFFFF) ^ rows[(found >> 24) ^ byte]
    return found
