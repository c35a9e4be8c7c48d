"""Activities that are to come: the administrator's list and form, and what a doctor may join."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits import policies
from lms.credits import queries as credits
from lms.credits.coming import commands, queries
from lms.credits.coming.judging import ROLE, can_be_joined
from lms.credits.coming.models import ComingActivity
from lms.credits.forms import ComingForm, as_uuid, as_version, given
from lms.credits.rules.policy import Policy
from lms.credits.rules.words import KIND_WORDS, words
from lms.credits.views import entry
from lms.credits.views.admin import ADMINISTRATOR
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Role
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.paging import page_number
from lms.kernel.quantities import format_hours, from_milli
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell
from lms.organisations import queries as organisations
from lms.people import queries as people
from lms.people.views import places


@bp.get("/credits/activities", who=SIGNED_IN)
def coming_for_her() -> ResponseReturnValue:
    """What she may join, the next first, with what each brings her."""
    card = require_found(people.person(require_found(current_actor().person_id)))
    standing = credits.year_standing(card.id, clock.today().year, card)
    page = queries.for_her(card, standing, page_number(request.args.get("page")))
    return render("credits/coming.html", page=page, kinds=KIND_WORDS, words=words)


@bp.get("/admin/activities/coming", who=ADMINISTRATOR)
def coming_activities() -> ResponseReturnValue:
    page = queries.listed(current_actor(), page_number(request.args.get("page")))
    return render("credits/coming_list.html", page=page, kinds=KIND_WORDS)


@bp.get("/admin/activities/coming/new", who=ADMINISTRATOR)
def new_coming() -> ResponseReturnValue:
    first = places.offered(current_actor())[:1]
    return _page(ComingForm(data={"coming_id": str(new_id()), "place": first[0].code if first else ""}))


@bp.post("/admin/activities/coming", who=ADMINISTRATOR)
def enter_coming() -> ResponseReturnValue:
    """Sent again, it enters nothing twice."""
    form = ComingForm(request.form)
    if form.validate():
        coming_id = as_uuid(form.coming_id.data)
        try:
            if coming_id is None:
                form.coming_id.data = str(new_id())
                raise Invalid(msg("这一页不完整。请再提交一次。"))
            fresh = commands.enter(current_actor(), coming_id=coming_id, **_said(form))
        except Invalid as refusal:
            entry.absorb(form, refusal)
        except Conflict as conflict:
            form.coming_id.data = str(new_id())
            form.form_errors.append(translate(conflict.message))
            return _page(form), conflict.status
        else:
            if fresh:
                tell(msg("已登记。这里的医生能看到，也会排进他们的计划。"))
            else:
                tell(msg("这一场刚才已经登记过，没有重复登记。要改，请点开它。"), "wait")
            return see_other("credits.coming_activities")
    return _page(form), 422


@bp.get("/admin/activities/coming/<uuid:coming_id>", who=ADMINISTRATOR)
def coming_activity(coming_id: UUID) -> ResponseReturnValue:
    found = queries.managed(current_actor(), coming_id)
    place = require_found(organisations.organisation(found.row.place_id))
    return _page(ComingForm(data={"place": place.code, **filled(found.row)}), found)


@bp.post("/admin/activities/coming/<uuid:coming_id>", who=ADMINISTRATOR)
def change_coming(coming_id: UUID) -> ResponseReturnValue:
    found = queries.managed(current_actor(), coming_id)
    form, status = ComingForm(request.form), 422
    if form.validate():
        try:
            commands.change(current_actor(), coming_id, as_version(form.version.data), **_said(form, found.row))
        except Invalid as refusal:
            entry.absorb(form, refusal)
        except Conflict as conflict:
            # Hers stays in the form, what is there now stands above it; pressed again, hers is kept.
            form.form_errors.append(translate(conflict.message))
            found = queries.managed(current_actor(), coming_id)
            form.version.data, status = str(found.row.version), conflict.status
        else:
            tell(msg("已改好。"))
            return see_other("credits.coming_activities")
    return _page(form, found), status


@bp.post("/admin/activities/coming/<uuid:coming_id>/cancel", who=ADMINISTRATOR)
def cancel_coming(coming_id: UUID) -> ResponseReturnValue:
    try:
        commands.cancel(current_actor(), coming_id, as_version(request.form.get("version")))
    except Conflict as conflict:
        tell(conflict.message, "wait")
    else:
        tell(msg("已取消。医生不再看到这一场，计划会重算。"))
    return see_other("credits.coming_activities")


def _said(form: ComingForm, row: ComingActivity | None = None) -> dict[str, Any]:
    """What a filled form says; raises Invalid for a place that is not hers and for what the rules need besides."""
    form.role.data, form.note.data = ROLE, None
    place_id = places.chosen(current_actor(), "place", form.place.data)
    told = entry.told(form, _policy(form, place_id))
    if row is not None:
        told["title"] = queries.title_of(row, told["title"]["zh"])
    return {"place_id": place_id, "venue": given(form.venue.data), **told}


def _policy(form: ComingForm, place_id: UUID | None) -> Policy | None:
    """The rules of a place, or of her first one, in the year of the activity or else this one."""
    place = organisations.organisation(place_id) if place_id else None
    path = place.path if place else current_actor().paths(Role.ADMINISTRATOR)[0]
    today = clock.today()
    on = form.on_date.data or today
    return policies.for_place(path, on.year) or policies.for_place(path, today.year)


def _typed_place(form: ComingForm) -> UUID | None:
    """The place in the form, if it is one of hers."""
    with suppress(Invalid):
        return places.chosen(current_actor(), "place", form.place.data)
    return None


def _page(form: ComingForm, found: queries.Coming | None = None) -> str:
    policy, today = _policy(form, _typed_place(form)), clock.today()
    shown = {"found": found, "offered": places.offered(current_actor()), **entry.offered(form, policy)}
    if policy is not None:
        kept = found.row.kind if found else ""
        joined = (kind for kind in KIND_WORDS if kind == kept or can_be_joined(policy, kind, today))
        form.kind.choices = [(kind, KIND_WORDS[kind]) for kind in joined]
    return render("credits/coming_form.html", kinds=KIND_WORDS, **shown)


def filled(row: ComingActivity) -> dict[str, Any]:
    """What a form says of an activity that is entered; an attendance list begins from the same."""
    times = "" if row.unit == "hours" else format_hours(from_milli(row.quantity_milli))
    return {
        "version": str(row.version),
        "kind": row.kind,
        "choice": f"{row.kind}:{row.choice}" if row.choice else "",
        "title": row.title["zh"],
        "started_on": row.started_on if row.started_on != row.on_date else None,
        "on_date": row.on_date,
        "hours": format_hours(from_milli(row.hours_milli)),
        "times": times,
        "project_number": row.project_number or "",
        "holder": row.holder,
        "venue": row.venue,
        "assessed": row.assessed,
    }
