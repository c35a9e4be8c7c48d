"""Going a way: chosen by oneself, and left again."""

from sqlalchemy import delete

from lms.kernel import clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.pathways import queries
from lms.pathways.county import keeping
from lms.pathways.models import Following


def follow(actor: Actor, pathway_id: str) -> bool:
    """Go a way; False if she goes it already. Raises NotSignedIn, NotFound (no such way, or not open to her)."""
    pathway = queries.open_way(actor, pathway_id)
    values = {"person_id": actor.person_id, "pathway": pathway.id, "since": clock.today()}
    begun = insert_once(Following, values, on=("person_id", "pathway"))
    if begun:
        keeping.changed(require_found(actor.person_id))
    return begun


def stop(actor: Actor, pathway_id: str) -> bool:
    """Go it no longer; False if she did not. A way that is no longer open to her can still be left.
    Raises NotSignedIn, NotFound."""
    require_signed_in(actor)
    person_id = require_found(actor.person_id)
    gone = session().execute(
        delete(Following)
        .where(Following.person_id == person_id, Following.pathway == pathway_id)
        .returning(Following.pathway)
    )
    if gone.first() is not None:
        keeping.changed(person_id)
        return True
    queries.open_way(actor, pathway_id)
    return False
