"""The field keys of a house that keeps them in its data folder: one a line, the first one seals."""

import os
import tempfile
from pathlib import Path

from lms.kernel.crypto import Key, key_of
from lms.kernel.errors import Conflict
from lms.kernel.settings import FIELD_KEY, Settings, new_field_key
from lms.kernel.text import msg


def kept_keys(settings: Settings) -> list[str] | None:
    """The keys in the file, None where the environment gives the key and there is no such file to use."""
    path = settings.data / FIELD_KEY
    try:
        lines = path.read_text().split()
    except FileNotFoundError:
        return None
    return lines if lines and key_of(lines[0]) == key_of(settings.field_key) else None


def add_key(settings: Settings) -> Key:
    """Write a new key under the others: it opens, and does not seal yet. Raises Conflict while another one waits."""
    lines = _lines(settings)
    if len(lines) > 1:
        raise Conflict(msg("上一次换密钥还没有收尾。请先运行 flask --app wsgi keys forget，去掉不用的旧密钥。"))
    return _write(settings, [*lines, new_field_key()], -1)


def use_newest(settings: Settings) -> Key:
    """Let the newest key seal; the others still open. Raises Conflict where there is only one."""
    lines = _lines(settings)
    if len(lines) < 2:
        raise Conflict(msg("还没有新密钥。请先运行 flask --app wsgi keys new。"))
    return _write(settings, [lines[-1], *lines[:-1]], 0)


def remove_key(settings: Settings, key_id: str) -> bool:
    """Take a key that does not seal out of the file for good; False if it is not in it."""
    lines = kept_keys(settings) or []
    left = [*lines[:1], *(line for line in lines[1:] if key_of(line).id != key_id)]
    if len(left) == len(lines):
        return False
    _write(settings, left, 0)
    return True


def _lines(settings: Settings) -> list[str]:
    lines = kept_keys(settings)
    if lines is None:
        raise Conflict(msg("密钥写在环境变量里，不在数据文件夹里。请照 docs/operations.md 改环境变量。"))
    return lines


def _write(settings: Settings, lines: list[str], which: int) -> Key:
    """Replace the file whole: a reader sees the old one or the new one, and only its owner sees either."""
    handle, name = tempfile.mkstemp(prefix=f".{FIELD_KEY}.", dir=settings.data)  # made with mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write("\n".join(lines))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(settings.data / FIELD_KEY)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(settings.data, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key_of(lines[which])
