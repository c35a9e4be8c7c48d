"""Begin, withdraw, take: what happens to an upload in one unit of work. Pieces and cleaning: `receiving`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from lms.kernel import clock, files, outbox
from lms.kernel.access import require
from lms.kernel.actor import Actor
from lms.kernel.cleaning.kinds import MB, Purpose
from lms.kernel.cleaning.refusals import refusal
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Gone, Invalid, NotFound, TooMany
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.uploads import queries
from lms.uploads.models import Upload
from lms.uploads.queries import Standing
from lms.uploads.rules import KEPT, PURPOSES, SLOTS, is_sha, shown_name

TIDY = "uploads.tidy"


@dataclass(frozen=True)
class Announced:
    """What a phone says of a file before it sends it."""

    purpose: str
    name: str
    size: int
    sha: str
    chosen_sha: str


@dataclass(frozen=True)
class Taken:
    """A cleaned file that now belongs to a thing of the feature that took it."""

    upload_id: UUID
    name: str
    mime: str
    size: int
    sha: str
    thumbnail_sha: str | None
    arrived_sha: str
    chosen_sha: str
    arrived_at: datetime


def begin(actor: Actor, upload_id: UUID, said: Announced) -> Standing:
    """Make room for a file, or say how far it has come if it was begun before.

    Raises Invalid for what is too large or no file, TooMany when the person has too many on their way,
    Conflict when the id stands for another file, NotFound when it stands for another person's.
    """
    require(actor.signed_in)
    purpose = checked(said)
    known = session().execute(
        select(Upload.person_id, Upload.sha, Upload.size, Upload.purpose).where(Upload.id == upload_id)
    ).one_or_none()
    if known is None:
        _insert(actor, upload_id, said)
    elif known.person_id != actor.person_id:
        raise NotFound
    elif (known.sha, known.size, known.purpose) != (said.sha, said.size, purpose.name):
        raise Conflict(msg("这次上传已经用在另一个文件上了。请重新选一次文件。"))
    return queries.standing(actor, upload_id)


def checked(said: Announced) -> Purpose:
    """The purpose of a file that may be sent; raises Invalid."""
    purpose = PURPOSES.get(said.purpose)
    if purpose is None or not is_sha(said.sha) or not is_sha(said.chosen_sha) or said.size < 0:
        raise Invalid(msg("这次上传的说明不完整，什么也没有存。请重新打开这一页，再选一次文件。"))
    if said.size == 0:
        raise Invalid(refusal("empty"))
    if said.size > purpose.most:
        raise Invalid(refusal("large", {"size": f"{said.size / MB:.1f}", "most": purpose.most // MB}))
    return purpose


def _insert(actor: Actor, upload_id: UUID, said: Announced) -> None:
    """Take the first free slot; the database keeps two requests from taking the same."""
    now = clock.now()
    used = set(session().scalars(select(Upload.slot).where(Upload.person_id == actor.person_id)))
    values = {
        "id": upload_id,
        "person_id": actor.person_id,
        "purpose": said.purpose,
        "name": shown_name(said.name),
        "size": said.size,
        "received": 0,
        "sha": said.sha,
        "chosen_sha": said.chosen_sha,
        "state": "open",
        "made_at": now,
        "expires_at": now + KEPT,
    }
    for slot in (slot for slot in range(SLOTS) if slot not in used):
        try:
            with session().begin_nested():
                if insert_once(Upload, {**values, "slot": slot}, on=["person_id", "slot"]):
                    return
        except IntegrityError:
            # The same id at the same moment, from another tab; what it made is seen next time.
            raise Conflict(msg("同一个文件正在另一页上传。请过几秒钟再试。")) from None
    raise TooMany(
        msg("您有 {count} 个文件还没有用上。请先把它们提交，或者删掉几个，再传新的。", count=SLOTS)
    )


def withdraw(actor: Actor, upload_id: UUID) -> None:
    """Forget an upload that no thing has taken; NotFound if there is none of hers, Conflict if taken."""
    found = queries.standing(actor, upload_id, lock=True)
    if found.state == "taken":
        raise Conflict(msg("这个文件已经用上了，不能在这里删。"))
    remove(upload_id)


def give_up(upload_id: UUID) -> None:
    """Delete an upload that turned out to be of no use, unless it was taken in the meantime."""
    taken = session().scalar(select(Upload.state).where(Upload.id == upload_id).with_for_update()) == "taken"
    if not taken:
        remove(upload_id)


def remove(upload_id: UUID) -> None:
    """Delete a row and, after the commit, what lies in the storage for it."""
    session().execute(delete(Upload).where(Upload.id == upload_id))
    outbox.send(TIDY, key=f"{TIDY}:{upload_id}:{new_id()}", upload_id=str(upload_id))


def take(actor: Actor, upload_id: UUID, purpose: Purpose, thing: str) -> Taken:
    """Keep a cleaned file for good, for one thing ("claim:<id>"); taking it twice for that is once.

    Raises NotFound if it is not hers or of another purpose, Conflict if it is not whole yet or belongs
    to another thing, Gone if what was received is no more (a house put back from a backup).
    """
    found = queries.standing(actor, upload_id, lock=True)
    if found.purpose != purpose.name:
        raise NotFound
    if found.state == "open":
        raise Conflict(msg("“{name}”还没有传完。请等它传完，再提交。", name=found.name))
    if found.taken_for not in (None, thing):
        raise Conflict(msg("“{name}”已经用在别处了。请重新选一次文件。", name=found.name))
    if found.state == "ready":
        _keep(found)
        session().execute(
            update(Upload).where(Upload.id == upload_id).values(state="taken", taken_for=thing, slot=None)
        )
        outbox.send(TIDY, key=f"{TIDY}:{upload_id}:{new_id()}", upload_id=str(upload_id))
    return _taken(found)


def _keep(found: Standing) -> None:
    parts = [("file", found.stored_sha)] + ([("thumbnail", found.thumbnail_sha)] if found.thumbnail_sha else [])
    try:
        for part, sha in parts:
            with files.open_part(found.id, part) as source:
                if files.store_stream(source) != sha:
                    raise FileNotFoundError(part)
    except FileNotFoundError:
        raise Gone(msg("“{name}”没有保存好。请删掉它，再传一次。", name=found.name)) from None


def _taken(found: Standing) -> Taken:
    assert found.mime
    assert found.stored_sha
    assert found.stored_size
    return Taken(
        upload_id=found.id,
        name=found.name,
        mime=found.mime,
        size=found.stored_size,
        sha=found.stored_sha,
        thumbnail_sha=found.thumbnail_sha,
        arrived_sha=found.sha,
        chosen_sha=found.chosen_sha,
        arrived_at=found.made_at,
    )
