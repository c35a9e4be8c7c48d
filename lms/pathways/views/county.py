"""Where the people of a place stand, for auditors and administrators within their places: /reports/pathways."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue

from lms.credits.rules.grounds import CERTAINTY_WORDS
from lms.credits.views.answers import as_download
from lms.kernel.access import require_found
from lms.kernel.actor import AUDITORS, Role
from lms.kernel.paging import page_number
from lms.kernel.web import current_actor, render, roles
from lms.organisations.rules import NAMES
from lms.pathways import catalogue, facts, queries
from lms.pathways.county import queries as county
from lms.pathways.county.documents import export, heading, lacks, stage_word, why_word
from lms.pathways.county.models import NOT_SAID
from lms.pathways.county.queries import ANY, DONE, LICENCES, Chosen, Funnel
from lms.pathways.rules.pathway import VERIFIER_NAMES
from lms.pathways.rules.states import STATE_NAMES
from lms.pathways.rules.stopping import WHYS
from lms.pathways.views.blueprint import bp
from lms.people import queries as people

OFFICE = roles(*AUDITORS, Role.ADMINISTRATOR)
MOST_SIGNS = 60


@bp.get("/reports/pathways", who=OFFICE)
def county_places() -> ResponseReturnValue:
    """Her place; where she has several, their names to choose from."""
    actor = current_actor()
    tops = county.tops(actor)
    if len(tops) == 1:
        return _funnel(county.funnel(actor, tops[0], request.args.get("way", "")))
    return render("pathways/places.html", tops=tops, kinds=NAMES)


@bp.get("/reports/pathways/<uuid:organisation_id>", who=OFFICE)
def county_funnel(organisation_id: UUID) -> ResponseReturnValue:
    return _funnel(county.funnel(current_actor(), organisation_id, request.args.get("way", "")))


def _funnel(found: Funnel) -> str:
    return render(
        "pathways/funnel.html", f=found, done=DONE, any=ANY, licences=LICENCES, whys=(*WHYS, NOT_SAID),
        why_word=why_word,
    )  # fmt: skip


def _chosen(given: Mapping[str, str]) -> Chosen:
    """What the address or the form asks for; what it cannot ask for is left out."""
    steps = given.get("steps", "")
    return Chosen(
        stage=given.get("stage", "")[:40],
        lacks=given.get("lacks", "")[:8],
        lapsed=given.get("lapsed", "")[:8],
        failed=given.get("failed", "")[:8],
        stopped=given.get("stopped", "") if given.get("stopped", "") in (ANY, NOT_SAID, *WHYS) else "",
        steps=steps if steps in ("0", "1") else "",
        licence=given.get("licence", "") if given.get("licence", "") in LICENCES else "",
        here=given.get("here") == "1",
        text=given.get("q", "")[:MOST_SIGNS],
    )


def _kept(chosen: Chosen) -> dict[str, str]:
    """What is chosen, for addresses of the same people."""
    found = {
        "stage": chosen.stage, "lacks": chosen.lacks, "lapsed": chosen.lapsed, "failed": chosen.failed,
        "stopped": chosen.stopped, "steps": chosen.steps,
        "licence": chosen.licence, "here": "1" if chosen.here else "", "q": chosen.text,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


@bp.get("/reports/pathways/<uuid:organisation_id>/<way>/people", who=OFFICE)
def county_people(organisation_id: UUID, way: str) -> ResponseReturnValue:
    chosen = _chosen(request.args)
    found = county.listed(current_actor(), organisation_id, way, chosen, page_number(request.args.get("page")))
    return render(
        "pathways/people.html",
        r=found,
        kept=_kept(chosen),
        heading=heading,
        stage_word=stage_word,
        lacks=lacks,
        why_word=why_word,
    )


@bp.post("/reports/pathways/<uuid:organisation_id>/<way>/people", who=OFFICE)
def export_county_people(organisation_id: UUID, way: str) -> Response:
    """The same people as a file; what leaves the house is recorded, therefore not by a link."""
    return as_download(export(current_actor(), organisation_id, way, _chosen(request.form)))


@bp.get("/reports/pathways/people/<uuid:person_id>", who=OFFICE)
def county_person(person_id: UUID) -> ResponseReturnValue:
    """Somebody's duties and ways, line by line, as they are now."""
    rows = county.seen_person(current_actor(), person_id)
    card = require_found(people.person(person_id))
    known = facts.facts_about(person_id)
    hers = [(catalogue.known(row.pathway), row) for row in rows]
    ways = [one for one, row in hers if one is not None and not one.duty and not row.stopped_why]
    duties, standings = queries.standings(card, known, ways)
    return render(
        "pathways/person.html",
        card=card,
        standings=(*duties, *standings),
        stopped=[(one, row) for one, row in hers if one is not None and row.stopped_why],
        why_word=why_word,
        states=STATE_NAMES,
        verifiers=VERIFIER_NAMES,
        certainties=CERTAINTY_WORDS,
    )
