"""Packages out of the studio, and in: rehearsed first, then taken in once however often it is pressed."""

from uuid import UUID

from flask import Response, request, send_file
from flask.typing import ResponseReturnValue

from lms.courses import commands, exchange, studio
from lms.courses.access import STUDIO, WRITERS
from lms.courses.exchange import Parcel
from lms.courses.forms import UploadForm
from lms.courses.packages.checker import by_severity
from lms.courses.packages.problem import BadPackageError
from lms.courses.views.blueprint import bp
from lms.courses.views.studio import MOST_SECONDS, refused_upload, sent_package, tell_taken_in
from lms.courses.views.writing import made_with_form
from lms.kernel.errors import NotFound
from lms.kernel.i18n import locale
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import current_actor, render, roles, see_other, tell


def _sent(parcel: Parcel) -> Response:
    return send_file(parcel.file, mimetype="application/zip", as_attachment=True, download_name=parcel.name)


@bp.get("/studio/drafts/<uuid:draft_id>/package.zip", who=roles(*STUDIO))
def studio_draft_package(draft_id: UUID) -> ResponseReturnValue:
    return _sent(exchange.draft_parcel(current_actor(), draft_id))


@bp.get("/studio/courses/<slug>/editions/<int:number>/package.zip", who=roles(*STUDIO))
def studio_edition_package(slug: str, number: int) -> ResponseReturnValue:
    return _sent(exchange.edition_parcel(current_actor(), slug, number))


@bp.post("/studio/upload/rehearse", who=roles(*WRITERS), own_units=True, large=True)
def studio_rehearse() -> ResponseReturnValue:
    """What a package would bring. It is laid by, and nothing else is kept of it."""
    form, data = sent_package()
    if data is None:
        return refused_upload(form, ())
    draft_id = new_id()
    try:
        tree, report, brought = commands.checked(data, MOST_SECONDS)
        with unit_of_work(write=False):
            actor = current_actor()
            found = exchange.rehearse(actor, data, tree, report, brought, locale())
            exchange.lay_by(actor, draft_id, data)
            counts = by_severity(report.problems)
            centres = studio.centres(actor)
            return render(
                "studio/rehearsal.html", found=found, draft_id=draft_id, counts=counts, centres=centres
            )  # fmt: skip
    except BadPackageError as bad:
        return refused_upload(form, bad.problems)


@bp.post("/studio/upload/take", who=roles(*WRITERS), own_units=True)
def studio_take() -> ResponseReturnValue:
    """Take in what was rehearsed, all or nothing; pressed again it leads to the same draft."""
    draft_id = made_with_form(request.form.get("draft_id"))
    with unit_of_work(write=False):
        actor = current_actor()
        made = exchange.taken_already(actor, draft_id)
    if made:
        return see_other("courses.studio_draft", draft_id=made)
    try:
        data = exchange.laid_by(actor, draft_id)
    except NotFound:
        with unit_of_work(write=False):
            made = exchange.taken_already(actor, draft_id)  # by another press, since it was asked
        if made:
            return see_other("courses.studio_draft", draft_id=made)
        tell(msg("试看的课程包已经清掉了，请再上传一次。"), "back")
        return see_other("courses.studio_upload_page")
    try:
        with data:
            tree, report, brought = commands.checked(data, MOST_SECONDS)
        with unit_of_work():
            made = commands.take_in(actor, tree, report, brought, draft_id)
    except BadPackageError as bad:
        return refused_upload(UploadForm(sent=str(new_id())), bad.problems)
    exchange.drop(actor, draft_id)
    tell_taken_in(report)
    return see_other("courses.studio_draft", draft_id=made)
