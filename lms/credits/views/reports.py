"""Who has enough and who has not, for auditors and administrators within their places: /reports/compliance."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits import queries
from lms.credits.compliance import queries as compliance
from lms.credits.compliance.queries import COMPLIANCE_WORDS, Filters, Overview
from lms.credits.forms import ResultForm, as_year
from lms.credits.rules.policy import CERTAINTY_WORDS
from lms.credits.rules.words import KIND_WORDS
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.actor import AUDITORS, Role
from lms.kernel.paging import page_number
from lms.kernel.web import current_actor, render, roles
from lms.organisations.rules import NAMES

OFFICE = roles(*AUDITORS, Role.ADMINISTRATOR)


def _year() -> int:
    return as_year(request.args.get("year"), clock.today())


@bp.get("/reports/compliance", who=OFFICE)
def compliance_areas() -> ResponseReturnValue:
    """Her place; where she has several, their names to choose from."""
    actor = current_actor()
    tops = compliance.tops(actor)
    if len(tops) == 1:
        return _overview(compliance.overview_of(actor, tops[0], _year()))
    return render("reports/areas.html", tops=tops, kinds=NAMES)


@bp.get("/reports/compliance/<uuid:organisation_id>", who=OFFICE)
def compliance_overview(organisation_id: UUID) -> ResponseReturnValue:
    return _overview(compliance.overview(current_actor(), organisation_id, _year()))


def _overview(found: Overview) -> str:
    return render("reports/overview.html", o=found, kinds=NAMES, words=COMPLIANCE_WORDS)


@bp.get("/reports/compliance/<uuid:organisation_id>/people", who=OFFICE)
def compliance_people(organisation_id: UUID) -> ResponseReturnValue:
    form = ResultForm(request.args)
    if not form.validate():
        form.q.data = (form.q.data or "")[:60]
    state = request.args.get("state", "")
    filters = Filters(
        state=state if state in COMPLIANCE_WORDS else "",
        text=form.q.data or "",
        here=request.args.get("here") == "1",
    )
    number = page_number(request.args.get("page"))
    found = compliance.roster(current_actor(), organisation_id, _year(), filters, number)
    return render("reports/people.html", r=found, form=form, words=COMPLIANCE_WORDS, kept=_kept(filters, found.year))


def _kept(filters: Filters, year: int) -> dict[str, str]:
    """What is set, for addresses of the same list."""
    found = {"year": str(year), "q": filters.text, "here": "1" if filters.here else ""}
    return {name: value for name, value in found.items() if value}


@bp.get("/reports/compliance/people/<uuid:person_id>", who=OFFICE)
def compliance_person(person_id: UUID) -> ResponseReturnValue:
    """Why: what the year requires, what counts, what lacks, and each line that does not count."""
    year = _year()
    filed = compliance.filed(current_actor(), person_id, year)
    return render(
        "reports/person.html",
        s=queries.statement(person_id, year),
        filed=filed,
        kinds=KIND_WORDS,
        certainties=CERTAINTY_WORDS,
        words=COMPLIANCE_WORDS,
    )
