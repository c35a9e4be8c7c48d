"""Streams of a PDF, undone step by step within a budget, and pictures without what is not a pixel. Pure."""

import base64
import binascii
import re
import zlib

from lms.kernel.cleaning.child import Refused

# What all streams of a document may swell to when they are read.
MOST_BYTES = 256 * 1024 * 1024
BLOCK = 1024 * 1024


class Budget:
    """How much may still come out of a document's streams."""

    def __init__(self, left: int = MOST_BYTES) -> None:
        self.left = left

    def take(self, count: int) -> None:
        """Spend some of it; Refused when it is gone."""
        self.left -= count
        if self.left < 0:
            raise Refused("heavy")


def plain_picture(raw: bytes, steps: list[str], budget: Budget) -> bytes | None:
    """A JPEG or JPEG 2000 out of its wrappings and bare; None for any other stream, which is only
    weighed. Steps are: flate a85 hex dct jpx last."""
    data = raw
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if step == "dct" and last:
            return bare_jpeg(data)
        if step == "jpx" and last:
            return bare_jpeg2000(data)
        if step == "last" and last:
            return None
        if step == "flate":
            data = _inflate(data, budget, keep=not last)
        elif step == "a85":
            data = _a85(data)
        elif step == "hex":
            data = _hex(data)
        else:
            raise Refused("odd")
    return None


def _inflate(data: bytes, budget: Budget, keep: bool) -> bytes:
    """Unpack within the budget; what is not kept is only counted."""
    kept = bytearray()
    engine = zlib.decompressobj()
    try:
        while data and not engine.eof:
            piece = engine.decompress(data, BLOCK)
            budget.take(len(piece))
            if keep:
                kept += piece
            data = engine.unconsumed_tail
        piece = engine.flush()
        budget.take(len(piece))
        kept += piece
    except zlib.error:
        if keep:
            raise Refused("broken") from None
    return bytes(kept)


def _a85(data: bytes) -> bytes:
    text = re.sub(rb"\s", b"", data).removeprefix(b"<~")
    try:
        return base64.a85decode(text.partition(b"~")[0])
    except ValueError:
        raise Refused("broken") from None


def _hex(data: bytes) -> bytes:
    text = re.sub(rb"\s", b"", data).partition(b">")[0]
    try:
        return binascii.unhexlify(text + b"0" * (len(text) % 2))
    except binascii.Error:
        raise Refused("broken") from None


def bare_jpeg(data: bytes) -> bytes:
    """A JPEG without comments and application segments, except the two that say how its colours are
    meant (JFIF, Adobe); not decoded, so nothing of the picture is lost. What follows its end is dropped."""
    if data[:2] != b"\xff\xd8":
        raise Refused("broken")
    out, place = bytearray(b"\xff\xd8"), 2
    while True:
        if place + 4 > len(data) or data[place] != 0xFF:
            raise Refused("broken")
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        segment = data[place : place + 2 + length]
        place += 2 + length
        if not _is_note(marker, segment):
            out += segment
        if marker == 0xDA:
            return bytes(out + _scans(data, place))


def _is_note(marker: int, segment: bytes) -> bool:
    if marker == 0xE0:
        return segment[4:9] != b"JFIF\0"
    if marker == 0xEE:
        return segment[4:9] != b"Adobe"
    return marker == 0xFE or 0xE1 <= marker <= 0xEF


def _scans(data: bytes, place: int) -> bytes:
    """From the first scan to the end marker: entropy-coded data, and between scans tables but no notes."""
    out = bytearray()
    while True:
        end = data.find(b"\xff", place)
        if end < 0 or end + 1 >= len(data):
            return bytes(out + data[place:] + b"\xff\xd9")  # cut off; readers show what there is
        marker = data[end + 1]
        if marker == 0x00 or marker == 0xFF or 0xD0 <= marker <= 0xD7:
            step = 1 if marker == 0xFF else 2
            out += data[place : end + step]
            place = end + step
            continue
        out += data[place:end]
        if marker == 0xD9:
            return bytes(out + b"\xff\xd9")
        length = int.from_bytes(data[end + 2 : end + 4], "big")
        segment = data[end : end + 2 + length]
        if not _is_note(marker, segment):
            out += segment
        place = end + 2 + length


# Boxes of JPEG 2000 (ISO 15444-1, annex I) that hold no picture: XML, UUID and what points at them.
_NOTES = {b"xml ", b"uuid", b"uinf", b"jp2i", b"asoc", b"free"}


def bare_jpeg2000(data: bytes) -> bytes:
    """A JPEG 2000 without its boxes of notes; a bare codestream stays as it is."""
    if data[:4] == b"\xff\x4f\xff\x51":
        return data
    out, place = bytearray(), 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        if length == 1:
            length = int.from_bytes(data[place + 8 : place + 16], "big")
        end = len(data) if length == 0 else place + length
        if end <= place + 7 or end > len(data):
            raise Refused("broken")
        if data[place + 4 : place + 8] not in _NOTES:
            out += data[place:end]
        place = end
    return bytes(out)
