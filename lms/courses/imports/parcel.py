"""A ZIP or a tar.gz of another maker, read under caps. Names are keys to look up, never places to write.

One bad member refuses the whole file, whether it is needed or not; only what is needed is ever unpacked.
"""

import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from lms.courses.imports.brought import refuse
from lms.courses.packages.tree import MAX_RATIO, opened
from lms.kernel.text import Message, msg

MB = 1024 * 1024
MOST_MEMBERS = 5000
MOST_MEMBER = 10 * MB
MOST_READ = 60 * MB
"""All that is unpacked of one file into memory, one after the other."""
MOST_LAID = 300 * MB
"""All that is unpacked of one file into the folder: hand-outs, sound, films."""
MOST_TAR = 320 * MB
UNPACKED = "unpacked.tar"
BLOCK = 64 * 1024
RATIO_FREE = MB
"""Members smaller than this are not judged by ratio: a list in XML repeats itself."""
BROKEN = msg("这个文件坏了，或者没有传完整。请重新导出，再传一次。")
_DRIVE = re.compile(r"[A-Za-z]:")
_UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError, zlib.error),
    *(NotImplementedError, EOFError, RuntimeError, ValueError, OSError, OverflowError),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive: what opens it, the bytes that it takes there (0: not compressed by itself), and the bytes
    that must come out (0: its archive sees to that)."""

    open: Callable[[], IO[bytes]]
    packed: int = 0
    size: int = 0


class Parcel:
    """The members of an archive by name; each is unpacked when it is asked for. `folder`: where files may be laid."""

    def __init__(self, members: Mapping[str, Member], folder: Path) -> None:
        self.folder = folder
        self._members = members
        self._read = self._laid = 0

    def __contains__(self, name: object) -> bool:
        return name in self._members

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def read(self, name: str, most: int = MOST_MEMBER) -> bytes:
        """The bytes of a member. Raises BadPackageError for what is too large or broken, KeyError if there is none."""
        data = b"".join(self._blocks(name, MOST_MEMBER + 1))
        self._read += len(data)
        if len(data) > most:
            raise refuse(msg("文件太大，每个不超过 {size} MB", size=most // MB), name)
        if self._read > MOST_READ:
            raise refuse(msg("解开以后太大，合起来不超过 {size} MB", size=MOST_READ // MB))
        return data

    def head(self, name: str, length: int) -> bytes:
        """The first bytes of a member. Raises as `read`."""
        return b"".join(self._blocks(name, length))

    def lay(self, name: str, target: str, most: int) -> bool:
        """Write a member into the folder, block by block; False where it is longer than `most` bytes. Raises as
        `read`."""
        with (self.folder / target).open("wb") as out:
            return self._copied(name, out, most)

    def copy(self, name: str, out: IO[bytes]) -> None:
        """Write a member elsewhere, block by block. Raises as `read`."""
        if not self._copied(name, out, MOST_MEMBER):
            raise refuse(msg("文件太大，每个不超过 {size} MB", size=MOST_MEMBER // MB), name)

    def _copied(self, name: str, out: IO[bytes], most: int) -> bool:
        size = 0
        for block in self._blocks(name, most + 1):
            size += len(block)
            self._laid += len(block)
            if self._laid > MOST_LAID:
                raise refuse(msg("解开以后太大，合起来不超过 {size} MB", size=MOST_LAID // MB))
            out.write(block)
        return size <= most

    def _blocks(self, name: str, most: int) -> Iterator[bytes]:
        """What really comes out counts, not what the header claims."""
        member = self._members[name]
        left = most
        try:
            with member.open() as source:
                while left and (block := source.read(min(BLOCK, left))):
                    left -= len(block)
                    out = most - left
                    if member.packed and out > RATIO_FREE and out > MAX_RATIO * member.packed:
                        raise refuse(msg("压缩得不正常，像是压缩炸弹"), name)
                    yield block
        except _UNREADABLE as fault:
            raise refuse(BROKEN, name) from fault
        if left and most - left < member.size:
            raise refuse(BROKEN, name)


def name_fault(name: str) -> Message | None:
    """Why a member may not be called so; None if it may."""
    if "\x00" in name or "\\" in name or name.startswith("/") or _DRIVE.match(name):
        return msg("文件路径不能是绝对路径，也不能有反斜杠")
    if len(name) > 400 or any(part in ("", "..") for part in name.rstrip("/").removeprefix("./").split("/")):
        return msg("文件路径不能有“..”或空的一段")
    return None


def open_zip(source: Path, folder: Path) -> Parcel:
    """The members of a ZIP. Raises BadPackageError."""
    try:
        # Not closed: its members are read from it later.
        archive = opened(source.open("rb"))
        infos = archive.infolist()
    except _UNREADABLE as fault:
        raise refuse(BROKEN) from fault
    members: dict[str, Member] = {}
    if len(infos) > MOST_MEMBERS:
        raise refuse(msg("文件太多，最多 {count} 个", count=MOST_MEMBERS))
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refuse(msg("压缩包里不能有快捷方式（符号链接）或设备文件"), info.orig_filename)
        if info.flag_bits & 0x1:
            raise refuse(msg("文件加了密码，读不了。请去掉密码再传。"), info.orig_filename)
        if not _directory(info.orig_filename):
            _put(members, info.orig_filename, Member(partial(archive.open, info), max(info.compress_size, 1)))
    return Parcel(members, folder)


def _directory(name: str) -> bool:
    fault = name_fault(name)
    if fault is not None:
        raise refuse(fault, name)
    return name.endswith("/")


def _put(members: dict[str, Member], name: str, member: Member) -> None:
    if name in members:
        raise refuse(msg("有两个文件同名"), name)
    members[name] = member


def open_tar(source: Path, folder: Path) -> Parcel:
    """The members of a tar.gz. Raises BadPackageError."""
    whole = folder / UNPACKED
    _gunzip(source, whole)
    members: dict[str, Member] = {}
    try:
        # Not closed: its members are read from it later.
        archive = tarfile.open(whole, mode="r:")  # noqa: SIM115
        for number, info in enumerate(archive, 1):
            if number > MOST_MEMBERS:
                raise refuse(msg("文件太多，最多 {count} 个", count=MOST_MEMBERS))
            fault = name_fault(info.name)
            if fault is not None:
                raise refuse(fault, info.name)
            if info.isdir():
                continue
            if not info.isreg() or info.issparse():
                raise refuse(msg("压缩包里不能有快捷方式（符号链接）或设备文件"), info.name)
            _put(members, info.name.removeprefix("./"), Member(partial(_untarred, archive, info), size=info.size))
    except _UNREADABLE as fault:
        raise refuse(BROKEN) from fault
    return Parcel(members, folder)


def _gunzip(source: Path, target: Path) -> None:
    """Unpack a file of one piece, block by block, under the caps."""
    unpacker = zlib.decompressobj(wbits=31)
    read = made = 0
    try:
        with source.open("rb") as packed, target.open("wb") as out:
            while not unpacker.eof and (block := packed.read(BLOCK)):
                read += len(block)
                while block:
                    piece = unpacker.decompress(block, BLOCK)
                    block = unpacker.unconsumed_tail
                    made += len(piece)
                    if made > RATIO_FREE and made > MAX_RATIO * read:
                        raise refuse(msg("压缩得不正常，像是压缩炸弹"))
                    if made > MOST_TAR:
                        raise refuse(msg("解开以后太大，合起来不超过 {size} MB", size=MOST_TAR // MB))
                    out.write(piece)
    except zlib.error as fault:
        raise refuse(BROKEN) from fault
    if not unpacker.eof:
        raise refuse(BROKEN)


def _untarred(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    member = archive.extractfile(info)
    assert member is not None  # only regular files get here
    return member
