"""What a lesson weighs on its way to a phone: its page, compressed, and the pictures in it. Films, sound and hand-outs
are fetched only by who asks for them, and say their own megabytes."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lms.courses.packages.fields import Findings
from lms.courses.packages.lesson_html import Parts, render_lesson
from lms.courses.packages.package import Package
from lms.courses.packages.players import player
from lms.courses.packages.recording import ENDINGS, Recording
from lms.kernel.text import Message, msg

KB = 1024
MOST = 300 * KB
"""Bytes of a whole lesson, seen for the first time."""
FRAME = 3 * KB + 512
"""Bytes of what stands around a lesson's text (menu, one self-check, headers), compressed."""
SHARED = 17 * KB
"""Bytes of style and icon, which a browser fetches once for all lessons."""
_PICTURE = re.compile(r'<img src="/media/([0-9a-f]{64})\.')


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes of one lesson in one language: its page as it is sent, and its pictures."""

    page: int
    pictures: int

    @property
    def opening(self) -> int:
        """What opening it costs who has seen another page of the house."""
        return self.page + self.pictures

    @property
    def whole(self) -> int:
        """What it costs as the first page of all; this is held against the budget."""
        return self.opening + SHARED

    @property
    def kb(self) -> int:
        """Of opening it, rounded up."""
        return kilobytes(self.opening)

    @property
    def whole_kb(self) -> int:
        """Of the whole, rounded up."""
        return kilobytes(self.whole)


def kilobytes(size: int) -> int:
    """Bytes as a person reads them, rounded up."""
    return -(-size // KB)


def weigh(parts: Parts, files: Mapping[str, int]) -> Weight:
    """A rendered lesson; `files` has the bytes of pictures by SHA."""
    html = "".join(parts[::2])
    pictures = sum(files.get(sha, 0) for sha in set(_PICTURE.findall(html)))
    return Weight(FRAME + compressed(html.encode()), pictures)


def pictures_of(package: Package) -> dict[str, int]:
    """The bytes of every picture of a package as a file, posters of films among them, by SHA."""
    posters = {one.poster.sha: one.poster.size for one in package.recordings if one.poster}
    return posters | {one.sha: one.size for one in package.media}


def compressed(data: bytes) -> int:
    """Bytes as they are sent."""
    return len(gzip.compress(data, compresslevel=3, mtime=0))


def judge_weights(package: Package, findings: Findings) -> dict[str, Weight]:
    """The weight of every lesson by its file, pictures as files, neither made smaller nor compressed; an error of
    publishing for each that is over the budget, which names what weighs most so that its author knows where to
    begin."""
    files = pictures_of(package)
    found = {}
    for lesson in package.lessons:
        for language, text in lesson.texts.items():
            parts = render_lesson(package, lesson, language, show=_shown)
            found[text.file] = weight = weigh(parts, files)
            if weight.whole > MOST:
                findings.unfit(text.file, text.first_line, _too_heavy(package, files, parts, weight))
    return found


def _shown(recording: Recording, title: str, caption: str, language: str) -> str:
    """A film whose files cannot be read is another problem; it weighs nothing yet."""
    whole = recording.files and all(one.mime in ENDINGS for one in recording.stored)
    return player(recording, title, caption, language) if whole else ""


def _too_heavy(package: Package, files: Mapping[str, int], parts: Parts, weight: Weight) -> Message:
    names = {one.sha: one.name for one in package.media}
    names |= {one.poster.sha: one.name for one in package.recordings if one.poster}
    seen = {(files[sha], names[sha]) for sha in _PICTURE.findall("".join(parts[::2])) if sha in names}
    largest = sorted(seen, key=lambda one: (-one[0], one[1]))[:3]
    return msg(
        "这一课合起来 {found} kB（文字 {page} kB，图片 {pictures} kB），太大，不超过 {size} kB。最大的图片：{largest}",
        found=weight.whole_kb, page=kilobytes(weight.whole - weight.pictures), pictures=kilobytes(weight.pictures),
        size=kilobytes(MOST), largest=", ".join(f"{name} {kilobytes(size)} kB" for size, name in largest) or "—",
    )  # fmt: skip
