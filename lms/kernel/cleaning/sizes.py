"""Smaller WebP pictures of one that was made for teaching (only the child imports this, and with it Pillow)."""

from pathlib import Path
from typing import Any

from PIL import Image

from lms.kernel.cleaning.child import Refused
from lms.kernel.cleaning.photos import FORMATS, MOST_PIXELS, bare, small, srgb

WIDTHS = (320, 640, 1280)
QUALITY = 75


def clean(source: Path, folder: Path, kind: str) -> dict[str, Any]:
    """Write `WIDTH.webp` for each width below the picture's, and for its own."""
    with source.open("rb") as file, Image.open(file, formats=[FORMATS[kind]]) as opened:
        if opened.width * opened.height > MOST_PIXELS[kind]:
            raise Refused("pixels", width=opened.width, height=opened.height)
        whole = bare(srgb(small(opened, max(WIDTHS))))
    widths = sorted({width for width in WIDTHS if width < whole.width} | {whole.width})
    sizes = []
    for width in widths:
        height = max(1, round(whole.height * width / whole.width))
        made = whole if width == whole.width else whole.resize((width, height), Image.Resampling.LANCZOS)
        made.save(folder / f"{width}.webp", "WEBP", quality=QUALITY, method=4)
        sizes.append((width, height))
    return {"sizes": sizes}
