"""What opening a lesson costs a learner, in kilobytes, as her phone gets it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from lms.courses.editions import EditionData, Kept
from lms.courses.media import keeping
from lms.courses.packages.recording import MediaFile
from lms.courses.packages.weight import compressed, pictures_of, weigh
from lms.kernel import files as stored

ENOUGH = 720
"""Pixels of width that a phone asks for: 360 of the page, two for each."""

_kept: Kept[tuple[UUID, str], Mapping[str, int]] = Kept(100)


def lessons_kb(edition: EditionData, language: str) -> Mapping[str, int]:
    """Kilobytes of each lesson by its slug, rounded up: its page, compressed, and its pictures, the smaller files where
    there are some. One statement the first time where there are, else none."""
    return _kept.get((edition.id, language), lambda _: _weighed(edition, language))


def _weighed(edition: EditionData, language: str) -> dict[str, int]:
    files = pictures_of(edition.package)
    # Drawings are text and are sent compressed.
    files |= {one.sha: compressed(stored.read(one.sha)) for one in edition.package.media if one.mime == "image/svg+xml"}
    pages = {lesson.slug: lesson.parts[language] for lesson in edition.lessons}
    if any("srcset=" in part for parts in pages.values() for part in parts[::2]):
        files |= {sha: _for_a_phone(sizes) for sha, sizes in keeping.sizes_of(set(files)).items()}
    return {slug: weigh(parts, files).kb for slug, parts in pages.items()}


def _for_a_phone(sizes: Sequence[MediaFile]) -> int:
    """Bytes of the file that a phone takes: the smallest that is wide enough, else the widest."""
    return next((one.size for one in sizes if one.width >= ENOUGH), sizes[-1].size)
