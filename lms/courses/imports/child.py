"""The child: `python -m lms.courses.imports.child FILE FOLDER NAME TITLE` writes what FILE brings into FOLDER.

`brought.json`, the pictures and the files that it gives out, or `refused.json`. It limits itself before a byte of the
file is read, and from then on opens nothing to write but in FOLDER, starts nothing and connects to nothing.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from lms.kernel.bounds import IMPORTING, keep_within
from lms.kernel.text import N_

HEAVY = N_("读这个文件要的时间或内存太多，没有收下。请分成几个小一点的文件。")
BROKEN = N_("这个文件坏了，或者没有传完整。请重新导出，再传一次。")
_NEVER = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.spawn", "os.posix_spawn", "ctypes.dlopen")
_CHANGES = ("os.remove", "os.rename", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate", "shutil.")


class WalledError(RuntimeError):
    """The reader tried what no reader of a file needs."""


def main(source: str, folder: str, name: str, title: str) -> None:
    """Read a file; write what it brings, or why it is refused."""
    target = Path(folder)
    kinds = importlib.import_module("lms.courses.imports.kinds")
    brought = importlib.import_module("lms.courses.imports.brought")
    bad = importlib.import_module("lms.courses.packages.problem").BadPackageError
    sys.addaudithook(_wall(target.resolve()))
    try:
        found = kinds.read(Path(source), name, title, target.resolve())
        told = brought.as_json(found)
        for number, (picture, data) in enumerate(sorted(found.media.items())):
            (target / f"{number:03d}").write_bytes(data)
            told.setdefault("media", []).append(picture)
        (target / "brought.json").write_text(json.dumps(told), encoding="utf-8")
    except bad as refusal:
        _refused(target, [brought.row_of(one) for one in refusal.problems])
    except (MemoryError, RecursionError):
        _refused(target, [_row(name, HEAVY)])
    except Exception as error:  # whatever a broken file makes a library say
        sys.stderr.write(f"{type(error).__name__}\n")
        _refused(target, [_row(name, BROKEN)])


def _row(name: str, msgid: str) -> dict[str, Any]:
    return {"file": name[:120], "line": 0, "severity": "error", "msgid": msgid, "params": {}}


def _refused(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "refused.json").write_text(json.dumps(rows), encoding="utf-8")


def _wall(folder: Path) -> Any:
    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if isinstance(path, str | bytes) and _writes(mode, flags) and not _inside(os.fsdecode(path), folder):
                raise WalledError(event)
        elif event.startswith(_NEVER) or event.startswith(_CHANGES):
            raise WalledError(event)

    return hook


def _writes(mode: Any, flags: Any) -> bool:
    if isinstance(mode, str):
        return bool(set(mode) & set("wax+"))
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if isinstance(flags, int) else True


def _inside(path: str, folder: Path) -> bool:
    return Path(path).resolve().is_relative_to(folder)


def limit() -> None:
    """Bound this process for good."""
    keep_within(IMPORTING)


if __name__ == "__main__":
    limit()
    main(*sys.argv[1:5])
    sys.stderr.flush()
    os._exit(0)  # what the file left in the libraries' memory is not worth taking apart
