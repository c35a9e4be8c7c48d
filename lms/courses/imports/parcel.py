"""A ZIP or a tar.gz of another maker, read under caps. Names are keys to look up, never places to write.

One bad member refuses the whole file, whether it is needed or not; only what is needed is ever unpacked.
"""

import io
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping

from lms.courses.imports.brought import refuse
from lms.courses.packages.tree import MAX_RATIO
from lms.kernel.text import Message, msg

MB = 1024 * 1024
MOST_MEMBERS = 5000
MOST_MEMBER = 10 * MB
MOST_READ = 60 * MB
"""All that is unpacked of one file."""
MOST_TAR = 48 * MB
RATIO_FREE = MB
"""Members smaller than this are not judged by ratio: a list in XML repeats itself."""
BROKEN = msg("这个文件坏了，或者没有传完整。请重新导出，再传一次。")
_DRIVE = re.compile(r"[A-Za-z]:")
_UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError, zlib.error),
    *(NotImplementedError, EOFError, RuntimeError, ValueError, OSError, OverflowError),
)


class Parcel:
    """The members of an archive by name; each is unpacked when it is asked for."""

    def __init__(self, members: Mapping[str, Callable[[], bytes]]) -> None:
        self._members = members
        self._read = 0

    def __contains__(self, name: object) -> bool:
        return name in self._members

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def read(self, name: str, most: int = MOST_MEMBER) -> bytes:
        """The bytes of a member. Raises BadPackageError for what is too large or broken, KeyError if there is none."""
        try:
            data = self._members[name]()
        except KeyError:
            raise
        except _UNREADABLE as fault:
            raise refuse(BROKEN, name) from fault
        self._read += len(data)
        if len(data) > most:
            raise refuse(msg("文件太大，每个不超过 {size} MB", size=most // MB), name)
        if self._read > MOST_READ:
            raise refuse(msg("解开以后太大，合起来不超过 {size} MB", size=MOST_READ // MB))
        return data


def name_fault(name: str) -> Message | None:
    """Why a member may not be called so; None if it may."""
    if "\x00" in name or "\\" in name or name.startswith("/") or _DRIVE.match(name):
        return msg("文件路径不能是绝对路径，也不能有反斜杠")
    if len(name) > 400 or any(part in ("", "..") for part in name.rstrip("/").removeprefix("./").split("/")):
        return msg("文件路径不能有“..”或空的一段")
    return None


def open_zip(data: bytes) -> Parcel:
    """The members of a ZIP. Raises BadPackageError."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except _UNREADABLE as fault:
        raise refuse(BROKEN) from fault
    members: dict[str, Callable[[], bytes]] = {}
    if len(infos) > MOST_MEMBERS:
        raise refuse(msg("文件太多，最多 {count} 个", count=MOST_MEMBERS))
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refuse(msg("压缩包里不能有快捷方式（符号链接）或设备文件"), info.orig_filename)
        if info.flag_bits & 0x1:
            raise refuse(msg("文件加了密码，读不了。请去掉密码再传。"), info.orig_filename)
        if not _directory(info.orig_filename):
            _put(members, info.orig_filename, _unzipped(archive, info))
    return Parcel(members)


def _directory(name: str) -> bool:
    fault = name_fault(name)
    if fault is not None:
        raise refuse(fault, name)
    return name.endswith("/")


def _put(members: dict[str, Callable[[], bytes]], name: str, member: Callable[[], bytes]) -> None:
    if name in members:
        raise refuse(msg("有两个文件同名"), name)
    members[name] = member


def _unzipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def unpack() -> bytes:
        # What really comes out counts, not what the header claims.
        with archive.open(info) as member:
            data = member.read(MOST_MEMBER + 1)
        if len(data) > RATIO_FREE and len(data) > MAX_RATIO * max(info.compress_size, 1):
            raise refuse(msg("压缩得不正常，像是压缩炸弹"), info.orig_filename)
        return data

    return unpack


def open_tar(data: bytes) -> Parcel:
    """The members of a tar.gz. Raises BadPackageError."""
    whole = io.BytesIO(_gunzipped(data))
    members: dict[str, Callable[[], bytes]] = {}
    try:
        # Not closed: its members are read from it later.
        archive = tarfile.open(fileobj=whole, mode="r:")  # noqa: SIM115
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
            _put(members, info.name.removeprefix("./"), _untarred(archive, info))
    except _UNREADABLE as fault:
        raise refuse(BROKEN) from fault
    return Parcel(members)


def _gunzipped(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        whole = unpacker.decompress(data, MOST_TAR + 1)
    except zlib.error as fault:
        raise refuse(BROKEN) from fault
    if len(whole) > RATIO_FREE and len(whole) > MAX_RATIO * len(data):
        raise refuse(msg("压缩得不正常，像是压缩炸弹"))
    if len(whole) > MOST_TAR:
        raise refuse(msg("解开以后太大，合起来不超过 {size} MB", size=MOST_TAR // MB))
    if not unpacker.eof:
        raise refuse(BROKEN)
    return whole


def _untarred(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], bytes]:
    def unpack() -> bytes:
        member = archive.extractfile(info)
        assert member is not None  # only regular files get here
        data = member.read(MOST_MEMBER + 1)
        if len(data) < min(info.size, MOST_MEMBER + 1):
            raise EOFError(info.name)
        return data

    return unpack
