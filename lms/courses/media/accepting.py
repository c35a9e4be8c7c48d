"""A hand-out, film or sound as the house takes it, by its bytes: made anew, ready as it is, or to be made smaller."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lms.courses.media import ffmpeg, transcoding
from lms.courses.media.judging import BROKEN, NOT_READY, is_opus, opus, ready_fault
from lms.courses.media.mp4 import BadMovie, read_movie
from lms.courses.media.ogg import strip
from lms.courses.packages.recording import AUDIO, FILM, HANDOUT, MediaFile, Recording
from lms.courses.packages.recording_files import MOST_SECONDS
from lms.kernel import files
from lms.kernel.cleaning import kinds
from lms.kernel.cleaning.cleaner import clean
from lms.kernel.cleaning.kinds import TEACHING
from lms.kernel.errors import Invalid, TooMany
from lms.kernel.text import msg

NOT_HERE = msg("录像、录音要先转换，这里放不进去。收成草稿以后，请在草稿的“媒体”页传。")


@dataclass(frozen=True)
class Accepted:
    """A file that may be shown (`ready`), or made smaller and then shown. `path`: where its bytes lie."""

    kind: str
    file: MediaFile
    path: Path
    ready: Recording | None


def accept(path: Path) -> Accepted:
    """Judge a hand-out, film or sound, and make it clean where it lies. Slow. Raises Invalid, TooMany."""
    mime = _cleaned(path)
    return _handout(path) if mime == kinds.Kind.PDF else recording(path, mime)


def accept_ready(path: Path) -> Accepted:
    """The same where nobody will make it smaller: only what is ready as it is. Raises Invalid, TooMany."""
    mime = _cleaned(path)
    if mime == kinds.Kind.PDF:
        return _handout(path)
    try:
        return ready(path, mime)
    except Invalid as refused:
        raise (Invalid(NOT_HERE) if refused.message is NOT_READY else refused) from None


def _cleaned(path: Path) -> str:
    """Make a file clean, in its place; its type."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="clean-") as folder:
        made = clean(path, Path(folder), TEACHING)
        shutil.move(made.path, path)
        return made.mime


def _handout(path: Path) -> Accepted:
    file = _file(path, "application/pdf")
    return Accepted(HANDOUT, file, path, Recording("", HANDOUT, 0, (file,), None))


def _file(path: Path, mime: str) -> MediaFile:
    with path.open("rb") as source:
        return MediaFile(files.digest(source), mime, path.stat().st_size)


def recording(path: Path, mime: str) -> Accepted:
    """A film or sound. With ffmpeg it is made smaller later; without, it must be ready as it is. Raises Invalid,
    TooMany."""
    if not ffmpeg.programme():
        return ready(path, mime)
    try:
        found = ffmpeg.probe(path, kinds.Recording(mime))
    except ffmpeg.Busy:
        raise TooMany from None  # it may be sound: later is another day
    except ffmpeg.Failed:
        raise Invalid(BROKEN) from None
    if found.milliseconds > MOST_SECONDS * 1000 + 999:
        raise Invalid(transcoding.TOO_LONG)
    if max(found.width, found.height) > 4096:
        raise Invalid(msg("画面太大（{width}×{height}），最大 4096。请导出小一点的再传。",
                          width=found.width, height=found.height))  # fmt: skip
    return Accepted(FILM if found.film else AUDIO, _file(path, mime), path, None)


def _opus(path: Path) -> Accepted:
    sound = opus(path)
    with path.open("r+b") as file:
        strip(file, sound)
    made = _file(path, "audio/ogg")
    whole = Recording("", AUDIO, max(1, round(sound.milliseconds / 1000)), (made,), None)
    return Accepted(AUDIO, made, path, whole)


def ready(path: Path, mime: str) -> Accepted:
    """A film or sound that is shown as it is, without the notes in it. Raises Invalid."""
    if mime == kinds.Recording.OGG and is_opus(path):
        return _opus(path)
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            movie = read_movie(file, size)
        fault = ready_fault(movie, size)
        if fault:
            raise Invalid(fault)
    except BadMovie:
        raise Invalid(BROKEN if mime == kinds.Recording.MP4 else NOT_READY) from None
    milliseconds, made = transcoding.measured(path, "video/mp4" if movie.video else "audio/mp4")
    kind = FILM if movie.video else AUDIO
    whole = Recording("", kind, max(1, round(milliseconds / 1000)), (made,), None)
    return Accepted(kind, made, path, whole)
