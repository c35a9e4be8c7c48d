"""Who is at a lesson now: noted with every save and by a slow call of the page, told to the others, soon forgotten."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from lms.courses.access import require_writer
from lms.courses.models import Draft
from lms.courses.packages.lesson_files import FILE
from lms.courses.writing.files import EDITABLE
from lms.courses.writing.models import DraftPresence
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session

HERE_FOR = timedelta(seconds=80)
"""Three calls of a page (writer.js): one may get lost."""
FORGOTTEN = timedelta(minutes=10)


def place_of(path: str) -> str:
    """What two people share who are at the same lesson, whichever language; any other file by its path."""
    match = FILE.fullmatch(path)
    return match["slug"] if match else path


def note(actor: Actor, draft_id: UUID, place: str) -> None:
    """She is at this place now; nothing is noted of a draft that is not written any more.

    Raises NotFound, NotAllowed.
    """
    draft = require_found(session().get(Draft, draft_id))
    require_writer(actor, draft.centre_path)
    if draft.state not in EDITABLE:
        return
    here = {"draft_id": draft_id, "place": place, "person_id": require_found(actor.person_id), "at": clock.now()}
    if not insert_once(DraftPresence, here, ["draft_id", "place", "person_id"]):
        session().execute(
            update(DraftPresence)
            .where(
                DraftPresence.draft_id == draft_id,
                DraftPresence.place == place,
                DraftPresence.person_id == actor.person_id,
            )
            .values(at=here["at"])
            .execution_options(synchronize_session=False)
        )


def others(actor: Actor, draft_id: UUID, place: str) -> list[UUID]:
    """Who else is at this place, who came last first."""
    return list(
        session().scalars(
            select(DraftPresence.person_id)
            .where(
                DraftPresence.draft_id == draft_id,
                DraftPresence.place == place,
                DraftPresence.person_id != actor.person_id,
                DraftPresence.at >= clock.now() - HERE_FOR,
            )
            .order_by(DraftPresence.at.desc(), DraftPresence.person_id)
        )
    )


def forget_old() -> None:
    """Nobody asks who was here: rows go within the hour, by the clock."""
    session().execute(
        delete(DraftPresence)
        .where(DraftPresence.at < clock.now() - FORGOTTEN)
        .execution_options(synchronize_session=False)
    )
