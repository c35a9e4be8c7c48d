"""A film, sound or hand-out of a package: a small text under media/ that names heavy files by their content."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

FILM, AUDIO, HANDOUT = "film", "audio", "pdf"
KINDS = (FILM, AUDIO, HANDOUT)
"""What the name of a recording ends with: `media/pressure.film` in a lesson is `media/pressure.film.toml`."""
ENDINGS = {
    "video/mp4": "mp4", "audio/mp4": "m4a", "audio/ogg": "ogg", "application/pdf": "pdf", "image/jpeg": "jpg",
    "image/png": "png", "image/webp": "webp", "image/svg+xml": "svg", "text/vtt": "vtt",
}  # fmt: skip
MIMES = {FILM: ("video/mp4",), AUDIO: ("audio/ogg", "audio/mp4"), HANDOUT: ("application/pdf",)}
MB = 1024 * 1024


@dataclass(frozen=True)
class MediaFile:
    """A stored file: SHA-256 in hex, bytes, and pixels where it is seen."""

    sha: str
    mime: str
    size: int
    width: int = 0
    height: int = 0

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"/media/{self.sha}.{ENDINGS[self.mime]}"


@dataclass(frozen=True)
class Cue:
    """A sentence of captions, from and to in milliseconds."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Captions:
    """What is said, in one language."""

    file: MediaFile
    cues: tuple[Cue, ...]


@dataclass(frozen=True)
class Recording:
    """`name` is what lessons write after media/; files stand smallest first; `seconds` is 0 for a hand-out."""

    name: str
    kind: str
    seconds: int
    files: tuple[MediaFile, ...]
    poster: MediaFile | None
    captions: Mapping[str, Captions] = field(default_factory=dict)

    @property
    def stored(self) -> tuple[MediaFile, ...]:
        """Every heavy file of it, which lies outside of the package."""
        return (*self.files, *((self.poster,) if self.poster else ()))

    def named(self, name: str) -> "Recording":
        """The same under the name that lessons write."""
        return replace(self, name=name)


def is_recording(address: str) -> bool:
    """Whether a lesson's `media/…` means a recording, by its ending."""
    return address.rpartition(".")[2] in KINDS


def record_text(found: Recording) -> str:
    """The recording as the text that a package holds (without captions, which are files of their own)."""
    lines = [f'kind = "{found.kind}"']
    if found.kind != HANDOUT:
        lines.append(f"seconds = {found.seconds}")
    if found.poster:
        lines += ["", "[poster]", *_file_lines(found.poster)]
    for one in found.files:
        lines += ["", "[[files]]", *_file_lines(one)]
    return "\n".join(lines) + "\n"


def _file_lines(one: MediaFile) -> list[str]:
    lines = [f'sha = "{one.sha}"', f'type = "{one.mime}"', f"size = {one.size}"]
    return [*lines, f"width = {one.width}", f"height = {one.height}"] if one.width else lines
