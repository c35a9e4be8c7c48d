"""Which stored pictures, films, sounds and hand-outs a person may see."""

from dataclasses import dataclass

from sqlalchemy import select

from lms.courses.access import STUDIO
from lms.courses.models import Draft, DraftMedium, EditionMedium
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.organisations import queries as organisations


@dataclass(frozen=True, slots=True)
class Seen:
    """A stored file that this person may see; `name` is what she would save it as."""

    sha: str
    mime: str
    public: bool
    name: str = ""


def medium(actor: Actor, sha: str) -> Seen:
    """A file of a published edition, or of a draft in her place; NotFound otherwise."""
    row = session().execute(
        select(EditionMedium.mime, EditionMedium.name).where(EditionMedium.sha == sha).limit(1)
    ).one_or_none()
    if row is not None:
        return Seen(sha, row.mime, public=True, name=row.name.partition("/")[0])
    mime = None
    paths = actor.paths(*STUDIO)
    if paths:
        mime = session().scalar(
            select(DraftMedium.mime)
            .join(Draft, Draft.id == DraftMedium.draft_id)
            .where(DraftMedium.sha == sha, organisations.under(Draft.centre_path, paths))
            .limit(1)
        )
    return Seen(sha, require_found(mime), public=False)
