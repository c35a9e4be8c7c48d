"""Pages of the tree of organisations, one level at a time: a province has fifty thousand."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lms.kernel.access import require_found
from lms.kernel.actor import Role
from lms.kernel.errors import Invalid
from lms.kernel.paging import page_number
from lms.kernel.text import msg
from lms.kernel.web import FeatureBlueprint, current_actor, form_page, render, roles, see_other, tell
from lms.organisations import commands, parts, queries
from lms.organisations.forms import EditOrganisationForm, NewOrganisationForm
from lms.organisations.queries import OrganisationCard
from lms.organisations.rules import NAMES, Kind, may_hang

bp = FeatureBlueprint("organisations", __name__)
ADMINISTRATOR = roles(Role.ADMINISTRATOR)


@bp.get("/admin/organisations", who=ADMINISTRATOR)
def tree() -> ResponseReturnValue:
    actor, text = current_actor(), request.args.get("q", "").strip()[:80]
    page = None
    if text:
        number = page_number(request.args.get("page"))
        page = queries.search(actor.paths(Role.ADMINISTRATOR), text, number)
    return render("organisations/tree.html", roots=queries.roots(actor), page=page, text=text, kinds=NAMES)


@bp.get("/admin/organisations/<uuid:organisation_id>", who=ADMINISTRATOR)
def organisation(organisation_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    card = require_found(queries.visible(actor, organisation_id))
    return render(
        "organisations/organisation.html",
        card=card,
        above=[one for one in _above(card) if actor.holds(Role.ADMINISTRATOR, one.path)],
        page=queries.children(card.id, page_number(request.args.get("page"))),
        kinds=NAMES,
        links=parts.place_links,
        may_grow=bool(_kinds_below(card)),
    )


@bp.get("/admin/organisations/<uuid:organisation_id>/new", who=ADMINISTRATOR)
def new_organisation(organisation_id: UUID) -> ResponseReturnValue:
    parent = require_found(queries.visible(current_actor(), organisation_id))
    return render("organisations/new.html", form=_new_form(parent), parent=parent)


@bp.post("/admin/organisations/<uuid:organisation_id>/new", who=ADMINISTRATOR)
def add_organisation(organisation_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    parent = require_found(queries.visible(actor, organisation_id))
    form = _new_form(parent, request.form)
    try:
        if not form.validate():
            return form_page("organisations/new.html", form, parent=parent)
        made = commands.add_organisation(
            actor,
            kind=form.kind.data or "",
            name=form.name.data or "",
            name_en=form.name_en.data or "",
            code=form.code.data or "",
            contact_name=form.contact_name.data or "",
            phone=form.phone.data or "",
            parent_id=parent.id,
        )
    except Invalid as refusal:
        form.absorb(refusal)
        return form_page("organisations/new.html", form, parent=parent)
    tell(msg("机构已加上。"))
    return see_other("organisations.organisation", organisation_id=made)


@bp.get("/admin/organisations/<uuid:organisation_id>/edit", who=ADMINISTRATOR)
def edit_organisation(organisation_id: UUID) -> ResponseReturnValue:
    card = require_found(queries.visible(current_actor(), organisation_id))
    form = EditOrganisationForm(obj=card)
    return render("organisations/edit.html", form=form, card=card, kinds=NAMES)


@bp.post("/admin/organisations/<uuid:organisation_id>/edit", who=ADMINISTRATOR)
def save_organisation(organisation_id: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), EditOrganisationForm(request.form)
    card = require_found(queries.visible(actor, organisation_id))
    try:
        if not form.validate():
            return form_page("organisations/edit.html", form, card=card, kinds=NAMES)
        commands.edit_organisation(
            actor,
            card.id,
            name=form.name.data or "",
            name_en=form.name_en.data or "",
            contact_name=form.contact_name.data or "",
            phone=form.phone.data or "",
            region_code=card.region_code,
            closed_on=form.closed_on.data,
        )
    except Invalid as refusal:
        form.absorb(refusal)
        return form_page("organisations/edit.html", form, card=card, kinds=NAMES)
    tell(msg("机构资料改好了。"))
    return see_other("organisations.organisation", organisation_id=card.id)


def _above(card: OrganisationCard) -> list[OrganisationCard]:
    return queries.above(card.path)[:0:-1]


def _kinds_below(card: OrganisationCard) -> list[Kind]:
    return [kind for kind in Kind if may_hang(kind, card.kind)]


def _new_form(parent: OrganisationCard, data: MultiDict[str, str] | None = None) -> NewOrganisationForm:
    form = NewOrganisationForm(data)
    form.kind.choices = [(str(kind), NAMES[kind]) for kind in _kinds_below(parent)]
    return form
