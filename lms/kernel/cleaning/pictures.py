"""A picture for teaching made anew from its pixels, small enough for a lesson (only the child imports this).

A photo becomes a JPEG; what was a PNG and stays small as one (a chart, a screen) remains one, for letters blur in JPEG.
"""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from lms.kernel.cleaning.child import Refused
from lms.kernel.cleaning.photos import FORMATS, MOST_PIXELS, USUAL_PIXELS, bare, jpeg, small, srgb, thumbnail

LONGEST = 1280
MOST_BYTES = 150 * 1024
QUALITIES = (82, 72, 62, 50)


def clean(source: Path, folder: Path, kind: str) -> dict[str, Any]:
    """Write `file` (JPEG or PNG, upright, sRGB, longest side ≤ 1,280 px, ≤ 150 kB) and `thumbnail`."""
    with source.open("rb") as file, Image.open(file, formats=[FORMATS[kind]]) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS[kind]:
            raise Refused("pixels", width=width, height=height)
        try:
            picture = bare(srgb(small(opened, LONGEST)))
        except (OSError, MemoryError):
            if width * height < USUAL_PIXELS:
                raise
            raise Refused("pixels", width=width, height=height) from None
    (folder / "thumbnail").write_bytes(thumbnail(picture))
    drawn = _png(picture) if kind == "image/png" else b""
    if 0 < len(drawn) <= MOST_BYTES:
        (folder / "file").write_bytes(drawn)
        return {"mime": "image/png"}
    (folder / "file").write_bytes(_fitting(picture))
    return {"mime": "image/jpeg"}


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _fitting(picture: Image.Image) -> bytes:
    """As JPEG, of less quality and then smaller until it fits."""
    while True:
        for quality in QUALITIES:
            data = jpeg(picture, quality)
            if len(data) <= MOST_BYTES:
                return data
        picture = picture.resize((max(1, picture.width * 3 // 4), max(1, picture.height * 3 // 4)))
