"""Which stored pictures a person may see."""

from dataclasses import dataclass

from sqlalchemy import select

from lms.courses.access import STUDIO
from lms.courses.models import Draft, DraftMedium, EditionMedium
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.organisations import queries as organisations


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture that this person may see."""

    sha: str
    mime: str
    public: bool


def picture(actor: Actor, sha: str) -> Picture:
    """A picture of a published edition, or of a draft in her place; NotFound otherwise."""
    mime = session().scalar(select(EditionMedium.mime).where(EditionMedium.sha == sha).limit(1))
    if mime is not None:
        return Picture(sha, mime, public=True)
    paths = actor.paths(*STUDIO)
    if paths:
        mime = session().scalar(
            select(DraftMedium.mime)
            .join(Draft, Draft.id == DraftMedium.draft_id)
            .where(DraftMedium.sha == sha, organisations.under(Draft.centre_path, paths))
            .limit(1)
        )
    return Picture(sha, require_found(mime), public=False)
