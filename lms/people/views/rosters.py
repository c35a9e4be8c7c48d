"""Many people by one table: /admin/rosters. Everybody sees the kinds that her roles allow, and her own batches."""

from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict, Headers

from lms.kernel import vault
from lms.kernel.access import require_found
from lms.kernel.actor import AUDITORS, Role
from lms.kernel.errors import Conflict, Invalid, TooLarge
from lms.kernel.paging import page_number
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell
from lms.people.batches import commands, working
from lms.people.batches.kinds import KINDS, offered
from lms.people.forms import BatchForm
from lms.people.views.blueprint import bp
from lms.sheets import blank

OFFICE = roles(Role.ADMINISTRATOR, Role.CENTRE_ADMIN, Role.TEACHER, *AUDITORS)
"""Whoever may hand in some kind of table; which, each kind says."""
MOST_BYTES = 20 * 1024**2
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/admin/rosters", who=OFFICE)
def rosters() -> ResponseReturnValue:
    return _page(BatchForm(request.args))


def _page(form: BatchForm) -> str:
    kinds = offered(current_actor())
    form.offer(kinds)
    page = commands.batches(current_actor(), page_number(request.args.get("page")))
    return render(
        "people/rosters.html", form=form, kinds=kinds, titles={name: kind.title for name, kind in KINDS.items()},
        page=page, stuck={one.id for one in page.items if commands.is_stuck(one)},
        most_rows=working.MOST_ROWS, most_mb=MOST_BYTES // 1024**2,
    )  # fmt: skip


@bp.get("/admin/rosters/<kind>/template.<ending>", who=OFFICE)
def roster_template(kind: str, ending: str) -> ResponseReturnValue:
    """An empty table of a kind, as XLSX or CSV."""
    found = require_found(offered(current_actor()).get(kind) if ending in ("xlsx", "csv") else None)
    if ending == "csv":
        return _download(f"xinglin-{kind}.csv", "text/csv; charset=utf-8", blank.csv_template(found.columns))
    return _download(f"xinglin-{kind}.xlsx", XLSX, blank.xlsx_template(found.columns))


@bp.post("/admin/rosters", who=OFFICE)
def rehearse_roster() -> ResponseReturnValue:
    form, file = BatchForm(CombinedMultiDict([request.files, request.form])), request.files.get("file")
    form.offer(offered(current_actor()))
    if file is not None and file.stream.seek(0, 2) > MOST_BYTES:
        raise TooLarge(msg("文件不超过 {size} MB。", size=MOST_BYTES // 1024**2))
    if form.validate():
        try:
            if file is None:
                raise Invalid(fields={"file": msg("请选一个文件。")})
            batch_id = commands.keep(current_actor(), form.kind.data or "", file.filename or "", file.stream)
        except Invalid as refusal:
            form.absorb(refusal)
        else:
            return see_other("people.roster_batch", batch_id=batch_id)
    return _page(form), 422


@bp.get("/admin/rosters/<uuid:batch_id>", who=OFFICE)
def roster_batch(batch_id: UUID) -> ResponseReturnValue:
    return _batch_page(batch_id)


def _batch_page(batch_id: UUID, refusal: Invalid | None = None) -> str:
    actor = current_actor()
    found = commands.mine(actor, batch_id)
    kind = KINDS[found.kind]
    return render(
        "people/roster_batch.html", b=found, kind=kind, told=working.told(found), refusal=refusal,
        undoable=commands.undoable(found), stuck=commands.is_stuck(found),
        marked="marked" in commands.files_of(found), most=working.MOST_TOLD,
        titles={column.name: column.title for column in kind.columns},
    )  # fmt: skip


@bp.get("/admin/rosters/<uuid:batch_id>/faults.xlsx", who=OFFICE)
def roster_faults(batch_id: UUID) -> ResponseReturnValue:
    """The table as it came, with what is wrong in it marked."""
    files = commands.files_of(commands.mine(current_actor(), batch_id))
    kept = require_found(files.get("marked"))
    body = b"".join(vault.reader(kept["stored"], kept["key"])())
    return _download("xinglin-faults.xlsx", XLSX, body)


@bp.post("/admin/rosters/<uuid:batch_id>/commit", who=OFFICE)
def commit_roster(batch_id: UUID) -> ResponseReturnValue:
    try:
        begun = commands.start(current_actor(), batch_id, request.form.get("digest", ""))
    except Invalid as refusal:
        return _batch_page(batch_id, refusal), 422
    if begun:
        tell(msg("开始办理了，进度在这一页。"))
    else:
        tell(msg("这一批已经开始过，没有重复办理。"), "wait")
    return see_other("people.roster_batch", batch_id=batch_id)


@bp.post("/admin/rosters/<uuid:batch_id>/undo/rehearse", who=OFFICE)
def rehearse_undo_roster(batch_id: UUID) -> ResponseReturnValue:
    """Say first which lines could not be taken back."""
    try:
        commands.rehearse_undo(current_actor(), batch_id)
    except Conflict as conflict:
        tell(conflict.message, "wait")
    return see_other("people.roster_batch", batch_id=batch_id)


@bp.post("/admin/rosters/<uuid:batch_id>/again", who=OFFICE)
def try_roster_again(batch_id: UUID) -> ResponseReturnValue:
    if commands.try_again(current_actor(), batch_id):
        tell(msg("又开始做了，进度在这一页。"))
    return see_other("people.roster_batch", batch_id=batch_id)


@bp.post("/admin/rosters/<uuid:batch_id>/undo", who=OFFICE)
def undo_roster(batch_id: UUID) -> ResponseReturnValue:
    try:
        begun = commands.undo(current_actor(), batch_id)
    except Conflict as conflict:
        tell(conflict.message, "wait")
    else:
        tell(msg("开始整批收回。") if begun else msg("这一批已经收回过。"))
    return see_other("people.roster_batch", batch_id=batch_id)


def _download(name: str, mimetype: str, body: bytes) -> Response:
    headers = Headers()
    headers.add("Content-Disposition", "attachment", filename=name)
    headers.add("Cache-Control", "private, no-store")
    return Response(body, mimetype=mimetype, headers=headers)
