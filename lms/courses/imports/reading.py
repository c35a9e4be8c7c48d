"""Reading as the web process sees it: a child reads, within limits, and only what it wrote is taken."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from lms.courses.imports.attached import Keep, settle
from lms.courses.imports.brought import KINDS, Attached, Brought, Lesson, Note, refuse
from lms.courses.imports.child import BROKEN, HEAVY
from lms.courses.packages.media_files import MAX_PICTURE
from lms.courses.packages.problem import BadPackageError, Problem, Severity
from lms.courses.packages.recording import MB, MediaFile
from lms.kernel import files
from lms.kernel.cleaning.refusals import BUSY
from lms.kernel.errors import TooMany
from lms.kernel.text import Message, msg

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 40
"""The child ends itself after 9 s of computing; this is for a machine that has no time for it."""
MOST_SENT = 2000 * MB
"""For the command; the page has a setting."""
TOLD_BYTES = 16 * 1024 * 1024
_turn = threading.BoundedSemaphore(1)
log = structlog.get_logger("imports")


def nothing_kept(file: MediaFile, path: Path) -> None:
    """What keeps nothing of the files that are taken: a rehearsal."""


def read(
    source: BinaryIO, name: str, title: str, folder: Path | None = None, *, keep: Keep = nothing_kept,
    later: bool = False, most: int = MOST_SENT,
) -> Brought:  # fmt: skip
    """What a file brings. `folder`: where the child may work; `keep` and `later`: see `attached.settle`; `most`: bytes
    of the file. Raises BadPackageError naming file and line, TooMany when the house is busy with other files."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="import-") as made:
        sent, target = Path(made) / "source", Path(made) / "made"
        target.mkdir()
        _lay(source, sent, name, most)
        if not _turn.acquire(timeout=PATIENCE_SECONDS):
            raise TooMany(BUSY)
        try:
            brought = _read(sent, target, name, title)
        finally:
            _turn.release()
        settle(brought, target, name, keep, later=later)
        return brought


def _lay(source: BinaryIO, target: Path, name: str, most: int) -> None:
    size = 0
    with target.open("wb") as out:
        while block := source.read(files.BLOCK):
            size += len(block)
            if size > most:
                raise refuse(msg("文件太大，每个不超过 {size} MB", size=most // MB), name)
            out.write(block)


def _read(source: Path, target: Path, name: str, title: str) -> Brought:
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
    brought.attached = [Attached(name, stem) for name, stem in told["attached"]]
    for row in told["losses"]:
        one = _problem(row)
        brought.losses.add(one.message, one.file, one.line)
    brought.losses.more = int(told["more"])
    return brought
