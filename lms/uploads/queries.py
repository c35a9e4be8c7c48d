"""How far an upload has come. Another person's does not exist."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import NotFound
from lms.uploads.models import Upload


@dataclass(frozen=True)
class Standing:
    """An upload as its owner sees it; what is kept is known once its state is `ready` or `taken`."""

    id: UUID
    purpose: str
    name: str
    size: int
    received: int
    state: str
    sha: str
    chosen_sha: str
    mime: str | None
    stored_sha: str | None
    stored_size: int | None
    thumbnail_sha: str | None
    taken_for: str | None
    made_at: datetime


_COLUMNS = [Upload.__table__.c[name] for name in Standing.__dataclass_fields__]


def standing(actor: Actor, upload_id: UUID, *, lock: bool = False) -> Standing:
    """One upload of the actor's own; NotFound if it is not hers or no more. `lock` holds it until the
    unit of work ends."""
    statement = select(*_COLUMNS).where(Upload.id == upload_id, Upload.person_id == actor.person_id)
    row = session().execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound
    return Standing(**row._mapping)
