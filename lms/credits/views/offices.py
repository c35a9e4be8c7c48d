"""A doctor's statement and transcript for her unit: her administrators and the auditors of her area.

A file is asked for by a form and recorded: what leaves the house is a deed, and a GET writes nothing.
"""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits import exports
from lms.credits.forms import ExportForm, as_year, given
from lms.credits.views.answers import as_download
from lms.credits.views.blueprint import bp
from lms.credits.views.learner import statement_page, transcript_page
from lms.kernel import clock
from lms.kernel.actor import AUDITORS, Role
from lms.kernel.web import current_actor, roles

OFFICE = roles(*AUDITORS, Role.ADMINISTRATOR)


@bp.get("/audit/people/<uuid:person_id>/credits", who=OFFICE)
def person_statement(person_id: UUID) -> ResponseReturnValue:
    year = as_year(request.args.get("year"), clock.today())
    return statement_page(exports.statement_for(current_actor(), person_id, year), office=True)


@bp.get("/audit/people/<uuid:person_id>/transcript", who=OFFICE)
def person_transcript(person_id: UUID) -> ResponseReturnValue:
    return transcript_page(exports.transcript_for(current_actor(), person_id), office=True)


@bp.post("/audit/people/<uuid:person_id>/files", who=OFFICE)
def export_person(person_id: UUID) -> ResponseReturnValue:
    form, actor = ExportForm(request.form), current_actor()
    if not form.validate():
        page = transcript_page(exports.transcript_for(actor, person_id), office=True, form=form)
        return page, 422
    year = int(form.year.data) if form.year.data else None
    return as_download(exports.export(actor, person_id, year=year, ending=given(form.ending.data)))
