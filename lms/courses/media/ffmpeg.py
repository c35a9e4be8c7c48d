"""ffmpeg as a stranger at the table: it gets one file, a folder and limits, and may open nothing else.

It is an optional extra: a programme of that name on the PATH, or the wheel `imageio-ffmpeg`.
"""

import importlib
import os
import re
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lms.kernel.cleaning.kinds import Recording

ROOT = Path(__file__).parents[3]
CPU_SECONDS = 3600
MEGABYTES = 1024
STALLED_SECONDS = 120
"""A programme that says nothing for so long hangs: every half second of work it tells how far it is."""
DEMUXERS = {
    Recording.MP4: "mov", Recording.MATROSKA: "matroska", Recording.OGG: "ogg", Recording.MP3: "mp3",
    Recording.WAV: "wav",
}  # fmt: skip
_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d)\.(\d\d)")
_VIDEO = re.compile(r"Stream #.*: Video: (?!.*attached pic)(\w+).*?,\s(\d{1,5})x(\d{1,5})")
_SOUND = re.compile(r"Stream #.*: Audio: (\w+)")
_PICTURE = re.compile(r"Stream #.*: Video: .*attached pic")

Beat = Callable[[int], None]
"""Told every second or so how many milliseconds of the film are made; raises to stop the work."""


class Failed(Exception):
    """ffmpeg could not do it; the text is its last words, for the log."""


class Busy(Failed):
    """It hung: that says nothing of the file."""


@dataclass(frozen=True)
class Probe:
    """What a file says of itself. The length is a claim."""

    milliseconds: int
    width: int
    height: int
    sound: bool

    @property
    def film(self) -> bool:
        return self.width > 0


@lru_cache(maxsize=1)
def programme() -> str:
    """The path of ffmpeg; nothing where there is none."""
    found = shutil.which("ffmpeg")
    if found:
        return found
    try:
        made: str = importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        return ""
    return made


def probe(source: Path, kind: Recording) -> Probe:
    """What a file claims to be. Raises Failed for one that cannot be read."""
    told = _run([*_input(source, kind), "-t", "0.1", "-f", "null", "-"], source.parent, lambda _: None)
    length = _DURATION.search(told)
    video, sound = _VIDEO.search(told), _SOUND.search(told)
    if not video and not sound:
        raise Failed(told[-500:])
    hours, minutes, seconds, hundredths = (int(part) for part in length.groups()) if length else (0, 0, 0, 0)
    return Probe(
        ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10,
        int(video[2]) if video else 0, int(video[3]) if video else 0, bool(sound),
    )  # fmt: skip


def film(source: Path, kind: Recording, target: Path, height: int, most_seconds: int, beat: Beat) -> None:
    """Write an MP4 (H.264 and AAC, ready to be played while it comes) of that height, without any notes."""
    rate = {240: 150, 360: 280, 480: 450}[height]
    _run(
        [
            *_input(source, kind), "-t", str(most_seconds), "-map", "0:v:0", "-map", "0:a:0?",
            "-vf", f"scale=-2:{height},setsar=1,fps=25,format=yuv420p",
            "-c:v", "libx264", "-profile:v", "main", "-preset", "fast", "-crf", "27",
            "-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k", "-g", "125",
            "-c:a", "aac", "-b:a", "32k", "-ac", "1", "-ar", "32000",
            *_bare(), "-movflags", "+faststart", "-f", "mp4", str(target),
        ],
        target.parent, beat,
    )  # fmt: skip


def sound(source: Path, kind: Recording, target: Path, mime: str, most_seconds: int, beat: Beat) -> None:
    """Write speech as Opus at 24 kbit/s (audio/ogg) or AAC at 32 kbit/s (audio/mp4), without any notes."""
    how = {
        "audio/ogg": ["-c:a", "libopus", "-b:a", "24k", "-application", "voip", "-ac", "1", "-f", "ogg"],
        "audio/mp4": ["-c:a", "aac", "-b:a", "32k", "-ac", "1", "-ar", "32000", "-movflags", "+faststart", "-f", "mp4"],
    }[mime]
    command = [*_input(source, kind), "-t", str(most_seconds), "-map", "0:a:0", "-vn", *_bare(), *how, str(target)]
    _run(command, target.parent, beat)


def poster(source: Path, kind: Recording, target: Path, at: float) -> None:
    """Write one picture of a film as a JPEG, `at` seconds from its beginning."""
    command = [*_input(source, kind), "-ss", f"{at:.2f}", "-map", "0:v:0", "-frames:v", "1"]
    command += ["-vf", "scale=426:-2,setsar=1", "-q:v", "6", *_bare(), "-f", "image2", "-update", "1", str(target)]
    _run(command, target.parent, lambda _: None)


def _input(source: Path, kind: Recording) -> list[str]:
    """Read this file as what its bytes are: no playlists, no other files, no network."""
    return ["-protocol_whitelist", "file", "-f", DEMUXERS[kind], "-i", str(source)]


def _bare() -> list[str]:
    return ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags", "+bitexact", "-v", "error"]


def _run(arguments: Sequence[str], folder: Path, beat: Beat) -> str:
    """Run ffmpeg within limits; what it said. Raises Failed, and whatever `beat` raises."""
    path = programme()
    if not path:
        raise Failed("no ffmpeg")
    command = [sys.executable, "-P", "-s", "-m", "lms.courses.media.bounded", str(CPU_SECONDS), str(MEGABYTES)]
    command += [path, "-hide_banner", "-nostdin", "-nostats", "-y", "-progress", "pipe:1", "-threads", "2", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.defpath, "LANG": "C.UTF-8"}
    log = folder / "said"
    with log.open("wb") as said, subprocess.Popen(  # noqa: S603 - no shell; the path is ours
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
    ) as child:
        try:
            _follow(child, beat)
        except BaseException:
            child.kill()
            raise
        status = child.wait()
    told = log.read_bytes()[-20_000:].decode(errors="replace")
    log.unlink()
    if status:
        raise Failed(told[-500:])
    return told


def _follow(child: "subprocess.Popen[bytes]", beat: Beat) -> None:
    """Tell `beat` how far it is, also while ffmpeg is silent; raise Failed when it is silent for too long."""
    assert child.stdout is not None
    heard, made, rest = time.monotonic(), 0, b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        while True:
            if waiting.select(timeout=1.0):
                data = os.read(child.stdout.fileno(), 65536)
                if not data:
                    return
                heard = time.monotonic()
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    if line.startswith(b"out_time_us=") and line[12:].strip().isdigit():
                        made = int(line[12:]) // 1000
            elif time.monotonic() - heard > STALLED_SECONDS:
                raise Busy("it hangs")
            beat(made)
