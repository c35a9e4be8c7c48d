"""Stored files in a backup: copied beside the rows, or named as lying in a bucket that keeps them itself."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from lms.kernel import files
from lms.kernel.cli import say
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.storage.choosing import storage
from lms.kernel.text import msg


def copy_files(folder: Path, copied: bool) -> dict[str, Any]:
    """Copy every stored file into a backup, or with copied=False only list them; what the manifest says
    of them. Conflict if one is damaged."""
    names, size = [], 0
    for name in files.names():
        if copied:
            size += _copy_file(folder, name)
        names.append(name)
    names.sort()
    text = "".join(f"{name}\n" for name in names).encode()
    write_new(folder / "files.txt", text)
    say(f"files: {len(names)}" if copied else f"files: {len(names)} stay in {storage().address}, not copied")
    told = {"count": len(names), "bytes": size, "sha256": hashlib.sha256(text).hexdigest(), "copied": copied}
    return told | {"where": storage().address} if not copied else told


def _copy_file(folder: Path, name: str) -> int:
    """Copy a stored file and compare it with its name; its size. Conflict if it is damaged."""
    target = _file_in(folder, name)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with files.open_file(name) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
    with target.open("rb") as written:
        if files.digest(written) != name:
            raise Conflict(msg("存储的文件 {name} 已经损坏，没有备份。", name=name))
    return target.stat().st_size


def _file_in(folder: Path, name: str) -> Path:
    return folder / "files" / name[:2] / name


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet; on disk before this returns."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def check_files(folder: Path, told: dict[str, Any]) -> None:
    """Read every file of a backup, or look whether the storage has it; raises Invalid."""
    names = _names(folder, told)
    if are_copied(told):
        for name in names:
            _check_file(folder, name)
    elif missing := [name for name in names if not files.exists(name)]:
        raise Invalid(
            msg(
                "这份备份没有复制文件，它们应当在 {where}；现在的存储 {here} 里缺 {count} 个（如 {name}），"
                "什么也没有恢复。",
                where=str(told.get("where")),
                here=storage().address,
                count=len(missing),
                name=missing[0],
            )
        )


def are_copied(told: dict[str, Any]) -> bool:
    """Whether the files are in the backup; before there were buckets they always were."""
    return bool(told.get("copied", True))


def damaged(part: str) -> Invalid:
    """The refusal that names a part."""
    return Invalid(msg("备份里的 {part} 缺了或坏了，什么也没有恢复。", part=part))


def _names(folder: Path, told: dict[str, Any]) -> list[str]:
    try:
        text = (folder / "files.txt").read_bytes()
    except OSError as error:
        raise damaged("files.txt") from error
    if hashlib.sha256(text).hexdigest() != told["sha256"]:
        raise damaged("files.txt")
    return text.decode().split()


def _check_file(folder: Path, name: str) -> None:
    try:
        with _file_in(folder, name).open("rb") as file:
            whole = files.digest(file) == name
    except OSError:
        whole = False
    if not whole:
        raise damaged(f"files/{name[:2]}/{name}")


def bring_files(folder: Path, told: dict[str, Any], added: list[str]) -> None:
    """Put the copied files into the storage; `added` names those that were not there."""
    names = _names(folder, told)
    for name in names if are_copied(told) else ():
        if not files.exists(name):
            added.append(name)
            with _file_in(folder, name).open("rb") as file:
                files.store_stream(file)
    say(f"files: {len(names)}")
