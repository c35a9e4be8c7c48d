"""What a file is, by its bytes and by what lies in it; its name says nothing."""

import re
from collections.abc import Callable
from pathlib import Path

from lms.courses.imports import cartridge, moodle, page_file, word
from lms.courses.imports.brought import Brought, refuse
from lms.courses.imports.page_tree import MOST_PAGE
from lms.courses.imports.parcel import BROKEN, Parcel, open_tar, open_zip
from lms.kernel.cleaning.kinds import HEAD
from lms.kernel.text import Message, msg

_OTHERS: tuple[tuple[bytes, Message], ...] = (
    (b"\xd0\xcf\x11\xe0", msg("这是旧的 Word 文件（.doc），或者加了密码。请在 Word 里另存为 .docx，不加密码，再传。")),
    (b"%PDF-", msg("PDF 不能变成课文。请传原来的 Word 文件。")),
    (b"Rar!", msg("不收 RAR 和 7z，请用 ZIP 重新打包")),
    (b"7z\xbc\xaf", msg("不收 RAR 和 7z，请用 ZIP 重新打包")),
)
UNKNOWN = msg(
    "认不出这个文件。可以传：Word 文档（.docx）、Common Cartridge（.imscc）、Moodle 备份（.mbz）、网页（.html）。"
)
_PAGE = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.{0,400}?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|[a-z][a-z0-9]{0,12}[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
_Reader = Callable[[Parcel, str, str], Brought]
_READERS: tuple[tuple[str, _Reader], ...] = (
    (word.DOCUMENT, word.read), (cartridge.MANIFEST, cartridge.read), (moodle.BACKUP, moodle.read),
)  # fmt: skip


def read(source: Path, file: str, title: str, folder: Path) -> Brought:
    """What a file brings; `file` is its name and `title` what its course is called if it does not say. Raises
    BadPackageError. `folder`: where it may lay files that the course gives out."""
    with source.open("rb") as opened:
        head = opened.read(HEAD)
    if not head:
        raise refuse(msg("这个文件是空的"), file)
    if head.startswith(b"PK"):
        return _packed(open_zip(source, folder), file, title)
    if head.startswith(b"\x1f\x8b"):
        return _packed(open_tar(source, folder), file, title)
    for beginning, message in _OTHERS:
        if head.startswith(beginning):
            raise refuse(message, file)
    if _PAGE.match(head):
        if source.stat().st_size > MOST_PAGE * 4:
            raise refuse(msg("文件太大，每个不超过 {size} MB", size=MOST_PAGE // 1024**2), file)
        data = source.read_bytes()
        if b"\0" not in data:
            return page_file.read(data, file, title)
    raise refuse(UNKNOWN, file)


def _packed(parcel: Parcel, file: str, title: str) -> Brought:
    for name, reader in _READERS:
        if name in parcel:
            return reader(parcel, file, title)
    if any(name.rpartition("/")[2] == "course.toml" for name in parcel.names):
        raise refuse(msg("这是本平台的课程包，请到“上传课程包”那一页传"), file)
    raise refuse(UNKNOWN if parcel.names else BROKEN, file)
