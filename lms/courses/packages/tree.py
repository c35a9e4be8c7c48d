"""Folder or ZIP into an in-memory tree. Paths in an archive are names to judge, not places to write.

Everything is read under caps and all or nothing: one bad member refuses the whole package.
"""

import hashlib
import io
import lzma
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lms.courses.packages.problem import BadPackageError, Problem
from lms.kernel.text import Message, msg

MAX_ARCHIVE = 20 * 1024 * 1024
MAX_LIST = 4 * 1024 * 1024
"""Bytes of an archive's list of members: some 40,000 of them."""
LIST_TAIL = 22 + 65_535
"""Bytes in which the end of that list stands, with the longest comment."""
MAX_FILES = 400
MAX_FILE = 2 * 1024 * 1024
MAX_TOTAL = 40 * 1024 * 1024
MAX_RATIO = 120
"""Unpacked / packed size of one member. Markdown reaches 4, SVG about 20; a bomb is near 1,000."""
RATIO_FREE = 64 * 1024
"""Members smaller than this are not judged by ratio: a short file of blanks is harmless."""
PACK_LEVEL = 6
TOO_LARGE = msg("课程包太大：不算录像、录音、讲义，不超过 {size} MB", size=MAX_ARCHIVE // 1024**2)

_PATH = re.compile(
    r"(?:course|sources)\.toml|card\.(?:zh|en)\.md|(?:lessons|items|media)/[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
)
_IGNORED = re.compile(r"(?:^|/)(?:\.DS_Store|Thumbs\.db|desktop\.ini)$|^__MACOSX/|(?:^|/)\._[^/]*$")

UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, EOFError, RuntimeError, ValueError, OSError),
)

Tree = Mapping[str, bytes]
"""Path inside the package → content."""


def _refuse(message: Message, file: str = "") -> BadPackageError:
    return BadPackageError([Problem(file[:200], 0, message)])


def path_fault(path: str) -> Message | None:
    """Why `path` may not be in a package; None if it may."""
    if "\x00" in path or "\\" in path or path.startswith("/") or re.match(r"^[A-Za-z]:", path):
        return msg("文件路径不能是绝对路径，也不能有反斜杠")
    if any(part in ("", ".", "..") for part in path.split("/")):
        return msg("文件路径不能有“..”或空的一段")
    if not _PATH.fullmatch(path):
        return msg(
            "只收 course.toml、sources.toml、card.zh.md、card.en.md 和 lessons、items、media 里的文件，"
            "文件名用英文字母、数字、点和横线"
        )
    return None


class _Collector:
    """Takes members one by one and keeps the caps that hold for folders and archives alike."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._folded: set[str] = set()
        self._total = 0

    def check_name(self, path: str) -> None:
        fault = path_fault(path)
        if fault is not None:
            raise _refuse(fault, path)
        folded = unicodedata.normalize("NFC", path).casefold()
        if folded in self._folded:
            raise _refuse(msg("有两个文件只差大小写，或者重复了"), path)
        self._folded.add(folded)
        if len(self._folded) > MAX_FILES:
            raise _refuse(msg("文件太多，最多 {count} 个", count=MAX_FILES))

    def add(self, path: str, data: bytes) -> None:
        self._total += len(data)
        if len(data) > MAX_FILE:
            raise _refuse(msg("文件太大，每个不超过 {size} MB", size=MAX_FILE // 1024**2), path)
        if self._total > MAX_TOTAL:
            raise _refuse(msg("解开以后太大，合起来不超过 {size} MB", size=MAX_TOTAL // 1024**2))
        self.files[path] = data


def read_folder(folder: Path, without: Collection[str] = ()) -> Tree:
    """Read a package from disk. Symbolic links are refused. Raises BadPackageError. `without`: names that are no part
    of it (heavy files of its recordings, see media.carrying)."""
    if not folder.is_dir():
        raise _refuse(msg("没有找到这个文件夹"), folder.name)
    collector = _Collector()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _IGNORED.search(name) or name in without:
            continue
        if path.is_symlink():
            raise _refuse(msg("课程包里不能有快捷方式（符号链接）"), name)
        if path.is_dir():
            continue
        collector.check_name(name)
        with path.open("rb") as file:
            collector.add(name, file.read(MAX_FILE + 1))
    return collector.files


def opened(source: bytes | BinaryIO) -> zipfile.ZipFile:
    """An archive, if its list of members is no longer than one may be: it is read whole, before a member can be asked
    for. Raises one of UNREADABLE: NotImplementedError where a member is packed in a way of which zipfile unpacks more
    than it was asked for (all but plain and deflated)."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    _require_short_list(file)
    archive = zipfile.ZipFile(file)
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in archive.infolist()):
        raise NotImplementedError
    return archive


def _require_short_list(file: BinaryIO) -> None:
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - LIST_TAIL))
    tail = file.read(LIST_TAIL)
    bare = tail[-22:]
    at = len(tail) - 22 if bare.startswith(b"PK\5\6") and bare.endswith(b"\0\0") else tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < 22:
        raise zipfile.BadZipFile
    if int.from_bytes(tail[at + 12 : at + 16], "little") > MAX_LIST or tail[max(0, at - 20) : at].startswith(b"PK\6\7"):
        raise zipfile.LargeZipFile


def read_zip(source: bytes | BinaryIO, without: Collection[str] = ()) -> Tree:
    """Read a package from a ZIP, all or nothing; one folder around everything is tolerated. `without`: members that
    are no part of it (heavy files of its recordings, see media.carrying).

    Raises BadPackageError.
    """
    size = len(source) if isinstance(source, bytes) else source.seek(0, io.SEEK_END)
    try:
        with opened(source) as archive:
            beside = sum(info.compress_size for info in archive.infolist() if info.filename in without)
            if size - beside > MAX_ARCHIVE:
                raise _refuse(TOO_LARGE)
            return _read_members(archive, without)
    except NotImplementedError as fault:
        raise _refuse(msg("这个 ZIP 的压缩方式少见，请用一般的方式（Deflate）重新打包再传")) from fault
    except UNREADABLE as fault:
        raise _refuse(msg("这个文件不是完好的 ZIP，请重新打包再传")) from fault


def _read_members(archive: zipfile.ZipFile, without: Collection[str]) -> Tree:
    members = [
        info for info in archive.infolist() if not _IGNORED.search(info.filename) and info.filename not in without
    ]
    if len(members) > MAX_FILES * 2:
        raise _refuse(msg("文件太多，最多 {count} 个", count=MAX_FILES))
    for info in members:
        _check_kind(info)
    wrapper = _wrapper(members)
    collector = _Collector()
    for info in members:
        if info.orig_filename.endswith("/"):
            continue
        # orig_filename: zipfile cuts `filename` at NUL, before anybody can object.
        name = info.orig_filename.removeprefix(wrapper)
        collector.check_name(name)
        collector.add(name, _unpack(archive, info, name))
    return collector.files


@dataclass(frozen=True)
class Unpacked:
    """What stands in an archive beside the package itself, and is not taken: files of desktop systems, the folder
    around everything, a comment."""

    passed_over: tuple[str, ...]
    folder: str
    comment: bool


def not_taken(source: bytes | BinaryIO) -> Unpacked:
    """What `read_zip`, which took this archive, left of it."""
    with opened(source) as archive:
        infos = archive.infolist()
        members = [info for info in infos if not _IGNORED.search(info.filename)]
        passed = [info for info in infos if _IGNORED.search(info.filename) and not info.orig_filename.endswith("/")]
        return Unpacked(tuple(info.filename for info in passed), _wrapper(members).rstrip("/"), bool(archive.comment))


def _check_kind(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refuse(msg("课程包里不能有快捷方式（符号链接）"), info.filename)
    if info.flag_bits & 0x1:
        raise _refuse(msg("ZIP 不能加密码"), info.filename)


def _wrapper(members: list[zipfile.ZipInfo]) -> str:
    """`name/` if all members lie in one outer folder with course.toml (how desktops pack)."""
    for info in members:
        head, _, rest = info.orig_filename.partition("/")
        if rest == "course.toml" and head not in ("", ".", ".."):
            prefix = head + "/"
            return prefix if all(other.orig_filename.startswith(prefix) for other in members) else ""
    return ""


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    """Inflate one member, believing only what really comes out, not the sizes the header claims."""
    with archive.open(info) as member:
        data = member.read(MAX_FILE + 1)
    if len(data) > RATIO_FREE and len(data) > MAX_RATIO * max(info.compress_size, 1):
        raise _refuse(msg("压缩得不正常，像是压缩炸弹"), name)
    return data


def pack(tree: Tree) -> bytes:
    """The tree as a ZIP; the same tree always gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in _sorted(tree):
            info = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # Unix, wherever this runs
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data, compresslevel=PACK_LEVEL)
    return out.getvalue()


def content_hash(tree: Tree) -> str:
    """SHA-256 over paths and contents; text counts in NFC with Unix line ends."""
    whole = hashlib.sha256()
    for path, data in _sorted(tree):
        part = hashlib.sha256(_normal(path, data)).hexdigest()
        whole.update(f"{path}\0{part}\n".encode())
    return whole.hexdigest()


def _sorted(tree: Tree) -> Iterator[tuple[str, bytes]]:
    return iter(sorted(tree.items()))


def _normal(path: str, data: bytes) -> bytes:
    if not path.endswith((".toml", ".md")):
        return data
    text = data.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff").replace("\r\n", "\n")
    return unicodedata.normalize("NFC", text).encode("utf-8", errors="surrogateescape")
