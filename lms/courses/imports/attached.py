"""The files that a course gave out, judged as if each had been sent to the media page; lessons get their names.

What cannot be taken is told with its name and reason, and its line leaves the lesson.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path

from lms.courses.imports.brought import MOST_ATTACHED, Attached, Brought, Waiting, address_of, file_of, refuse
from lms.courses.media.accepting import Accepted, accept, accept_ready
from lms.courses.packages.recording import MediaFile
from lms.courses.packages.recording_files import stem
from lms.courses.writing.lessons import free_name, name_for_addresses
from lms.kernel.errors import Invalid
from lms.kernel.text import msg

Keep = Callable[[MediaFile, Path], None]
"""Told of each file that is taken, as long as its bytes lie there."""
MOST_NAME = 20
MOST_SECONDS = 20
"""For all files together: somebody waits for the page. A PDF usually takes a third of a second."""
LATE = msg("附件没有带来：太多，来不及一一检查。收成草稿以后，请在草稿的“媒体”页传。")
_LINE = re.compile(r"^!\[.*\]\((media/attached-[0-9]{21})\)$", re.MULTILINE)


def settle(brought: Brought, folder: Path, file: str, keep: Keep, *, later: bool) -> None:
    """Judge the attached files that lie in a folder; `later`: whether there will be somebody to make recordings
    smaller. Raises BadPackageError where nothing is left, TooMany when the house is busy with other files."""
    used = {stem(name) for name in brought.media}
    names: dict[str, str] = {}
    began = time.monotonic()
    for number, one in enumerate(brought.attached[:MOST_ATTACHED]):
        if time.monotonic() - began >= MOST_SECONDS:
            brought.losses.add(LATE, one.name)
            continue
        try:
            name = _taken(brought, one, folder / file_of(number), used, keep, later)
        except Invalid as refused:
            brought.losses.add(refused.message, one.name)
            continue
        used.add(stem(name))
        names[address_of(number)] = f"media/{name}"
    lessons = []
    for lesson in brought.lessons:
        body = _LINE.sub(lambda match: _renamed(match, names), lesson.body)
        body = re.sub(r"\n{3,}", "\n\n", body).lstrip("\n") if body != lesson.body else body
        if body.strip() or not lesson.body.strip():
            lessons.append(lesson.with_body(body))
    brought.lessons = lessons
    if not brought.lessons and not brought.items:
        raise refuse(msg("里面没有可以带来的课文和题目"), file)


def _renamed(match: re.Match[str], names: dict[str, str]) -> str:
    name = names.get(match[1])
    return match[0].replace(match[1], name) if name else ""


def _taken(brought: Brought, one: Attached, path: Path, used: set[str], keep: Keep, later: bool) -> str:
    """Judge a file and note what becomes of it; its name in lessons. Raises Invalid, TooMany."""
    found: Accepted = accept(path) if later else accept_ready(path)
    wanted = name_for_addresses(one.stem)[:MOST_NAME].strip("-") or f"{found.kind}-1"
    name = f"{free_name(wanted, used)}.{found.kind}"
    keep(found.file, found.path)
    if found.ready is None:
        brought.waiting.append(Waiting(name, found.file, one.name))
    else:
        brought.recordings.append(found.ready.named(name))
    return name
