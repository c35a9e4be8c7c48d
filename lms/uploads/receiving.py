"""Receiving the bytes and making them clean: slow work, outside of any unit of work but its short own ones.

A writer that waits for a disk or a child process would keep all other writers of SQLite waiting.
"""

import io
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from flask import current_app
from sqlalchemy import update

from lms.kernel import files
from lms.kernel.actor import Actor
from lms.kernel.cleaning.cleaner import Cleaned, clean
from lms.kernel.cleaning.kinds import Purpose
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.uploads import commands, queries
from lms.uploads.commands import Announced
from lms.uploads.models import Upload
from lms.uploads.queries import Standing
from lms.uploads.rules import CHUNK, PURPOSES, offsets, piece_length, piece_name

FILE, THUMBNAIL = "file", "thumbnail"


def keep_chunk(actor: Actor, upload_id: UUID, offset: int, data: bytes) -> int:
    """Keep a piece and say how much there is now; it is on disk before this returns.

    A piece that is there already changes nothing. Raises NotFound, Conflict for a piece that comes too
    early, Invalid for one that does not fit.
    """
    found = _standing(actor, upload_id)
    if found.state != "open" or offset < found.received:
        return found.received
    length = piece_length(found.size, offset)
    if length is None or len(data) != length:
        raise Invalid(msg("这一段和文件对不上，没有收下。"))
    if offset > found.received:
        raise Conflict(msg("前面还有一段没有收到。"))
    files.keep_part(upload_id, piece_name(offset), io.BytesIO(data))
    _reached(upload_id, offset, offset + length)
    return _standing(actor, upload_id).received


def finish(actor: Actor, upload_id: UUID) -> Standing:
    """Check, clean and keep ready what was received; doing it again changes nothing.

    Raises Conflict when something is still missing, Invalid with what is wrong with the file (the upload
    is over then), TooMany when the house is busy (it is not).
    """
    found = _standing(actor, upload_id)
    if found.state != "open":
        return found
    if found.received < found.size:
        raise Conflict(msg("“{name}”还没有传完。", name=found.name))
    with tempfile.TemporaryDirectory(dir=work_folder(), prefix=f"{upload_id}-") as folder:
        source, made = Path(folder) / "source", Path(folder) / "made"
        made.mkdir()
        _put_together(found, source)
        try:
            _same(found, source)
            cleaned = clean(source, made, PURPOSES[found.purpose])
        except Invalid:
            with unit_of_work():
                commands.remove(upload_id)
            raise
        _ready(found, cleaned)
    return _standing(actor, upload_id)


def receive(actor: Actor, purpose: Purpose, name: str, source: BinaryIO) -> UUID:
    """Take a whole file from a form that was sent without a script; its upload, ready to be taken.

    Raises what `begin` and `finish` raise; then nothing of it stays.
    """
    sha = files.digest(source)
    said = Announced(purpose.name, name, source.tell(), sha, sha)
    upload_id = new_id()
    with unit_of_work():
        commands.begin(actor, upload_id, said)
    try:
        source.seek(0)
        for offset in offsets(said.size):
            files.keep_part(upload_id, piece_name(offset), io.BytesIO(source.read(CHUNK)))
        _reached(upload_id, 0, said.size)
        finish(actor, upload_id)
    except Exception:
        with unit_of_work():
            commands.remove(upload_id)
        raise
    return upload_id


def work_folder() -> Path:
    """Where files are put together and cleaned; on this machine, whatever the storage."""
    data: Path = current_app.extensions["xinglin.settings"].data
    folder = data.resolve() / "work"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _standing(actor: Actor, upload_id: UUID) -> Standing:
    with unit_of_work(write=False):
        return queries.standing(actor, upload_id)


def _reached(upload_id: UUID, before: int, now: int) -> None:
    with unit_of_work():
        session().execute(
            update(Upload)
            .where(Upload.id == upload_id, Upload.state == "open", Upload.received == before)
            .values(received=now)
        )


def _put_together(found: Standing, target: Path) -> None:
    """Write the pieces one after the other. One that is gone (a house put back from a backup) has to be
    sent again: Conflict, and the upload knows from where."""
    with target.open("wb") as whole:
        for offset in offsets(found.size):
            try:
                with files.open_part(found.id, piece_name(offset)) as piece:
                    shutil.copyfileobj(piece, whole, files.BLOCK)
            except FileNotFoundError:
                _reached(found.id, found.size, offset)
                raise Conflict(msg("有一段要再传一次。")) from None


def _same(found: Standing, source: Path) -> None:
    """Refuse what is not what the phone announced."""
    with source.open("rb") as file:
        if files.digest(file) != found.sha or source.stat().st_size != found.size:
            raise Invalid(msg("收到的内容和手机上的不一样，没有收下。请再选一次文件。"))


def _ready(found: Standing, cleaned: Cleaned) -> None:
    """Keep what was made, then say so; two tabs that do it at once make the same."""
    values: dict[str, object] = {"state": "ready", "mime": cleaned.mime, "thumbnail_sha": None}
    values["stored_size"] = cleaned.path.stat().st_size
    with cleaned.path.open("rb") as made:
        values["stored_sha"] = files.digest(made)
        files.keep_part(found.id, FILE, made)
    if cleaned.thumbnail:
        with cleaned.thumbnail.open("rb") as small:
            values["thumbnail_sha"] = files.digest(small)
            files.keep_part(found.id, THUMBNAIL, small)
    with unit_of_work():
        session().execute(update(Upload).where(Upload.id == found.id, Upload.state == "open").values(**values))
