"""A person's own pages of records: all of them, a new one, one with its course, papers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue

from lms.credits.forms import as_uuid, as_version
from lms.kernel.access import require_found
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.errors import Conflict, DomainError, Invalid
from lms.kernel.ids import new_id
from lms.kernel.serving import file_response
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell
from lms.pathways.records import handing_in, queries
from lms.pathways.records.access import visible_file
from lms.pathways.records.checking import programmes
from lms.pathways.records.forms import RecordForm, filled, form_of, told_by
from lms.pathways.records.handing_in import Papers
from lms.pathways.records.queries import OwnRecord
from lms.pathways.rules.records import Kind
from lms.pathways.rules.schema import SCHEMAS
from lms.pathways.views.blueprint import bp
from lms.pathways.views.showing import modules_of, words
from lms.uploads.forms import sent_uploads
from lms.uploads.queries import Standing, standing


@bp.get("/pathways/records", who=SIGNED_IN)
def records() -> ResponseReturnValue:
    return render("pathways/records.html", v=queries.own_records(current_actor()), **words())


@bp.get("/pathways/records/new", who=SIGNED_IN)
def new_record() -> ResponseReturnValue:
    named = request.args.get("kind", "")
    if not named:
        card = queries.own_card(current_actor())
        return render("pathways/record_kinds.html", offered=queries.offered(card), **words())
    kind = kind_of(named)
    data = {"record_id": str(new_id()), "kind": kind, "programme": request.args.get("programme", ""),
            "module": request.args.get("module", "")}  # fmt: skip
    return _new_page(kind, data=data)


def kind_of(named: str | None) -> Kind:
    """A kind that people hand in themselves; NotFound for anything else."""
    found = next((kind for kind in SCHEMAS if kind == named and SCHEMAS[kind].own), None)
    return require_found(found)


def _new_page(
    kind: Kind,
    *,
    data: Mapping[str, Any] | None = None,
    form: RecordForm | None = None,
    kept: tuple[Standing, ...] = (),
) -> str:
    card = queries.own_card(current_actor())
    programme = queries.chosen_programme(kind, card, str((data or request.form).get("programme", "")))
    if programme is None and "programme" in form_of(kind)().data:
        choices = programmes(kind, card)
        return render("pathways/record_programmes.html", kind=kind, programmes=choices, **words())
    form = form or form_of(kind, modules_of(programme))(data=dict(data or {}))
    if programme is not None:
        form["programme"].data = programme.id
    return render(
        "pathways/record_new.html", form=form, kind=kind, programme=programme, kept=kept, **words()
    )  # fmt: skip


@bp.post("/pathways/records", who=SIGNED_IN, own_units=True)
def hand_in_record() -> ResponseReturnValue:
    kind = kind_of(request.form.get("kind"))
    form = _sent(kind)
    record_id = as_uuid(form.record_id.data) or new_id()
    uploads: list[UUID] = []
    if form.validate():
        try:
            uploads = sent_uploads(current_actor(), "papers", EVIDENCE)
            with unit_of_work():
                made = handing_in.hand_in(
                    current_actor(), record_id, told_by(form, kind), Papers(uploads), true=_true(form)
                )
        except Invalid as refusal:
            form.absorb(refusal)
            if isinstance(refusal, handing_in.SentOtherwise):
                form["record_id"].data = str(new_id())
        else:
            tell(msg("已经交上去，等核实。") if made else msg("这一份刚才已经交上去了。"))
            return see_other("pathways.record", record_id=record_id)
    with unit_of_work(write=False):
        kept = _kept(uploads or _named())
        return _new_page(kind, form=form, kept=kept), 422


def _sent(kind: Kind) -> RecordForm:
    """The form that came, with the modules of its programme."""
    with unit_of_work(write=False):
        card = queries.own_card(current_actor())
        programme = queries.chosen_programme(kind, card, request.form.get("programme", ""))
        return form_of(kind, modules_of(programme))(request.form)


def _true(form: RecordForm) -> bool:
    return bool(form["truth"].data)


def _named() -> list[UUID]:
    return [one for one in map(as_uuid, request.form.getlist("papers_upload")) if one is not None]


def _kept(uploads: list[UUID]) -> tuple[Standing, ...]:
    """What has arrived already and goes with the form when it is sent again; also what she handed in with it before
    she came back."""
    found, before = [], f"record:{request.form.get('record_id', '')}"
    for one in uploads:
        try:
            there = standing(current_actor(), one)
        except DomainError:
            continue
        if there.state == "ready" or there.taken_for == before:
            found.append(there)
    return tuple(found)


@bp.get("/pathways/records/<uuid:record_id>", who=SIGNED_IN)
def record(record_id: UUID) -> ResponseReturnValue:
    return _record_page(queries.record_view(current_actor(), record_id))


@bp.post("/pathways/records/<uuid:record_id>", who=SIGNED_IN, own_units=True)
def hand_in_record_again(record_id: UUID) -> ResponseReturnValue:
    with unit_of_work(write=False):
        kind = queries.record_view(current_actor(), record_id).kind
    form, conflict, status = _sent(kind), None, 422
    uploads: list[UUID] = []
    if form.validate():
        try:
            uploads = sent_uploads(current_actor(), "papers", EVIDENCE)
            gone = [one for one in map(as_uuid, request.form.getlist("gone")) if one is not None]
            with unit_of_work():
                handing_in.hand_in_again(
                    current_actor(), record_id, told_by(form, kind), Papers(uploads, gone),
                    version=as_version(form.version.data), true=_true(form),
                )  # fmt: skip
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as found:
            conflict, status = found, found.status
        else:
            tell(msg("已经交上去，等核实。"))
            return see_other("pathways.record", record_id=record_id)
    with unit_of_work(write=False):
        kept = _kept(uploads or _named())
        view = queries.record_view(current_actor(), record_id)
        return _record_page(view, form, conflict, kept), status


@bp.post("/pathways/records/<uuid:record_id>/withdraw", who=SIGNED_IN)
def withdraw_record(record_id: UUID) -> ResponseReturnValue:
    try:
        handing_in.withdraw(current_actor(), record_id, version=as_version(request.form.get("version")))
    except Conflict as conflict:
        view = queries.record_view(current_actor(), record_id)
        return _record_page(view, conflict=conflict), conflict.status
    tell(msg("已撤回。没有人会再看到这一份。"))
    return see_other("pathways.records")


@bp.get("/pathways/records/<uuid:record_id>/papers/<uuid:file_id>", who=SIGNED_IN)
def record_paper(record_id: UUID, file_id: UUID) -> Response:
    file = visible_file(current_actor(), record_id, file_id)
    return file_response(file.sha, file.mime, file.name)


@bp.get("/pathways/records/<uuid:record_id>/papers/<uuid:file_id>/small", who=SIGNED_IN)
def record_paper_small(record_id: UUID, file_id: UUID) -> Response:
    file = visible_file(current_actor(), record_id, file_id)
    return file_response(require_found(file.thumbnail_sha), "image/jpeg", file.name)


def _record_page(
    view: OwnRecord,
    sent: RecordForm | None = None,
    conflict: Conflict | None = None,
    kept: tuple[Standing, ...] = (),
) -> str:
    """`sent`: what she had filled in; shown to be corrected, or, where that is over, as what was not kept."""
    record, form = view.record, None
    if view.may_correct:
        programme = queries.chosen_programme(view.kind, view.card, record.fields.get("programme", ""))
        data = filled(view.kind, record.on_date, record.until, record.fields)
        form = sent or form_of(view.kind, modules_of(programme))(data=data)
        form.version.data = str(record.version)
    lost = told_by(sent, view.kind) if sent is not None and conflict else None
    return render(
        "pathways/record.html", v=view, c=record, kind=view.kind, form=form, conflict=conflict, lost=lost,
        kept=kept, **words(),
    )  # fmt: skip
