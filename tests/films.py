"""Tiny films, sounds and pictures, made once a process."""

import io
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from PIL import Image

from lms.courses.media import ffmpeg

CAPTIONS = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{}\n\n00:00:01.000 --> 00:00:02.000\n{}\n"


@lru_cache
def made(*arguments: str, end: str = "mp4") -> bytes:
    """What ffmpeg writes with these arguments."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"made.{end}"
        command = [ffmpeg.programme(), "-v", "error", "-y", *arguments, str(target)]
        subprocess.run(command, check=True, capture_output=True)
        return target.read_bytes()


def film(seconds: float = 2, width: int = 426, height: int = 240, *more: str, end: str = "mp4") -> bytes:
    """A test picture with a tone; `more` are further arguments of ffmpeg."""
    size = f"testsrc=size={width}x{height}:rate=10:duration={seconds}"
    return made(
        "-f", "lavfi", "-i", size, "-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}",
        *(more or ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest")),
        end=end,
    )  # fmt: skip


def ready(seconds: float = 2) -> bytes:
    """A film that can be shown as it is, with notes of where it was taken."""
    return film(
        seconds, 320, 240, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest",
        "-metadata", "comment=place 38.04,114.51", "-movflags", "+faststart",
    )  # fmt: skip


def sound(seconds: float = 2, end: str = "mp3") -> bytes:
    return made("-f", "lavfi", "-i", f"sine=frequency=300:duration={seconds}", end=end)


def opus(rate: str = "24k", seconds: float = 2, *more: str) -> bytes:
    """Noise as Ogg Opus of so many bits a second."""
    noise = f"anoisesrc=duration={seconds}:seed=1"
    return made("-f", "lavfi", "-i", noise, "-c:a", "libopus", "-b:a", rate, *more, end="ogg")


@lru_cache
def photo(width: int = 1600, height: int = 1200, kind: str = "JPEG") -> bytes:
    """A picture with a place in its notes."""
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = "place 38.04,114.51"
    picture.save(out, kind, exif=exif.tobytes())
    return out.getvalue()


def captions(first: str = "先坐下，歇五分钟。", second: str = "再量两次。") -> bytes:
    return CAPTIONS.format(first, second).encode()
