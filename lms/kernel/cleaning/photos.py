"""A photo made anew from its pixels (only the child imports this, and with it Pillow).

Whatever is not a pixel stays behind: place, time, camera, owner, comments, thumbnails, what was appended.
"""

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageFile, ImageOps

from lms.kernel.cleaning.child import Refused

LONGEST = 2000
QUALITY = 82
THUMBNAIL_BYTES = 20_000
# Side and quality, until it is small enough.
THUMBNAILS = ((320, 75), (320, 55), (240, 50), (160, 40), (96, 30))
# Pixels as they arrive. A JPEG is decoded at an eighth, a quarter or a half; the others only whole.
MOST_PIXELS = {"image/jpeg": 120_000_000, "image/png": 24_000_000, "image/webp": 12_000_000}
USUAL_PIXELS = 16_000_000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}

Image.MAX_IMAGE_PIXELS = None  # ours is asked instead, before anything is decoded
ImageFile.LOAD_TRUNCATED_IMAGES = False


def clean(source: Path, folder: Path, kind: str) -> dict[str, Any]:
    """Write `file` (JPEG, upright, sRGB, longest side ≤ 2,000 px) and `thumbnail` (≤ 20 kB)."""
    with source.open("rb") as file, Image.open(file, formats=[FORMATS[kind]]) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS[kind]:
            raise Refused("pixels", width=width, height=height)
        try:
            picture = pixels_of(opened)
        except (OSError, MemoryError):
            if width * height < USUAL_PIXELS:
                raise
            # libjpeg calls a picture broken that it has no memory for (a large progressive one).
            raise Refused("pixels", width=width, height=height) from None
    (folder / "file").write_bytes(jpeg(picture, QUALITY))
    (folder / "thumbnail").write_bytes(thumbnail(picture))
    return {"mime": "image/jpeg"}


def pixels_of(opened: Image.Image) -> Image.Image:
    """An upright RGB picture with nothing but its pixels, longest side ≤ 2,000 px."""
    return bare(srgb(small(opened, LONGEST)))


def small(opened: Image.Image, longest: int) -> Image.Image:
    """Upright, and its longest side no longer than that."""
    part = longest / max(opened.size)
    if part < 1:
        opened.draft("", (max(1, round(opened.width * part)), max(1, round(opened.height * part))))
    opened.load()
    profile = opened.info.get("icc_profile")
    orientation = _orientation(opened)
    picture: Image.Image = opened
    if picture.mode in {"I", "I;16"}:
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in {"1", "P", "F"}:
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    if orientation:
        picture = picture.transpose(orientation)
    picture.info = {"icc_profile": profile} if profile else {}
    return picture


def _orientation(opened: Image.Image) -> Image.Transpose | None:
    """How to turn the picture upright; a note that cannot be read turns nothing."""
    try:
        noted = opened.getexif().get(0x0112)
    except Exception:
        return None
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return turns.get(noted) if isinstance(noted, int) else None


def srgb(picture: Image.Image) -> Image.Image:
    """Colours as every screen shows them without a profile; glass becomes white paper."""
    profile = picture.info.get("icc_profile")
    if picture.mode in {"LA", "RGBA", "PA", "La", "RGBa"}:
        glass = picture.convert("RGBA")
        picture = Image.new("RGB", glass.size, "white")
        picture.paste(glass, mask=glass.getchannel("A"))
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(
                picture, theirs, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if turned is not None:
                return turned
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile nobody can read says nothing
    return picture.convert("RGB")


def bare(picture: Image.Image) -> Image.Image:
    """Pixels and nothing else: Pillow would carry comments over into what it saves."""
    return Image.frombytes("RGB", picture.size, picture.tobytes())


def jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def thumbnail(picture: Image.Image) -> bytes:
    for side, quality in THUMBNAILS:
        data = jpeg(ImageOps.contain(picture, (side, side)) if max(picture.size) > side else picture, quality)
        if len(data) <= THUMBNAIL_BYTES:
            break
    return data
