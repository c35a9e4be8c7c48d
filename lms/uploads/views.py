"""The door of the phone's script; every answer says how far the file has come."""

from uuid import UUID

from flask import make_response, request
from flask.typing import ResponseReturnValue

from lms.kernel.errors import Invalid, TooLarge
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, FeatureBlueprint, current_actor
from lms.uploads import commands, queries, receiving
from lms.uploads.commands import Announced
from lms.uploads.queries import Standing
from lms.uploads.rules import CHUNK

bp = FeatureBlueprint("uploads", __name__)


@bp.post("/uploads", who=SIGNED_IN)
def begin() -> ResponseReturnValue:
    """Announce a file under an id the phone made; also when it was announced before."""
    said = Announced(
        purpose=request.form.get("purpose", ""),
        name=request.form.get("name", ""),
        size=_number(request.form.get("size", "")),
        sha=request.form.get("sha", ""),
        chosen_sha=request.form.get("chosen_sha", ""),
    )
    return _told(commands.begin(current_actor(), _id(request.form.get("id", "")), said))


@bp.get("/uploads/<uuid:upload_id>", who=SIGNED_IN)
def status(upload_id: UUID) -> ResponseReturnValue:
    """How far it has come; HEAD tells the same in its headers."""
    return _told(queries.standing(current_actor(), upload_id))


@bp.post("/uploads/<uuid:upload_id>/pieces/<int:offset>", who=SIGNED_IN, own_units=True)
def chunk(upload_id: UUID, offset: int) -> ResponseReturnValue:
    """One piece, as the whole body."""
    if (request.content_length or 0) > CHUNK:
        raise TooLarge
    data = request.stream.read(CHUNK + 1)
    received = receiving.keep_chunk(current_actor(), upload_id, offset, data)
    return {"received": received}, 200, {"Upload-Offset": str(received)}


@bp.post("/uploads/<uuid:upload_id>/finish", who=SIGNED_IN, own_units=True)
def finish(upload_id: UUID) -> ResponseReturnValue:
    """Everything is here: check and clean it."""
    return _told(receiving.finish(current_actor(), upload_id))


@bp.post("/uploads/<uuid:upload_id>/withdraw", who=SIGNED_IN)
def withdraw(upload_id: UUID) -> ResponseReturnValue:
    """She does not want to send it after all."""
    commands.withdraw(current_actor(), upload_id)
    return {"state": "withdrawn"}


def _told(found: Standing) -> ResponseReturnValue:
    response = make_response(
        {
            "id": str(found.id),
            "name": found.name,
            "state": found.state,
            "received": found.received,
            "size": found.size,
            "chunk": CHUNK,
        }
    )
    response.headers["Upload-Offset"] = str(found.received)
    response.headers["Upload-Length"] = str(found.size)
    response.headers["Cache-Control"] = "no-store"
    return response


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _incomplete() from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise _incomplete()
    return int(text)


def _incomplete() -> Invalid:
    return Invalid(msg("这次上传的说明不完整，什么也没有存。请重新打开这一页，再选一次文件。"))
