"""What she keeps up, and the ways she may go."""

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits.rules.grounds import CERTAINTY_WORDS
from lms.kernel import clock
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell
from lms.pathways import following, queries
from lms.pathways.rules.clocks import words
from lms.pathways.rules.modules import UNIT_NAMES
from lms.pathways.rules.pathway import CLOCK_NAMES, VERIFIER_NAMES
from lms.pathways.rules.records import Kind
from lms.pathways.rules.states import STATE_NAMES
from lms.pathways.rules.stopping import WHY_NAMES
from lms.pathways.views.blueprint import bp
from lms.pathways.views.links import links, new_record
from lms.teaching import queries as teaching

WORDS = {
    "states": STATE_NAMES,
    "verifiers": VERIFIER_NAMES,
    "certainties": CERTAINTY_WORDS,
    "clock_names": CLOCK_NAMES,
    "units": UNIT_NAMES,
    "clock_words": words,
    "links": links,
}


@bp.get("/pathways", who=SIGNED_IN)
def pathways() -> ResponseReturnValue:
    """What she keeps up, until when, and which ways lead on."""
    return render("pathways/pathways.html", page=queries.overview(current_actor()), **WORDS)


@bp.get("/pathways/<pathway_id>", who=SIGNED_IN)
def pathway(pathway_id: str) -> ResponseReturnValue:
    """One way, stage by stage."""
    page = queries.way(current_actor(), pathway_id)
    printed = clock.local(clock.now())
    exempt = {
        one.code: new_record(Kind.EXEMPTION, programme=pathway_id, module=one.code)
        for one in page.standing.pathway.modules
        if one.exemptible
    }
    practice = teaching.desk(current_actor()) if page.standing.pathway.modules else None
    return render(
        "pathways/pathway.html", page=page, printed=printed, exempt=exempt, practice=practice, whys=WHY_NAMES, **WORDS
    )


@bp.post("/pathways/<pathway_id>/follow", who=SIGNED_IN)
def follow(pathway_id: str) -> ResponseReturnValue:
    """Go this way. A second press changes nothing."""
    following.follow(current_actor(), pathway_id)
    tell(msg("记下了：您走这条路。要什么、下一步做什么，都在这一页。"))
    return see_other("pathways.pathway", pathway_id=pathway_id)


@bp.post("/pathways/<pathway_id>/stop", who=SIGNED_IN)
def stop(pathway_id: str) -> ResponseReturnValue:
    """Go it no longer; what was handed in stays."""
    following.stop(current_actor(), pathway_id, request.form.get("why", ""))
    tell(msg("记下了：这条路先不走了。交过的材料都还在。"))
    return see_other("pathways.pathways")
