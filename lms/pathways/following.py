"""Going a way: chosen by oneself, and left again."""

from sqlalchemy import update

from lms.kernel import clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Invalid
from lms.kernel.text import msg
from lms.pathways import queries
from lms.pathways.county import keeping
from lms.pathways.models import Following
from lms.pathways.rules.stopping import WHYS


def follow(actor: Actor, pathway_id: str) -> bool:
    """Go a way; False if she goes it already. Who had stopped goes it anew, from today: nothing is left of that.
    Raises NotSignedIn, NotFound (no such way, or not open to her)."""
    pathway = queries.open_way(actor, pathway_id)
    values = {"person_id": actor.person_id, "pathway": pathway.id, "since": clock.today()}
    begun = insert_once(Following, values, on=("person_id", "pathway"))
    if not begun:
        again = session().execute(
            update(Following)
            .where(
                Following.person_id == actor.person_id, Following.pathway == pathway.id,
                Following.stopped_on.is_not(None),
            )
            .values(since=clock.today(), stopped_on=None, stopped_why=None)
            .returning(Following.pathway)
        )  # fmt: skip
        begun = again.first() is not None
    if begun:
        keeping.changed(require_found(actor.person_id))
    return begun


def stop(actor: Actor, pathway_id: str, why: str = "") -> bool:
    """Go it no longer; False if she did not. That she stopped, the day and, where she says it, why (one of WHYS) stay
    on record for her county. A way that is no longer open to her can still be left.
    Raises NotSignedIn, NotFound, Invalid (`why`)."""
    require_signed_in(actor)
    person_id = require_found(actor.person_id)
    if why and why not in WHYS:
        raise Invalid(fields={"why": msg("请从列出的几项里选一项。")})
    gone = session().execute(
        update(Following)
        .where(
            Following.person_id == person_id, Following.pathway == pathway_id, Following.stopped_on.is_(None)
        )
        .values(stopped_on=clock.today(), stopped_why=why or None)
        .returning(Following.pathway)
    )
    if gone.first() is not None:
        keeping.changed(person_id)
        return True
    queries.open_way(actor, pathway_id)
    return False
