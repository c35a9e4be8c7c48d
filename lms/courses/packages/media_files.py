"""Pictures of a package: size in pixels, and whether an SVG is only a drawing."""

import hashlib
import re
import struct
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

from lms.courses.packages.fields import Findings
from lms.courses.packages.package import Medium
from lms.courses.packages.problem import Severity
from lms.courses.packages.recording_files import is_ours
from lms.courses.packages.tree import Tree
from lms.kernel.cleaning import drawings
from lms.kernel.cleaning.child import Refused
from lms.kernel.cleaning.notes import without_notes
from lms.kernel.cleaning.refusals import refusal
from lms.kernel.text import msg

MAX_PICTURE, MAX_SIDE = drawings.MOST_BYTES, drawings.MOST_SIDE

Drawings = Mapping[str, ElementTree.Element]
"""The roots of drawings by path."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.(?:zh|en))?\.(?P<end>svg|png|jpg|webp)")
_MIMES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


def read_media(tree: Tree, findings: Findings) -> tuple[Medium, ...]:
    """All pictures under media/, with problems for those that may not be shown."""
    found = []
    for path, data in sorted(tree.items()):
        if not path.startswith("media/") or is_ours(path):
            continue
        name = path.removeprefix("media/")
        match = _NAME.fullmatch(name)
        if match is None:
            findings.error(path, 0, msg("图片名用小写字母、数字和横线，结尾是 svg、png、jpg 或 webp"))
            continue
        if len(data) > MAX_PICTURE:
            findings.error(path, 0, msg("图片太大，每张不超过 {size} kB", size=MAX_PICTURE // 1024))
            continue
        mime = _MIMES[match["end"]]
        size = _svg(path, data, findings) if mime == "image/svg+xml" else _bitmap(mime, data)
        if size is None:
            findings.error(path, 0, msg("看不懂这张图片：文件坏了，或者结尾和内容不一致"))
            continue
        if not all(0 < side <= MAX_SIDE for side in size):
            findings.error(path, 0, msg("图片的边长要在 1 到 {side} 像素之间", side=MAX_SIDE))
            continue
        found.append(Medium(name, hashlib.sha256(data).hexdigest(), mime, size[0], size[1], len(data)))
    return tuple(found)


def drawings_of(tree: Tree, media: Iterable[Medium], findings: Findings) -> Drawings:
    """The drawings among the pictures, by path and in its order. What was refused is none: nothing more is asked of
    it, for it may be made to cost whoever goes down into it."""
    refused = {one.file for one in findings.problems if one.severity is Severity.ERROR}
    paths = sorted(f"media/{one.name}" for one in media if one.mime == "image/svg+xml")
    return {
        path: ElementTree.fromstring(tree[path])  # noqa: S314 - judged as a drawing before
        for path in paths
        if path not in refused
    }


def _svg(path: str, data: bytes, findings: Findings) -> tuple[int, int] | None:
    try:
        return drawings.judged(data)
    except Refused as more:
        findings.error(path, 0, refusal(more.fault, more.gaps))
        return (1, 1)


def _bitmap(mime: str, data: bytes) -> tuple[int, int] | None:
    try:
        without_notes(data, mime)
    except Exception:
        return None  # whatever is wrong with it: it could never be shown
    try:
        return {"image/png": _png, "image/jpeg": jpeg_size, "image/webp": _webp}[mime](data)
    except (struct.error, IndexError):
        return None


def _png(data: bytes) -> tuple[int, int] | None:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    if data[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 25:
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        if len(data) < 30 or int.from_bytes(data[16:20], "little") < 10:
            return None
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    return None
