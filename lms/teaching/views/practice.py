"""The doctor's pages of her practice log."""

from datetime import timedelta
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.i18n import in_locale
from lms.kernel.ids import new_id
from lms.kernel.paging import page_number
from lms.kernel.quantities import format_hours
from lms.kernel.text import N_, msg
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell
from lms.teaching import commands, queries
from lms.teaching.commands import EnteredOtherwise, Written
from lms.teaching.forms import EntryForm, as_uuid, as_version
from lms.teaching.parts import programmes_of
from lms.teaching.queries import Desk, EntryCard
from lms.teaching.rules import KINDS, STEPS
from lms.teaching.views.blueprint import bp
from lms.teaching.views.labels import rotation_label, teacher_choices


@bp.get("/practice-log", who=SIGNED_IN)
def log() -> ResponseReturnValue:
    return _log_page()


def _log_page(form: EntryForm | None = None) -> str:
    actor = current_actor()
    assert actor.person_id is not None
    desk = queries.desk(actor)
    again = form is None and "again" in request.args
    return render(
        "teaching/log.html",
        page=queries.entries_of(actor, page_number(request.args.get("page"))),
        totals=queries.totals(actor.person_id),
        desk=desk,
        form=_offer(form or EntryForm(data=_beginning(desk, again=again)), desk),
        typed=form is not None,
        again=again and desk.last is not None,
        programmes=programmes_of(desk.person),
        kinds=KINDS,
    )


@bp.post("/practice-log", who=SIGNED_IN)
def enter_practice() -> ResponseReturnValue:
    form = EntryForm(request.form)
    entry_id = as_uuid(form.entry_id.data) or new_id()
    if form.validate():
        try:
            made = commands.enter(current_actor(), entry_id, _written(form))
        except Invalid as refusal:
            form.absorb(refusal)
            if isinstance(refusal, EnteredOtherwise):
                form.entry_id.data = str(new_id())
        else:
            tell(msg("记下了，等带教老师签字。") if made else msg("这一天刚才已经记下，没有再记一次。"))
            if made:
                return see_other("teaching.log", again="y")
            return see_other("teaching.practice_entry", entry_id=entry_id)
    return _log_page(form), 422


@bp.get("/practice-log/<uuid:entry_id>", who=SIGNED_IN)
def practice_entry(entry_id: UUID) -> ResponseReturnValue:
    return _entry_page(entry_id)


@bp.post("/practice-log/<uuid:entry_id>", who=SIGNED_IN)
def change_practice(entry_id: UUID) -> ResponseReturnValue:
    form, conflict, status = EntryForm(request.form), None, 422
    queries.entry_card(current_actor(), entry_id)
    if form.validate():
        try:
            done = commands.change(current_actor(), entry_id, _written(form), version=as_version(form.version.data))
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as found:
            conflict, status = found, found.status
        else:
            tell(msg("改好了，等带教老师签字。") if done else msg("刚才已经改好，没有再改一次。"))
            return see_other("teaching.log")
    return _entry_page(entry_id, form, conflict), status


@bp.post("/practice-log/<uuid:entry_id>/withdraw", who=SIGNED_IN)
def withdraw_practice(entry_id: UUID) -> ResponseReturnValue:
    try:
        commands.withdraw(current_actor(), entry_id, version=as_version(request.form.get("version")))
    except Conflict as conflict:
        return _entry_page(entry_id, conflict=conflict), conflict.status
    tell(msg("已经撤回，不再等签字。"))
    return see_other("teaching.log")


def _entry_page(entry_id: UUID, form: EntryForm | None = None, conflict: Conflict | None = None) -> str:
    """An entry with its history. After a conflict the form holds what was typed, beside what there is now."""
    actor = current_actor()
    card, steps = queries.entry_card(actor, entry_id)
    typed, lost = form, False
    if card.editable:
        desk = queries.desk(actor)
        lost = desk.lost(card)
        form = _offer(form or EntryForm(data=_filled(card)), desk, card)
        form.version.data = str(card.version)
    return render(
        "teaching/entry.html", e=card, steps=steps, form=form if card.editable else None, typed=typed,
        conflict=conflict, kinds=KINDS, names=STEPS, lost=lost,
    )  # fmt: skip


def _written(form: EntryForm) -> Written:
    return Written(
        on_date=form.on_date.data,
        kind=form.kind.data or "",
        place_id=as_uuid(form.place_id.data),
        supervisor_id=as_uuid(form.supervisor_id.data),
        hours=form.hours.amount,
        cases=form.cases.data,
        note=form.note.data or "",
        rotation_id=as_uuid(form.rotation_id.data),
    )


def _offer(form: EntryForm, desk: Desk, card: EntryCard | None = None) -> EntryForm:
    """The choices, with those that the entry has already."""
    places = {str(one.id): in_locale({"zh": one.name, "en": one.name_en}) for one in desk.places.values()}
    rotations = {str(one.id): rotation_label(one) for one in desk.rotations}
    if card is not None:
        places.setdefault(str(card.place_id), in_locale(card.place))
        if card.rotation_id is not None:
            rotations.setdefault(str(card.rotation_id), in_locale(card.rotation))
    form.place_id.choices = list(places.items())
    form.supervisor_id.choices = [("", N_("请选")), *teacher_choices(desk.supervisors)]
    form.rotation_id.choices = [("", N_("不属于轮转")), *rotations.items()]
    return form


def _beginning(desk: Desk, *, again: bool) -> dict[str, object]:
    """Today (`again`: the day after the one that was entered just now), and what was chosen last time, so that an
    ordinary day is entered in three taps."""
    last, day = desk.last, clock.today()
    if again and last is not None:
        day = min(last.on_date + timedelta(days=1), day)
    running = [one for one in desk.rotations if one.span.holds(day)]
    if last is not None:
        running.sort(key=lambda one: one.id != last.rotation_id)
    values: dict[str, object] = {
        "entry_id": str(new_id()), "on_date": day, "rotation_id": str(running[0].id) if running else "",
    }  # fmt: skip
    if last is not None:
        # The same day once more is another piece of it: how long that took, nobody knows yet.
        same = again and last.on_date == day
        hours = format_hours(last.hours) if last.hours is not None and not same else ""
        values |= {"kind": last.kind, "hours": hours, "place_id": str(last.place_id)}
        values |= {"supervisor_id": str(last.supervisor_id)}
    elif running:
        values |= {"place_id": str(running[0].site_id), "supervisor_id": str(running[0].supervisor_id)}
    elif len(desk.supervisors) == 1:
        values |= {"supervisor_id": str(next(iter(desk.supervisors)))}
    return values


def _filled(card: EntryCard) -> dict[str, object]:
    return {
        "on_date": card.on_date, "kind": card.kind, "place_id": str(card.place_id),
        "supervisor_id": str(card.supervisor_id), "rotation_id": str(card.rotation_id or ""),
        "hours": format_hours(card.hours) if card.hours is not None else "", "cases": card.cases, "note": card.note,
    }  # fmt: skip
