"""`/` for everybody, `/today` for whoever is signed in."""

from flask.typing import ResponseReturnValue

from lms.home import queries
from lms.kernel import clock
from lms.kernel.ids import new_id
from lms.kernel.web import ANYBODY, SIGNED_IN, FeatureBlueprint, current_actor, render
from lms.pathways.rules.clocks import words
from lms.pathways.rules.judging import PathwayStanding
from lms.pathways.rules.pathway import CLOCK_NAMES
from lms.pathways.views.links import links

bp = FeatureBlueprint("home", __name__)


@bp.get("/", who=ANYBODY)
def welcome() -> ResponseReturnValue:
    """What this is, where to sign in, what is taught."""
    return render("home/welcome.html", courses=queries.newest_courses())


@bp.get("/today", who=SIGNED_IN)
def today() -> ResponseReturnValue:
    """What do I still lack this year, by when, and which courses fix it."""
    page = queries.today(current_actor())
    reply_ids = {one.id: new_id() for one in page.returned}
    told = {"clock_names": CLOCK_NAMES, "clock_words": words}
    return render("home/today.html", page=page, reply_ids=reply_ids, door=door, **told)


def door(one: PathwayStanding) -> str:
    """Where the next step of a way is worked at, else the way itself."""
    found = links(one.first, one.pathway.id, clock.today()) if one.first and not one.pathway.modules else ()
    return found[0].address if found else f"/pathways/{one.pathway.id}"
