"""Pictures of another maker: made anew from their pixels, small enough for a lesson; a drawing as it is, or not at all.

Only the child imports this, and with it Pillow.
"""

import base64
import binascii
import hashlib
import io
import re
import warnings

from PIL import Image

from lms.courses.imports.brought import MOST_MEDIA, Losses
from lms.courses.packages.fields import Findings
from lms.courses.packages.media_files import MAX_PICTURE, read_media
from lms.kernel.cleaning.kinds import LOOK, drawing
from lms.kernel.cleaning.photos import pixels_of
from lms.kernel.text import Message, msg

LONGEST = 1000
AIMED = 90 * 1024
"""Bytes; a lesson may have 300 kB of pictures."""
MOST_PIXELS = 24_000_000
MOST_JPEG_PIXELS = 120_000_000
STEPS = ((LONGEST, 80), (LONGEST, 65), (800, 60), (640, 50), (480, 40))
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
_DATA = re.compile(r"data:image/[a-z0-9.+-]{1,20};base64,(.{1,15000000})", re.IGNORECASE | re.DOTALL)
_FLAT_COLOURS = 256


class Pictures:
    """The pictures that a file brings, each once."""

    def __init__(self, media: dict[str, bytes], losses: Losses) -> None:
        self._media, self._losses = media, losses
        self._known: dict[str, str | None] = {}

    def add(self, data: bytes, where: str) -> str | None:
        """The address of a picture in a lesson; None, with a word about it, for one that cannot be shown."""
        sha = hashlib.sha256(data).hexdigest()
        if sha not in self._known:
            made = self._made(data)
            if isinstance(made, Message):
                self._losses.add(made, where)
                self._known[sha] = None
            else:
                name = f"picture-{len(self._media) + 1}.{made[0]}"
                self._media[name] = made[1]
                self._known[sha] = f"media/{name}"
        return self._known[sha]

    def add_data(self, address: str, where: str) -> str | None:
        """A picture that stands in the page itself (data:…)."""
        match = _DATA.fullmatch(address.strip())
        try:
            return self.add(base64.b64decode(re.sub(r"\s", "", match[1]), validate=True), where) if match else None
        except (binascii.Error, ValueError):
            self._losses.add(_BROKEN, where)
            return None

    def _made(self, data: bytes) -> tuple[str, bytes] | Message:
        if len(self._media) >= MOST_MEDIA:
            return msg("图片太多，只带来了前 {count} 张", count=MOST_MEDIA)
        if drawing(data[:LOOK]):
            return _drawing(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _photo(data)
        except MemoryError:
            return _LARGE
        except Exception:  # whatever a broken picture makes Pillow say
            return _BROKEN


_BROKEN = msg("这张图片没有带来：文件坏了，或者不是 PNG、JPEG、GIF、WebP、BMP、SVG")
_LARGE = msg("这张图片没有带来：像素太多")


def _drawing(data: bytes) -> tuple[str, bytes] | Message:
    findings = Findings()
    if read_media({"media/drawing.svg": data}, findings) and not findings.problems:
        return "svg", data
    return msg("这张 SVG 图没有带来：里面不只是图画（有脚本、外面的链接或 DOCTYPE），或者太大")


def _photo(data: bytes) -> tuple[str, bytes] | Message:
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        pixels = opened.width * opened.height
        if pixels > (MOST_JPEG_PIXELS if opened.format == "JPEG" else MOST_PIXELS):
            return _LARGE
        flat = opened.format in {"PNG", "GIF"} and opened.mode in {"P", "1", "L"}
        picture = pixels_of(opened)
    # A drawing with few colours (a chart, a screenshot) is sharper and smaller as PNG.
    if flat and max(picture.size) <= LONGEST and picture.getcolors(_FLAT_COLOURS):
        out = io.BytesIO()
        picture.save(out, "PNG", optimize=True)
        if out.tell() <= AIMED:
            return "png", out.getvalue()
    for side, quality in STEPS:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= AIMED:
            break
    return ("jpg", out.getvalue()) if out.tell() <= MAX_PICTURE else _LARGE
