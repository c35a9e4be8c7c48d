"""A package with its heavy files: films and the like travel beside the texts that name them, as `media/<SHA>.<end>`.

They are no part of the package itself (its hash, its limits of size): they go into the storage on the way in, and come
out of it on the way out. What a heavy file is, is found out here; what the package says of it must agree.
"""

import re
import shutil
import stat
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from lms.courses.media.judging import judged
from lms.courses.media.keeping import know
from lms.courses.packages.fields import Findings
from lms.courses.packages.problem import BadPackageError, Problem
from lms.courses.packages.recording import ENDINGS, MediaFile
from lms.courses.packages.recording_files import MOST_FILE, read_recordings
from lms.courses.packages.tree import UNREADABLE, Tree, opened, pack, read_folder, read_zip
from lms.kernel import files
from lms.kernel.errors import Invalid
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.uploads.receiving import work_folder

HEAVY = re.compile(r"(?:[^/]+/)?media/(?P<sha>[0-9a-f]{64})\.(?P<end>mp4|m4a|ogg|jpg|pdf)")
MOST_HEAVY = 100
MOST_TOTAL = 2 * 1024**3

SLOW = msg("里面的录像、录音、讲义太多，网页上来不及一一检查。请管理员在服务器上收（content import）。")

Openers = Mapping[str, Callable[[], BinaryIO]]


def read_whole_zip(data: bytes | BinaryIO, seconds: float = 0) -> tuple[Tree, set[str]]:
    """The package in a ZIP, and the SHAs of the heavy files that came with it and are stored by now: those that it
    names. No unit of work may be open. `seconds` (0: any): how long judging them may take, where somebody waits for a
    page. Raises BadPackageError; then nothing is stored."""
    try:
        with opened(data) as archive:
            heavy = {info.filename: info for info in archive.infolist() if HEAVY.fullmatch(info.filename)}
            if heavy:
                tree = read_zip(data, without=set(heavy))
                return tree, _take(tree, {name: _member(archive, info) for name, info in heavy.items()}, seconds)
    except UNREADABLE:
        pass  # reading it as a package says what is wrong
    return read_zip(data), set()


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: archive.open(info)  # type: ignore[return-value]


def read_whole_folder(folder: Path) -> tuple[Tree, set[str]]:
    """The same for a package on disk."""
    lying = sorted((folder / "media").glob("*")) if (folder / "media").is_dir() else []
    heavy: dict[str, Callable[[], BinaryIO]] = {
        f"media/{path.name}": lambda path=path: path.open("rb")  # type: ignore[misc]
        for path in lying
        if HEAVY.fullmatch(f"media/{path.name}") and path.is_file() and not path.is_symlink()
    }
    tree = read_folder(folder, without=set(heavy))
    return tree, _take(tree, heavy) if heavy else set()


def _take(tree: Tree, heavy: Openers, seconds: float = 0) -> set[str]:
    """Judge every heavy file, then store those that the package names."""
    wanted = heavy_of(tree)
    if len(heavy) > MOST_HEAVY:
        raise BadPackageError([Problem("media", 0, msg("文件太多，最多 {count} 个", count=MOST_HEAVY))])
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=work_folder(), prefix="package-") as folder:
        found: dict[Path, MediaFile] = {}
        total = 0
        for number, (name, opener) in enumerate(sorted(heavy.items())):
            match = HEAVY.fullmatch(name)
            assert match
            if seconds and time.monotonic() - began > seconds:
                raise BadPackageError([Problem("media", 0, SLOW)])
            target = Path(folder) / str(number)
            total += _copy(name, opener, target, MOST_TOTAL - total)
            try:
                found[target] = judged(target, match["end"])
            except Invalid as refused:
                raise BadPackageError([Problem(name[:200], 0, refused.message)]) from None
            if found[target].sha != match["sha"]:
                raise BadPackageError([Problem(name[:200], 0, msg("文件名要是它内容的 SHA-256，这个文件变过了"))])
        for target, file in found.items():
            if wanted.get(file.sha) == file:
                with target.open("rb") as source:
                    files.store_stream(source)
    kept = [file for file in found.values() if wanted.get(file.sha) == file]
    with unit_of_work():
        know(kept)
    return {file.sha for file in kept}


def _copy(name: str, opener: Callable[[], BinaryIO], target: Path, most: int) -> int:
    """Write what really comes out, whatever the sizes say."""
    size = 0
    with opener() as source, target.open("wb") as out:
        while block := source.read(files.BLOCK):
            size += len(block)
            if size > min(most, MOST_FILE):
                raise BadPackageError([Problem(name[:200], 0, msg("录像、录音、讲义的文件太大"))])
            out.write(block)
    return size


def heavy_of(tree: Tree) -> dict[str, MediaFile]:
    """The heavy files that a package names, by SHA."""
    return {file.sha: file for one in read_recordings(tree, Findings()) for file in one.stored}


def write_whole_zip(tree: Tree, out: BinaryIO) -> None:
    """The package and its heavy files as a ZIP; the same package always gives the same bytes. One without recordings is
    the very ZIP that it always was. Raises NotFound when the storage has lost one."""
    out.write(pack(tree))
    heavy = heavy_of(tree)
    if not heavy:
        return
    out.seek(0)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as archive:
        for sha, file in sorted(heavy.items()):
            info = zipfile.ZipInfo(f"media/{sha}.{ENDINGS[file.mime]}", date_time=(1980, 1, 1, 0, 0, 0))
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            with files.open_file(sha) as source, archive.open(info, "w", force_zip64=False) as member:
                shutil.copyfileobj(source, member, files.BLOCK)
