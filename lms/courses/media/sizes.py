"""Smaller pictures: made once for each content, for uploads and for pictures that come in packages."""

import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import structlog
from sqlalchemy import select

from lms.courses.media.keeping import know
from lms.courses.media.models import PictureSize
from lms.courses.packages.package import Medium
from lms.courses.packages.problem import BadPackageError, Problem
from lms.courses.packages.recording import MediaFile
from lms.courses.packages.tree import Tree
from lms.kernel import files
from lms.kernel.cleaning import cleaner
from lms.kernel.db import insert_once, session
from lms.kernel.errors import DomainError
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.uploads.receiving import work_folder

MADE_OF = ("image/jpeg", "image/png", "image/webp")
SLOW = msg(
    "里面的图片太多，一次来不及都做出小图。做好的已经留着："
    "请再传一次，会接着做；也可以请管理员在服务器上收（content import）。"
)
log = structlog.get_logger("media")


def make_sizes(path: Path, mime: str) -> list[MediaFile]:
    """Make and store the smaller files of a picture that lies here. Slow: no unit of work may be open.

    Raises Invalid for a picture that cannot be read, TooMany.
    """
    with tempfile.TemporaryDirectory(dir=work_folder(), prefix="sizes-") as folder:
        made = []
        for width, height in cleaner.smaller(path, Path(folder), mime):
            with (Path(folder) / f"{width}.webp").open("rb") as file:
                sha = files.store_stream(file)
                made.append(MediaFile(sha, "image/webp", file.seek(0, 2), width, height))
        return made


def keep_sizes(picture_sha: str, made: Iterable[MediaFile]) -> None:
    """Remember the smaller files of a picture."""
    for one in made:
        row = {"picture_sha": picture_sha, "width": one.width, "height": one.height, "sha": one.sha, "size": one.size}
        insert_once(PictureSize, row, ["picture_sha", "width"])
        know([one])


def prepare(media: Iterable[Medium], tree: Tree, until: float | None = None) -> None:
    """Make the smaller files of a package's pictures that have none yet; a picture that cannot be made smaller is
    shown as it is. Slow where there are any: best before a unit of work is open. `until`: when to stop, by the
    monotonic clock. Raises BadPackageError then; what was made is kept, so that the next time goes on from there."""
    bitmaps = {one.sha: one for one in media if one.mime in MADE_OF}
    if not bitmaps:
        return
    with unit_of_work(write=False):
        done = set(session().scalars(select(PictureSize.picture_sha).where(PictureSize.picture_sha.in_(bitmaps))))
    for sha, medium in bitmaps.items():
        if sha in done:
            continue
        if until is not None and time.monotonic() >= until:
            raise BadPackageError([Problem("media", 0, SLOW)])
        with tempfile.TemporaryDirectory(dir=work_folder(), prefix="picture-") as folder:
            path = Path(folder) / "picture"
            path.write_bytes(tree[f"media/{medium.name}"])
            try:
                made = make_sizes(path, medium.mime)
            except DomainError as refused:
                log.info("no smaller pictures", picture=medium.name, why=refused.message.msgid)
                continue
        with unit_of_work():
            keep_sizes(sha, made)


def copied(sha: str, target: Path) -> None:
    """Put a stored file where a programme can read it."""
    with files.open_file(sha) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, files.BLOCK)
