"""The published log: static files that anybody may copy. Nothing is published that is not committed and signed."""

import os
import shutil
from pathlib import Path

from sqlalchemy import select

from lms.credits.log import state
from lms.credits.log.keys import house, log_folder
from lms.credits.log.models import LogOrigin, LogSignature
from lms.credits.log.notes import BadNote, Checkpoint, Signature, joined, opened
from lms.credits.log.tiles import WIDTH, bundle, new_tiles
from lms.credits.log.tree import Tree, newest_signed, root_at
from lms.credits.log.witnesses import cosigned, gather, witnesses
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work

FRESH = ".new"
AHEAD = 32 * WIDTH  # leaves read with one statement; some six megabytes of them
MANY = 64  # files, from which one sync of everything is less work than one of each


def published(folder: Path) -> Checkpoint | None:
    """The checkpoint that the files show; None before the first."""
    try:
        return Checkpoint.parse(opened((folder / "checkpoint").read_text())[0])
    except (FileNotFoundError, BadNote):
        return None


def publish() -> bool:
    """Bring the files up to the newest signed checkpoint, once its witnesses have cosigned it.

    True if the files show it. Without a quorum they stay at the checkpoint before.
    """
    folder = log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with state.alone(folder) as first:
        if not first:
            return False
        with unit_of_work(write=False):
            logs = list(session().scalars(select(LogOrigin).order_by(LogOrigin.number)))
            size = newest_signed(logs[-1].number, logs[-1].vkey) if logs else 0
        if not size:
            return False
        return _publish(folder, logs, size)


def _publish(folder: Path, logs: list[LogOrigin], size: int) -> bool:
    log, shown = logs[-1], published(folder)
    if shown and shown.origin != log.origin:
        _set_aside(folder, logs, shown.origin)
        shown = None
    _write(folder, "policy", policy(logs).encode())
    if shown and shown.size >= size:
        return True
    old = shown.size if shown else 0
    with unit_of_work(write=False):
        write_tiles(folder, Tree(log.number), old, size)
    gather(log, size)
    with unit_of_work(write=False):
        note = note_at(log, size)
        enough = len(cosigned(log.number, size)) >= (house().log_quorum if witnesses() else 0)
    if enough:
        _write(folder, f"checkpoints/{size}", note.encode())
        _write(folder, "checkpoint", note.encode())
        _drop_partial(folder, old, size)
    return enough


def _set_aside(folder: Path, logs: list[LogOrigin], origin: str) -> None:
    """A following log begins in an empty folder; the one before stays beside it, as it was."""
    number = next((one.number for one in logs if one.origin == origin), 0)
    beside = folder.with_name(f"{folder.name}.{number}")
    beside.mkdir(exist_ok=True)
    for one in sorted(folder.iterdir(), key=lambda path: path.name != "checkpoint"):
        one.rename(beside / one.name)
    state.sync_folder(beside)
    state.sync_folder(folder)


def note_at(log: LogOrigin, size: int) -> str:
    """The checkpoint at a size with every signature that there is, the log's own first."""
    root = root_at(log.number, size)
    if root is None:
        raise LookupError(f"no checkpoint at size {size}")
    rows = session().execute(
        select(LogSignature.vkey, LogSignature.line)
        .where(LogSignature.log == log.number, LogSignature.size == size)
        .order_by(LogSignature.vkey)
    ).all()
    lines = [row.line for row in sorted(rows, key=lambda row: row.vkey != log.vkey)]
    return joined(Checkpoint(log.origin, size, root).text, [Signature.parse(line.rstrip("\n")) for line in lines])


def write_tiles(folder: Path, tree: Tree, old: int, new: int) -> None:
    """Write what a tree of size `new` has and one of size `old` had not; all on disk before this returns.

    Each is written beside its place and put there once its bytes are on disk.
    """
    fresh: list[Path] = []
    ahead: list[tuple[bytes, bytes]] = []
    for tile in new_tiles(old, new):
        end = tile.start + tile.width
        if tile.level:
            fresh += _beside(folder / tile.path, b"".join(tree.hashes(tile.level, tile.start, end)))
            continue
        # Many tiles with one statement: after a seed or a restore there are thousands.
        ahead = ahead or tree.placed(tile.start, min(new, tile.start + AHEAD))
        here, ahead = ahead[: tile.width], ahead[tile.width :]
        fresh += _beside(folder / tile.path, b"".join(hashed for _, hashed in here))
        fresh += _beside(folder / tile.entries_path, bundle(leaf for leaf, _ in here))
    if len(fresh) > MANY:
        os.sync()  # the whole log at once, after a seed or a restore: file by file would take minutes
    else:
        for one in fresh:
            state.sync_file(one)
    for one in fresh:
        one.replace(one.with_name(one.name[1 : -len(FRESH)]))
    for place in {one.parent for one in fresh}:
        state.sync_folder(place)


def _beside(path: Path, data: bytes) -> list[Path]:
    """A file that never changes again, beside its place; none if it was put there before a publication was cut off."""
    if path.exists() and path.stat().st_size == len(data):
        return []
    _make_folder(path.parent)
    fresh = path.with_name(f".{path.name}{FRESH}")
    fresh.write_bytes(data)
    return [fresh]


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        state.sync_folder(folder.parent)


def _write(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    if not path.exists() or path.read_bytes() != data:
        _make_folder(path.parent)
        state.replace(path, data)


def _drop_partial(folder: Path, old: int, new: int) -> None:
    """A full tile stands for all the partial ones that led to it."""
    for tile in new_tiles(old, new):
        if tile.full:
            kinds = [tile.path, tile.entries_path] if tile.level == 0 else [tile.path]
            for path in kinds:
                shutil.rmtree(folder / f"{path}.p", ignore_errors=True)


def policy(logs: list[LogOrigin]) -> str:
    """What a verifier needs to know of this house: its logs, their witnesses, and how many of these must agree
    (c2sp.org/tlog-policy). Whoever checks a log keeps a copy from another source than the log itself."""
    lines = [f"log {log.vkey}" for log in reversed(logs)]
    known = witnesses()
    lines += [f"witness w{number} {one.key} {one.address}" for number, one in enumerate(known, 1)]
    if known:
        names = " ".join(f"w{number}" for number in range(1, len(known) + 1))
        lines += [f"group witnesses {house().log_quorum} {names}", "quorum witnesses"]
    else:
        lines.append("quorum none")
    return "\n".join(lines) + "\n"

