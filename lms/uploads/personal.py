"""What uploads keeps of a person (kernel.personal)."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, update

from lms.kernel.db import session
from lms.kernel.personal import Keeper, OwnFile, Told
from lms.uploads.commands import remove
from lms.uploads.models import Upload

TOLD = {"upload": Told("传过的文件 Files you sent", left_out=("slot",))}


def _files(person_id: UUID) -> Iterable[OwnFile]:
    """None: what was taken for something is told there, what was not is gone in days."""
    return ()


def _close(person_id: UUID) -> None:
    """What nothing has taken goes now."""
    for one in session().scalars(select(Upload.id).where(Upload.person_id == person_id, Upload.state != "taken")).all():
        remove(one)


def _erase(person_id: UUID) -> None:
    session().execute(update(Upload).where(Upload.person_id == person_id).values(name=""))


KEEPER = Keeper(told=TOLD, withheld={}, files=_files, close=_close, erase=_erase)
