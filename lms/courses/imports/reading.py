"""Reading as the web process sees it: a child reads, within limits, and only what it wrote is taken."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from lms.courses.imports.brought import KINDS, Brought, Lesson, Note, refuse
from lms.courses.imports.child import BROKEN, HEAVY
from lms.courses.packages.media_files import MAX_PICTURE
from lms.courses.packages.problem import BadPackageError, Problem, Severity
from lms.courses.packages.tree import MAX_ARCHIVE
from lms.kernel.cleaning.refusals import BUSY
from lms.kernel.errors import TooMany
from lms.kernel.text import Message, msg

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 40
"""The child ends itself after 9 s of computing; this is for a machine that has no time for it."""
TOLD_BYTES = 16 * 1024 * 1024
_turn = threading.BoundedSemaphore(1)
log = structlog.get_logger("imports")


def read(data: bytes, name: str, title: str, folder: Path | None = None) -> Brought:
    """What a file brings. `folder`: where the child may work. Raises BadPackageError naming file and line, TooMany
    when the house is busy with other files."""
    if len(data) > MAX_ARCHIVE:
        raise refuse(msg("文件太大，每个不超过 {size} MB", size=MAX_ARCHIVE // 1024**2), name)
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise TooMany(BUSY)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix="import-") as made:
            return _read(data, name, title, Path(made))
    finally:
        _turn.release()


def _read(data: bytes, name: str, title: str, folder: Path) -> Brought:
    source, target = folder / "source", folder / "made"
    source.write_bytes(data)
    target.mkdir()
    ended = _run([str(source), str(target), name or "-", title])
    if ended is None or ended < 0:
        log.warning("a file ended its reading", signal=-(ended or 0))
        raise refuse(Message(HEAVY), name)
    refused = target / "refused.json"
    if refused.exists():
        rows = json.loads(_bounded(refused))
        # What is wrong with the whole is said of the file that she sent, not of a package that is not there yet.
        raise BadPackageError(_problem(row | {"file": row["file"] or name}) for row in rows)
    told = target / "brought.json"
    if ended or not told.exists():
        log.error("reading said nothing", status=ended)
        raise refuse(Message(BROKEN), name)
    return _brought(json.loads(_bounded(told)), target)


def _bounded(path: Path) -> bytes:
    if path.stat().st_size > TOLD_BYTES:
        raise refuse(Message(HEAVY))
    return path.read_bytes()


def _run(arguments: list[str]) -> int | None:
    """The status with which the child ended; None if it had to be ended."""
    # -I: nothing of the caller's environment or folder is looked at.
    code = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); runpy.run_module({CHILD!r}, run_name='__main__')"
    # Nothing of ours goes with it: the environment of a web process holds the keys of the house.
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    try:
        ended = subprocess.run(  # noqa: S603 - our own module, and no shell
            [sys.executable, "-I", "-c", code, *arguments], env=environment, cwd=arguments[1],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_SECONDS, check=False,
            start_new_session=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    if ended.stderr:
        log.info("a file was strange", last=ended.stderr[-300:].decode(errors="replace"))
    return ended.returncode


CHILD = "lms.courses.imports.child"


def _problem(row: Mapping[str, Any]) -> Problem:
    return Problem(row["file"], row["line"], Message(row["msgid"], row["params"]), Severity(row["severity"]))


def _brought(told: Mapping[str, Any], folder: Path) -> Brought:
    brought = Brought(str(told["kind"]), str(told["title"]))
    assert brought.kind in KINDS
    brought.lessons = [Lesson(title, body, tuple(notes)) for title, body, notes in told["lessons"]]
    brought.notes = [Note(name, text) for name, text in told["notes"]]
    brought.topics = dict(told["topics"])
    brought.items = list(told["items"])
    for number, name in enumerate(told.get("media", [])):
        with (folder / f"{number:03d}").open("rb") as file:
            brought.media[name] = file.read(MAX_PICTURE)
    for row in told["losses"]:
        one = _problem(row)
        brought.losses.add(one.message, one.file, one.line)
    brought.losses.more = int(told["more"])
    return brought
