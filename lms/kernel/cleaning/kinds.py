"""What a file is, by its bytes alone: neither its name nor what the browser says of it is asked. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

HEAD = 4096
LOOK = 64 * 1024
"""Bytes in which the root of a drawing stands."""
# The end of a ZIP's directory: 22 bytes and a comment of at most 65,535.
TAIL = 22 + 65_535
MB = 1024 * 1024


class Kind(StrEnum):
    """What this house takes; the value is the media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"


class Recording(StrEnum):
    """Films and sound that may be made smaller; the value is the media type they arrive with."""

    MP4 = "video/mp4"
    MATROSKA = "video/x-matroska"
    OGG = "audio/ogg"
    MP3 = "audio/mpeg"
    WAV = "audio/wav"


class Drawing(StrEnum):
    """Drawings made of lines and words; the value is the media type."""

    SVG = "image/svg+xml"


PHOTOS = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})


@dataclass(frozen=True)
class Purpose:
    """What may be sent for something, and how large it may be as it arrives: photos and PDFs up to `most_bytes`,
    recordings (where it takes any) up to `most_recording`. `photos` names the module that makes photos anew;
    `drawings`: whether SVG is taken."""

    name: str
    kinds: frozenset[Kind]
    most_bytes: int
    most_recording: int = 0
    photos: str = "photos"
    drawings: bool = False

    @property
    def most(self) -> int:
        """Bytes of the largest file that may arrive."""
        return max(self.most_bytes, self.most_recording)


EVIDENCE = Purpose("evidence", PHOTOS | {Kind.PDF}, 10 * MB)
TEACHING = Purpose("teaching", PHOTOS | {Kind.PDF}, 20 * MB, most_recording=200 * MB, photos="pictures", drawings=True)


_BEFORE_ROOT = re.compile(
    rb"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+(?:\w+:)?svg\b[^\[>]*(?:\[.*?\]\s*)?>)", re.DOTALL
)
_ROOT = re.compile(rb"\s*<(?:[A-Za-z_][A-Za-z0-9_.-]{0,40}:)?svg[\s/>]")


class Stranger(StrEnum):
    """Why a file is none of ours: the code of a refusal."""

    EMPTY = "empty"
    HEIC = "heic"
    PICTURE = "picture"
    OFFICE = "office"
    VIDEO = "video"
    PAGE = "page"
    TWO = "two"
    UNKNOWN = "unknown"


_OURS = ((b"\xff\xd8\xff", Kind.JPEG), (b"\x89PNG\r\n\x1a\n", Kind.PNG), (b"%PDF-", Kind.PDF))
_OTHERS = (
    (b"GIF8", Stranger.PICTURE),
    (b"BM", Stranger.PICTURE),
    (b"II*\x00", Stranger.PICTURE),
    (b"MM\x00*", Stranger.PICTURE),
    (b"PK", Stranger.OFFICE),
    (b"Rar!", Stranger.OFFICE),
    (b"7z\xbc\xaf", Stranger.OFFICE),
    (b"\xd0\xcf\x11\xe0", Stranger.OFFICE),
    (b"\x1aE\xdf\xa3", Stranger.VIDEO),
)
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}
# A browser that guesses, or a reader that looks for its own beginning, must not find a second one.
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|script|svg|iframe|body)\b", re.IGNORECASE)


def recognise(head: bytes, tail: bytes) -> Kind | Stranger:
    """What begins with `head` (its first HEAD bytes) and ends with `tail` (its last TAIL bytes)."""
    if not head:
        return Stranger.EMPTY
    kind = _by_beginning(head)
    if isinstance(kind, Kind) and _holds_another(kind, head, tail):
        return Stranger.TWO
    return kind


def recording(head: bytes) -> Recording | None:
    """The kind of film or sound that begins so; None for anything else."""
    if head[4:8] == b"ftyp" and head[8:12] not in _HEIC | _AVIF:
        return Recording.MP4
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Recording.MATROSKA
    if head.startswith(b"OggS"):
        return Recording.OGG
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return Recording.WAV
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and len(head) > 3 and head[1] & 0xE6 == 0xE2):
        return Recording.MP3
    return None


def drawing(head: bytes) -> Drawing | None:
    """Whether something may be an SVG, which is for its judge to say; None for anything else, also a page. `head`: its
    first LOOK bytes, for some programmes write long words before the drawing."""
    at = len(head) - len(head.removeprefix(b"\xef\xbb\xbf"))
    while (before := _BEFORE_ROOT.match(head, at)) is not None:
        at = before.end()
    return Drawing.SVG if _ROOT.match(head, at) else None


def _by_beginning(head: bytes) -> Kind | Stranger:
    for beginning, kind in _OURS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return Stranger.HEIC if brand in _HEIC else Stranger.PICTURE if brand in _AVIF else Stranger.VIDEO
    for beginning, stranger in _OTHERS:
        if head.startswith(beginning):
            return stranger
    if b"%PDF-" in head[:1024]:
        return Stranger.TWO
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or _MARKUP.search(head):
        return Stranger.PAGE
    return Stranger.UNKNOWN


def _holds_another(kind: Kind, head: bytes, tail: bytes) -> bool:
    if _MARKUP.search(head[:1024]) or _ends_as_zip(tail):
        return True
    return kind is not Kind.PDF and b"%PDF-" in head[:1024]


def _ends_as_zip(tail: bytes) -> bool:
    """Whether a ZIP's directory ends exactly where the file ends."""
    place = tail.rfind(b"PK\x05\x06")
    while place >= 0:
        record = tail[place : place + 22]
        if len(record) == 22 and place + 22 + int.from_bytes(record[20:22], "little") == len(tail):
            return True
        place = tail.rfind(b"PK\x05\x06", 0, place)
    return False
