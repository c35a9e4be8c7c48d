"""Whether a heavy file can be shown as it is: by its bytes, for those that nobody here made."""

import tempfile
from pathlib import Path

from lms.courses.media.mp4 import BadMovie, Movie, read_movie
from lms.courses.media.ogg import BadSound, Sound, read_opus
from lms.courses.packages.media_files import jpeg_size
from lms.courses.packages.recording import MB, MediaFile
from lms.courses.packages.recording_files import MOST_SECONDS
from lms.kernel import files
from lms.kernel.cleaning.cleaner import clean
from lms.kernel.cleaning.kinds import TEACHING
from lms.kernel.errors import Invalid
from lms.kernel.text import Message, msg

MOST_HEIGHT = 480
MOST_READY = 60 * MB
SHORT = 100 * 1024
"""Bytes of a sound that is small enough at whatever rate."""
MOST_POSTER = 100 * 1024
_MIMES = {"mp4": "video/mp4", "m4a": "audio/mp4", "ogg": "audio/ogg", "jpg": "image/jpeg", "pdf": "application/pdf"}

MOST_KBITS = 40
"""Kilobits a second of ready Opus: the 24 to 32 that this house makes, and what the container adds."""
MOST_OPUS = MOST_KBITS * 1000 // 8 * MOST_SECONDS

NOT_READY = msg(
    "这台服务器没有装 ffmpeg，不能转换录像和录音，只收现成的：MP4（H.264 和 AAC，高不超过 480，可边下边放）、"
    "M4A（AAC），不超过 60 MB、20 分钟，或者 Ogg（Opus，24 到 32 kbit/s）。请管理员装上 ffmpeg，或者先转好再传。"
)
TOO_MUCH = msg(
    "这段录音有 {size} MB，合 {rate} kbit/s；现成的 Opus 最多收 {most} kbit/s、20 分钟。请转成 24 到 32 kbit/s 再传。"
)
BROKEN = msg("这个文件坏了，或者不完整，打不开，没有收下。请重新导出再传。")


def ready_fault(movie: Movie, size: int) -> Message | None:
    """Why a film or sound cannot be shown as it came; None if it can."""
    video, sound = movie.video, movie.sound
    fits = (
        movie.fast
        and (video is not None or sound is not None)
        and (video is None or (video.codec == b"avc1" and 0 < video.height <= MOST_HEIGHT and video.width <= 1280))
        and (sound is None or sound.codec == b"mp4a")
        and 0 < movie.milliseconds <= MOST_SECONDS * 1000
        and size <= MOST_READY
        and {track.handler for track in movie.tracks} <= {b"vide", b"soun"}
    )
    return None if fits else NOT_READY


def is_opus(path: Path) -> bool:
    """Whether an Ogg file says that it holds Opus; what else there is (Vorbis, films) has to be made anew."""
    with path.open("rb") as file:
        return file.read(64)[28:36] == b"OpusHead"


def opus(path: Path) -> Sound:
    """The sound in an Ogg file that is proved to be Opus, small and short enough. Raises Invalid."""
    size = path.stat().st_size
    if size > MOST_OPUS:
        raise Invalid(_too_much(size, MOST_SECONDS * 1000))
    try:
        found = read_opus(path.read_bytes())
    except BadSound:
        raise Invalid(BROKEN) from None
    if not 0 < found.milliseconds <= MOST_SECONDS * 1000:
        raise Invalid(BROKEN)
    if size > SHORT and size * 8 > MOST_KBITS * found.milliseconds:
        raise Invalid(_too_much(size, found.milliseconds))
    return found


def _too_much(size: int, milliseconds: int) -> Message:
    gaps = {"size": f"{size / MB:.1f}", "rate": size * 8 // milliseconds, "most": MOST_KBITS}
    return Message(TOO_MUCH.msgid, gaps)


def judged(path: Path, end: str) -> MediaFile:
    """A heavy file that came with a package, if it is what its name says and nothing else. Raises Invalid."""
    size = path.stat().st_size
    mime = _MIMES[end]
    with path.open("rb") as file:
        sha = files.digest(file)
        if end in ("mp4", "m4a"):
            try:
                movie = read_movie(file, size)
            except BadMovie:
                raise Invalid(BROKEN) from None
            video = movie.video
            if movie.said or ready_fault(movie, size) or (video is None) != (end == "m4a"):
                raise Invalid(BROKEN)
            return MediaFile(sha, mime, size, *((video.width, video.height) if video else ()))
        if end == "ogg" and opus(path).comments:
            raise Invalid(BROKEN)
        if end == "jpg":
            file.seek(0)
            seen = jpeg_size(file.read()) if size <= MOST_POSTER else None
            if seen is None:
                raise Invalid(BROKEN)
            return MediaFile(sha, mime, size, *seen)
    if end == "pdf":
        _judge_pdf(path, sha)
    return MediaFile(sha, mime, size)


def _judge_pdf(path: Path, sha: str) -> None:
    """A PDF that was made anew here or in a house like this one is made anew into itself."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = clean(path, Path(folder), TEACHING)
        with made.path.open("rb") as file:
            if made.mime != "application/pdf" or files.digest(file) != sha:
                raise Invalid(BROKEN)
