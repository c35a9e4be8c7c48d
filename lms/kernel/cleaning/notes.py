"""A picture without what it says beside its pixels: place, time, camera, owner, comments, what was appended.

The pixels stay byte for byte, so this is quick, and a picture that says nothing stays the bytes that it was. Which way
is up is kept: without it a photo would lie on its side, while its smaller sizes stand. Pure.
"""

import struct
import zlib
from collections.abc import Iterator

VERSION = 2
"""Of what is taken out: another one, and a browser asks again for the pictures that it has."""

_UPRIGHT = 0x0112
_JPEG_KEPT = frozenset({0xE0, 0xEE})
"""JFIF (without its thumbnail), and Adobe's sign for what the colours are."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"})
_WEBP_EXIF = 0x08
_WEBP_SAID = 0x20 | _WEBP_EXIF | 0x04  # profile, EXIF, XMP
_EXIF = b"Exif\0\0"


def without_notes(data: bytes, mime: str) -> bytes:
    """The picture without its notes; of one that is broken, as much as can be read. Anything but JPEG, PNG and WebP is
    what it was."""
    if mime == "image/jpeg":
        return _jpeg(data)
    if mime == "image/png":
        return b"\x89PNG\r\n\x1a\n" + b"".join(_png(data))
    if mime == "image/webp":
        return _webp(data)
    return data


def _jpeg(data: bytes) -> bytes:
    said: list[bytes] = []
    kept: list[bytes] = []
    at, turned = 2, 0
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            break
        if marker in _ALONE:
            kept.append(data[at : at + 2])
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        part = data[at:end]
        if marker == 0xE1:
            turned = turned or (_orientation(part[10:]) if part[4:10] == _EXIF else 0)
        elif marker in _JPEG_KEPT:
            said.append(_bare(part))
        elif not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(part)
        at = end
        if marker == 0xDA:
            end = _scanned(data, at)
            kept.append(data[at:end])
            at = end
    notes = _EXIF + _turned(turned) if turned > 1 else b""
    upright = b"\xff\xe1" + struct.pack(">H", len(notes) + 2) + notes if notes else b""
    return b"\xff\xd8" + b"".join(said) + upright + b"".join(kept) + b"\xff\xd9"


def _bare(part: bytes) -> bytes:
    """JFIF without a thumbnail, Adobe's sign as it is; nothing for others under these names."""
    if part[1] == 0xEE:
        return part[:16] if part[4:9] == b"Adobe" and part[2:4] == b"\0\x0e" else b""
    if part[4:9] != b"JFIF\0" or len(part) < 18:
        return b""
    return part if len(part) == 18 else b"\xff\xe0\0\x10" + part[4:16] + b"\0\0"


def _scanned(data: bytes, at: int) -> int:
    """Where the pixels of a scan end: at the next sign that is none of theirs."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0 and data[at + 1] not in _ALONE and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2
    return len(data)


def _orientation(notes: bytes) -> int:
    """Which way is up by the notes of a camera (TIFF); 0 where they do not say."""
    if notes[:4] not in (b"II*\0", b"MM\0*"):
        return 0
    order = "<" if notes[:2] == b"II" else ">"
    try:
        (at,) = struct.unpack(order + "I", notes[4:8])
        (count,) = struct.unpack(order + "H", notes[at : at + 2])
        for place in range(at + 2, at + 2 + 12 * min(count, 200), 12):
            tag, kind, _, value = struct.unpack(order + "HHIH", notes[place : place + 10])
            if tag == _UPRIGHT and kind == 3:
                return value if 1 <= value <= 8 else 0
    except struct.error:
        pass
    return 0


def _turned(way: int) -> bytes:
    """Notes that say which way is up, and nothing else."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _UPRIGHT, 3, 1, way, 0, 0)


def _png(data: bytes) -> Iterator[bytes]:
    at, turned = 8, 0
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + length
        if end > len(data):
            return
        if kind in _PNG_KEPT:
            yield data[at:end]
        elif kind == b"eXIf" and not turned and (turned := _orientation(data[at + 8 : end - 4])) > 1:
            part = kind + _turned(turned)
            yield struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        if kind == b"IEND":
            return
        at = end


def _webp(data: bytes) -> bytes:
    at, turned, kept = 12, 0, []
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        part = data[at : at + 8 + length + length % 2]
        if kind == b"EXIF" and not turned:
            turned = _orientation(part[8:].removeprefix(_EXIF))
        elif kind == b"VP8X" and len(part) >= 18:
            kept.append(b"VP8X\n\0\0\0" + bytes([part[8] & ~_WEBP_SAID]) + part[9:18])
        elif kind in _WEBP_KEPT:
            kept.append(part)
        at += 8 + length + length % 2
    if turned > 1 and kept and kept[0][:4] == b"VP8X":
        notes = _turned(turned)
        kept[0] = kept[0][:8] + bytes([kept[0][8] | _WEBP_EXIF]) + kept[0][9:]
        kept.append(b"EXIF" + struct.pack("<I", len(notes)) + notes)
    said = b"".join(kept)
    return b"RIFF" + (len(said) + 4).to_bytes(4, "little") + b"WEBP" + said
