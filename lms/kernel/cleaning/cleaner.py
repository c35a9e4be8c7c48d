"""Cleaning as the web process sees it: a child works, within limits, and only its result is taken.

What Pillow and qpdf do with hostile bytes happens in a process that has the file, a folder and nothing
else: no settings, no database, a bounded time and memory. When it dies, a sentence is said.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from lms.kernel.cleaning.kinds import (
    HEAD,
    LOOK,
    MB,
    TAIL,
    Drawing,
    Kind,
    Purpose,
    Recording,
    drawing,
    recognise,
    recording,
)
from lms.kernel.cleaning.refusals import BUSY, refusal
from lms.kernel.errors import Invalid, TooMany

ROOT = Path(__file__).parents[3]
# The child ends itself after 8 s of computing; this is for a machine that has no time for it.
PATIENCE_SECONDS = 40
# One child at a time a process: so many web processes, so many times its memory.
_turn = threading.BoundedSemaphore(1)
log = structlog.get_logger("cleaning")


@dataclass(frozen=True)
class Cleaned:
    """What may be shown: a file, a small picture of it (photos), and what they are."""

    path: Path
    thumbnail: Path | None
    mime: str


def clean(source: Path, folder: Path, purpose: Purpose) -> Cleaned:
    """Make a file anew in an empty folder. Raises Invalid with what is wrong with it, TooMany when the
    house is busy with other files."""
    kind = _kind(source, purpose)
    if isinstance(kind, Recording):  # judged and made anew by whoever takes it: that takes minutes
        shutil.move(source, folder / "file")
        return Cleaned(folder / "file", None, kind)
    worker = "drawings" if kind is Drawing.SVG else "pdfs" if kind is Kind.PDF else purpose.photos
    told = _in_turn(worker, kind, source, folder)
    thumbnail = folder / "thumbnail"
    return Cleaned(folder / "file", thumbnail if thumbnail.exists() else None, told["mime"])


def smaller(source: Path, folder: Path, mime: str) -> list[tuple[int, int]]:
    """Make smaller WebP pictures of a picture, `WIDTH.webp` in an empty folder: (width, height) of each, the
    smallest first. Raises Invalid, TooMany."""
    told = _in_turn("sizes", Kind(mime), source, folder)
    return [(width, height) for width, height in told["sizes"]]


def _in_turn(worker: str, kind: Kind | Drawing, source: Path, folder: Path) -> dict[str, Any]:
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise TooMany(BUSY)
    try:
        told = _child(worker, kind, source, folder)
    finally:
        _turn.release()
    if "fault" in told:
        raise Invalid(refusal(told["fault"], told.get("gaps")))
    return told


def _kind(source: Path, purpose: Purpose) -> Kind | Recording | Drawing:
    size = source.stat().st_size
    with source.open("rb") as file:
        look = file.read(LOOK)
        file.seek(max(0, size - TAIL))
        tail = file.read(TAIL)
    head = look[:HEAD]
    sound = recording(head) if purpose.most_recording else None
    most = purpose.most_recording if sound else purpose.most_bytes
    if size > most:
        raise Invalid(refusal("large", {"size": f"{size / MB:.1f}", "most": most // MB}))
    if sound:
        return sound
    if purpose.drawings and (drawn := drawing(look)):
        return drawn
    kind = recognise(head, tail)
    if not isinstance(kind, Kind):
        raise Invalid(refusal(kind))
    if kind not in purpose.kinds:
        raise Invalid(refusal("not_here"))
    return kind


def _child(worker: str, kind: Kind | Drawing, source: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-P", "-s", "-m", "lms.kernel.cleaning.child"]
    command += [worker, kind, str(source), str(folder)]
    # Nothing of ours goes with it: the environment of a web process holds the keys of the house.
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.defpath, "LANG": "C.UTF-8"}
    try:
        child = subprocess.run(  # noqa: S603 - our own module, and no shell
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=PATIENCE_SECONDS, check=False, start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        return {"fault": "heavy"}
    if child.returncode < 0:
        log.warning("a file ended its cleaning", signal=-child.returncode, kind=kind)
        return {"fault": "heavy"}
    try:
        told: dict[str, Any] = json.loads(child.stdout)
    except ValueError:
        log.error("cleaning said nothing", kind=kind, status=child.returncode, last=child.stderr[-500:].decode())
        return {"fault": "broken"}
    if why := told.get("why"):
        log.info("a file was refused", kind=kind, fault=told["fault"], why=why)
    return told
