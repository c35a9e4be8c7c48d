"""Registering people, correcting what is known of them, moving them."""

from typing import Any
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import msg
from lms.kernel.web import current_actor, form_page, render, see_other, tell
from lms.people import commands, queries
from lms.people.forms import NewPersonForm, PersonForm, PostingForm
from lms.people.views import places
from lms.people.views.administration import ADMINISTRATOR
from lms.people.views.blueprint import bp


@bp.get("/admin/people/new", who=ADMINISTRATOR)
def new_person() -> ResponseReturnValue:
    form = NewPersonForm(workplace=request.args.get("at", ""), on=clock.today())
    return render("people/new.html", form=form, places=places.offered(current_actor()))


@bp.post("/admin/people/new", who=ADMINISTRATOR)
def add_person() -> ResponseReturnValue:
    actor, form = current_actor(), NewPersonForm(request.form)
    offered = places.offered(actor)
    try:
        if not form.validate():
            return form_page("people/new.html", form, places=offered)
        person_id = commands.add_person(actor, **_person(form), **_posting(actor, form), starts_on=form.on.data)
    except Conflict as refusal:
        form.absorb(Invalid(refusal.message))
        return render("people/new.html", form=form, places=offered), refusal.status
    except Invalid as refusal:
        form.absorb(_by_form(refusal))
        return form_page("people/new.html", form, places=offered)
    tell(msg("已登记。下一步：发验证码，让本人设密码。"))
    _warn_if_undrawable(person_id)
    return see_other("people.person_file", person_id=person_id)


@bp.get("/admin/people/<uuid:person_id>/edit", who=ADMINISTRATOR)
def edit_person(person_id: UUID) -> ResponseReturnValue:
    file = queries.person_file(current_actor(), person_id)
    form = PersonForm(
        name=file.card.name,
        population=file.card.population,
        licence_from=file.card.licence_from,
        licence_until=file.card.licence_until,
    )
    return render("people/edit.html", form=form, file=file)


@bp.post("/admin/people/<uuid:person_id>/edit", who=ADMINISTRATOR)
def save_person(person_id: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), PersonForm(request.form)
    file = queries.person_file(actor, person_id)
    try:
        if not form.validate():
            return form_page("people/edit.html", form, file=file)
        commands.edit_person(actor, person_id, **_person(form))
    except Conflict as refusal:
        form.absorb(Invalid(refusal.message))
        return render("people/edit.html", form=form, file=file), refusal.status
    except Invalid as refusal:
        form.absorb(refusal)
        return form_page("people/edit.html", form, file=file)
    tell(msg("资料改好了。"))
    _warn_if_undrawable(person_id)
    return see_other("people.person_file", person_id=person_id)


@bp.get("/admin/people/<uuid:person_id>/posting", who=ADMINISTRATOR)
def posting(person_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    return render(
        "people/posting.html",
        form=PostingForm(),
        file=queries.person_file(actor, person_id),
        places=places.offered(actor),
    )


@bp.post("/admin/people/<uuid:person_id>/posting", who=ADMINISTRATOR)
def move_posting(person_id: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), PostingForm(request.form)
    shown = {"file": queries.person_file(actor, person_id), "places": places.offered(actor)}
    try:
        if not form.validate() or form.on.data is None:
            return form_page("people/posting.html", form, **shown)
        commands.move_posting(actor, person_id, **_posting(actor, form), on=form.on.data)
    except Invalid as refusal:
        form.absorb(_by_form(refusal))
        return form_page("people/posting.html", form, **shown)
    tell(msg("调动已记下，从 {day} 起。", day=form.on.data))
    return see_other("people.person_file", person_id=person_id)


def _person(form: PersonForm | NewPersonForm) -> dict[str, Any]:
    """What the form says of the person, under the names of the commands."""
    names = ("name", "phone", "email", "id_number", "population", "licence_number")
    return {name: form[name].data or "" for name in names} | {
        name: form[name].data for name in ("licence_from", "licence_until")
    }


def _posting(actor: Actor, form: PostingForm | NewPersonForm) -> dict[str, Any]:
    return {
        "workplace_id": places.chosen(actor, "workplace", form.workplace.data),
        "employer_id": places.chosen_or_none(actor, "employer", form.employer.data),
        "authority_id": places.authority_or_none("authority", form.authority.data),
    }


def _by_form(refusal: Invalid) -> Invalid:
    """The refusal with the names of the form: places are typed there, ids are what commands take."""
    return Invalid(
        refusal.message,
        fields={name.removesuffix("_id"): text for name, text in refusal.fields.items()},
    )


def _warn_if_undrawable(person_id: UUID) -> None:
    card = queries.person(person_id)
    if card and not card.name_drawable:
        tell(
            msg("“{name}”里有字库还没有的字。学分照算，证书先等着，字库补上就发。", name=card.name),
            "back",
        )
