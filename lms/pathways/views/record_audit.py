"""The verifiers' pages of records: the queue, one record beside its papers, the decision; and what an office enters."""

from typing import Any
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits.forms import as_uuid, as_version
from lms.kernel.actor import AUDITORS, CLAIM_AUDITORS
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.ids import new_id
from lms.kernel.paging import page_number
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell
from lms.pathways.records import queries as own
from lms.pathways.records import queue, verifying
from lms.pathways.records.access import person_to_enter_for
from lms.pathways.records.checking import programmes
from lms.pathways.records.forms import (
    FindPersonForm,
    RecordDecisionForm,
    RecordForm,
    RecordQueueForm,
    form_of,
    told_by,
)
from lms.pathways.records.queue import Filters
from lms.pathways.records.words import CHOICES, OF_AN_OFFICE, STATES
from lms.pathways.rules.records import KIND_NAMES, Kind
from lms.pathways.rules.schema import SCHEMAS
from lms.pathways.views.blueprint import bp
from lms.pathways.views.showing import modules_of, words

VERIFIER = roles(*CLAIM_AUDITORS)
OFFICE = roles(*AUDITORS)


@bp.get("/audit/records", who=VERIFIER)
def record_queue() -> ResponseReturnValue:
    form = RecordQueueForm(request.args)
    form.validate()
    filters = Filters(
        state=form.state.data if form.state.data in STATES else "waiting",
        kind=form.kind.data if form.kind.data in set(KIND_NAMES) else "",
        text=(form.q.data or "")[:60],
        mine=bool(form.mine.data),
    )
    kept = {name: value for name, value in (
        ("kind", form.kind.data), ("q", form.q.data), ("mine", "y" if form.mine.data else ""),
    ) if value}  # fmt: skip
    found = queue.queue(current_actor(), filters, page_number(request.args.get("page")))
    return render("audit/records.html", q=found, form=form, kept=kept, states=STATES, **words())


@bp.get("/audit/records/<uuid:record_id>", who=VERIFIER)
def audit_record(record_id: UUID) -> ResponseReturnValue:
    return _record_page(record_id, RecordDecisionForm())


@bp.post("/audit/records/<uuid:record_id>", who=VERIFIER)
def decide_record(record_id: UUID) -> ResponseReturnValue:
    form = RecordDecisionForm(request.form)
    actor = current_actor()
    if form.validate():
        try:
            state = verifying.decide(
                actor, record_id, form.action.data or "", version=as_version(form.version.data),
                reason=form.reason.data or "",
            )  # fmt: skip
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as conflict:
            return _record_page(record_id, form, conflict), conflict.status
        else:
            tell(SAID[state])
            after = queue.next_waiting(actor, record_id) if request.form.get("then") == "next" else None
            return see_other("pathways.audit_record", record_id=after or record_id)
    return _record_page(record_id, form), 422


SAID = {
    "verified": msg("已核实。"),
    "waiting": msg("已核实，交给上一级。"),
    "rejected": msg("没有通过，医生会看到您的话。"),
}


def _record_page(record_id: UUID, form: RecordDecisionForm, conflict: Conflict | None = None) -> str:
    found = queue.examine(current_actor(), record_id)
    choices = OF_AN_OFFICE if found.record.told_by else CHOICES
    form.action.choices = [(action, choices[action]) for action in found.actions]
    form.version.data = str(found.record.version)
    return render(
        "audit/record.html", v=found, c=found.record, kind=Kind(found.record.kind), form=form, conflict=conflict,
        **words(),
    )  # fmt: skip


@bp.get("/audit/records/new", who=OFFICE)
def new_entry() -> ResponseReturnValue:
    """Find the person, choose the kind, fill in its form."""
    person_id = as_uuid(request.args.get("person"))
    if person_id is None:
        form = FindPersonForm(request.args)
        form.validate()
        found = queue.people_found(current_actor(), form.q.data or "")
        return render("audit/record_person.html", form=form, found=found)
    named = request.args.get("kind", "")
    if not named:
        card, _ = person_to_enter_for(current_actor(), person_id)
        return render("audit/record_kinds.html", card=card, offered=own.offered(card, entering=True), **words())
    return _entry_page(person_id, _kind(named), None)


def _kind(named: str | None) -> Kind:
    found = next((kind for kind in SCHEMAS if kind == named), None)
    if found is None:
        raise NotFound
    return found


def _entry_page(person_id: UUID, kind: Kind, sent: RecordForm | None) -> str:
    card, _ = person_to_enter_for(current_actor(), person_id)
    programme = own.chosen_programme(kind, card, request.values.get("programme", ""))
    if programme is None and any(one.name == "programme" for one in SCHEMAS[kind].fields):
        return render(
            "audit/record_kinds.html", card=card, offered=(), kind=kind, programmes=programmes(kind, card),
            **words(),
        )  # fmt: skip
    data: dict[str, Any] = {"record_id": str(new_id()), "kind": kind}
    form = sent or form_of(kind, modules_of(programme), own=False)(data=data)
    if programme is not None:
        form["programme"].data = programme.id
    return render("audit/record_new.html", form=form, card=card, kind=kind, programme=programme, **words())


@bp.post("/audit/records/new", who=OFFICE)
def enter_record() -> ResponseReturnValue:
    actor, person_id = current_actor(), as_uuid(request.form.get("person"))
    if person_id is None:
        raise NotFound
    kind = _kind(request.form.get("kind"))
    card, _ = person_to_enter_for(actor, person_id)
    programme = own.chosen_programme(kind, card, request.form.get("programme", ""))
    form = form_of(kind, modules_of(programme), own=False)(request.form)
    record_id = as_uuid(form.record_id.data) or new_id()
    if form.validate():
        try:
            done = verifying.enter(actor, person_id, record_id, told_by(form, kind))
        except Invalid as refusal:
            form.absorb(refusal)
        else:
            tell(msg("登记好了。"))
            if done.reopened:
                tell(msg("禁考期内有 {n} 份已核实的考试成绩，已退回再核实。", n=done.reopened))
            return see_other("pathways.audit_record", record_id=record_id)
    return _entry_page(person_id, kind, form), 422
