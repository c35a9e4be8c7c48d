"""The administrator's page at the turn of a year: /admin/rollover."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits import parts
from lms.credits.forms import RolloverForm, RolloverLineForm, as_uuid, as_year, given
from lms.credits.rollover import commands, queries
from lms.credits.rollover.commands import Line, LinesRefused, Plan
from lms.credits.rollover.queries import Entry
from lms.credits.rules.words import KIND_WORDS
from lms.credits.views import entry
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Role
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg
from lms.kernel.web import current_actor, render, roles, see_other, tell

ADMINISTRATOR = roles(Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Row:
    """An approval on the page, with what is typed about it."""

    entry: Entry
    form: RolloverLineForm
    taken: bool

    @property
    def wrong(self) -> bool:
        return bool(self.form.errors)


@bp.get("/admin/rollover", who=ADMINISTRATOR)
def rollover() -> ResponseReturnValue:
    year = _year(request.args.get("year"))
    form = RolloverForm(
        data={
            "rollover_id": str(new_id()), "year": str(year), "valid_from": date(year, 1, 1),
            "valid_until": date(year, 12, 31),
        }
    )  # fmt: skip
    return _page(form, year, {})


@bp.post("/admin/rollover", who=ADMINISTRATOR)
def roll_over() -> ResponseReturnValue:
    """Show what would be entered (step: preview), go back to change it (back), enter it (enter)."""
    form, year = RolloverForm(request.form), _year(request.form.get("year"))
    chosen = request.form.getlist("take")[: queries.MOST + 1]  # one too many is refused as a list that has changed
    taken = {one: _line(one) for text in chosen if (one := as_uuid(text))}
    step = request.form.get("step")
    if step == "back":
        return _page(form, year, taken)
    wrong = [line for line in taken.values() if not line.validate()]  # each of them, so that each says what is wrong
    if not form.validate() or wrong:
        return _page(form, year, taken), 422
    lines = tuple(Line(one, given(line.project_number.data), entry.amount(line.hours)) for one, line in taken.items())
    plan = Plan(year, given(form.valid_from.data), given(form.valid_until.data), lines)
    try:
        if step != "enter":
            commands.rehearse(current_actor(), plan)
            form.rollover_id.data = str(new_id())  # each preview is for one roll-over, however it was come to
            return _page(form, year, taken, sure=True)
        rollover_id = require_found(as_uuid(form.rollover_id.data))
        fresh = commands.roll_over(current_actor(), rollover_id, plan)
    except LinesRefused as refusal:
        for one, faults in refusal.lines.items():
            taken[one].absorb(Invalid(fields=faults))
        return _page(form, year, taken, said=refusal.message), 422
    except Invalid as refusal:
        form.absorb(refusal)
        return _page(form, year, taken), 422
    except Conflict as conflict:
        return _page(form, year, taken, said=conflict.message), 409
    if fresh:
        tell(msg("已登记 {n} 条。", n=len(lines)))
    else:
        tell(msg("这一次刚才已经登记过，没有重复登记。"), "wait")
    return see_other("credits.rollover_done", rollover_id=rollover_id)


def _line(approval_id: UUID) -> RolloverLineForm:
    return RolloverLineForm(request.form, prefix=f"{approval_id}-")


def _page(
    form: RolloverForm,
    year: int,
    taken: dict[UUID, RolloverLineForm],
    *,
    sure: bool = False,
    said: Message | None = None,
) -> str:
    """`taken`: what is typed of the approvals that are chosen; of a page just opened all are."""
    actor = current_actor()
    entries, total = queries.due(actor, year)
    this = clock.today().year
    return render(
        "credits/rollover.html",
        form=form,
        year=year,
        years=(this, this + 1),
        rows=[_row(one, taken) for one in entries],
        total=total,
        most=queries.MOST,
        sure=sure,
        said=said,
        kinds=KIND_WORDS,
        policies=queries.policies_of(actor, year),
        turns=parts.year_turns(actor),
        before=queries.rollovers(actor),
    )


def _row(one: Entry, taken: dict[UUID, RolloverLineForm]) -> Row:
    if one.id in taken:
        return Row(one, taken[one.id], True)
    if f"{one.id}-hours" in request.form:
        return Row(one, _line(one.id), False)
    typed = {"project_number": one.project_number, "hours": str(one.hours)}
    return Row(one, RolloverLineForm(prefix=f"{one.id}-", data=typed), request.method == "GET")


def _year(text: str | None) -> int:
    """This year or the next, whichever is asked for; else the one that is prepared now."""
    today = clock.today()
    coming = queries.coming_year(today)
    asked = as_year(text, today) if text else coming
    return asked if asked in (today.year, today.year + 1) else coming


@bp.get("/admin/rollover/<uuid:rollover_id>", who=ADMINISTRATOR)
def rollover_done(rollover_id: UUID) -> ResponseReturnValue:
    found = queries.done(current_actor(), rollover_id)
    return render("credits/rollover_done.html", r=found, kinds=KIND_WORDS, days=queries.KEPT.days)


@bp.post("/admin/rollover/<uuid:rollover_id>/undo", who=ADMINISTRATOR)
def undo_rollover(rollover_id: UUID) -> ResponseReturnValue:
    try:
        undone = commands.undo(current_actor(), rollover_id)
    except Conflict as conflict:
        tell(conflict.message, "wait")
    else:
        tell(msg("已收回。") if undone else msg("这一次已经收回过。"))
    return see_other("credits.rollover_done", rollover_id=rollover_id)
