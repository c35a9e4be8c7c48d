"""The list of closed accounts, apart from backups, and its replay: a backup knows people who have left since.

Each line is JSON: person, state, at, due_on; ids only, no name. It is appended to beside the database
(`<data>/closed-accounts.jsonl`), and can be exported from the table at any time.
"""

import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from lms.kernel import audit
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.settings import Settings
from lms.people.models import Person
from lms.people.privacy import closing
from lms.people.privacy.models import Closing, ErasureLine

NAME = "closed-accounts.jsonl"


@dataclass(frozen=True, slots=True)
class Line:
    """A closed account."""

    person_id: UUID
    state: str
    at: datetime
    due_on: date


def place() -> Path:
    """Where the list lies."""
    settings: Settings = current_app.extensions["xinglin.settings"]
    return settings.data / NAME


def add(person_id: UUID, state: str) -> None:
    """Append an account's line to the list, on disk before this returns; twice does no harm."""
    row = session().get(ErasureLine, (person_id, state))
    if row is None:
        return
    with place().open("ab+") as file:
        place().chmod(0o600)
        # A line that was cut off (a full disk, a dead process) must not take this one with it.
        file.write(_line_end(file) + _written(row).encode())
        file.flush()
        os.fsync(file.fileno())


def _line_end(file: BinaryIO) -> bytes:
    """What is missing before the next line."""
    if file.seek(0, os.SEEK_END) == 0:
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"


def export(path: Path) -> int:
    """Write the whole list into a file; how many lines."""
    rows = session().scalars(select(ErasureLine).order_by(ErasureLine.at, ErasureLine.state.desc())).all()
    path.write_text("".join(map(_written, rows)), encoding="utf-8")
    path.chmod(0o600)
    return len(rows)


def _written(row: ErasureLine) -> str:
    told = {
        "person": str(row.person_id),
        "state": row.state,
        "at": row.at.isoformat(),
        "due_on": row.due_on.isoformat(),
    }
    return json.dumps(told) + "\n"


def read(path: Path) -> tuple[list[Line], list[int]]:
    """The lines of a list, and the numbers of those that are none; OSError where there is no file."""
    found, bad = [], []
    for number, text in enumerate(path.read_bytes().splitlines(), 1):
        if not text.strip():
            continue
        try:
            found.append(_read(text))
        except (ValueError, KeyError, TypeError):
            bad.append(number)
    return found, bad


def _read(text: bytes) -> Line:
    one: dict[str, Any] = json.loads(text)
    line = Line(
        UUID(one["person"]), one["state"], datetime.fromisoformat(one["at"]), date.fromisoformat(one["due_on"])
    )
    if line.state not in ("restricted", "erased") or line.at.tzinfo is None:
        raise ValueError(line.state)
    return line


def replay(line: Line) -> bool:
    """Close and erase again whoever a line says, whatever this house says; whether it changed anything. Whoever was
    never here (registered after the backup) stays on the list: another backup may know her."""
    if session().scalar(select(Person.id).where(Person.id == line.person_id)) is None:
        closing.remember(line.person_id, line.state, line.at, line.due_on)
        return False
    return _again(line)


def _again(line: Line) -> bool:
    done = closing.restrict(line.person_id, how="replayed", at=line.at, due=line.due_on)
    if line.state == "erased":
        closed = session().get(Closing, line.person_id, populate_existing=True)
        done = (closed is not None and closing.erase(SYSTEM, line.person_id)) or done
    if done:
        audit.record(SYSTEM, "person.closed", "person", line.person_id, how="replayed", state=line.state)
    return done
