"""Planning rotations: who, where, when; changing and cancelling them."""

from collections.abc import Sequence
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.kernel.errors import Conflict, Invalid
from lms.kernel.i18n import in_locale
from lms.kernel.ids import new_id
from lms.kernel.paging import page_number
from lms.kernel.text import N_, msg
from lms.kernel.web import current_actor, render, roles, see_other, tell
from lms.teaching import commands, queries
from lms.teaching.access import PLANNERS
from lms.teaching.commands import Planned, PlannedOtherwise
from lms.teaching.forms import RotationForm, SearchForm, as_uuid, as_version
from lms.teaching.parts import ModuleChoice, modules_offered
from lms.teaching.queries import PlanDesk, RotationCard
from lms.teaching.views.blueprint import bp
from lms.teaching.views.labels import teacher_choices


@bp.get("/practice-log/planning", who=roles(*PLANNERS))
def planning() -> ResponseReturnValue:
    form = SearchForm(request.args)
    text = (form.q.data or "").strip()
    found = queries.candidates(current_actor(), text) if "q" in request.args and form.validate() else None
    page = queries.planned_in(current_actor(), page_number(request.args.get("page")))
    return render("teaching/planning.html", form=form, found=found, page=page)


@bp.get("/practice-log/planning/<uuid:person_id>", who=roles(*PLANNERS))
def new_rotation(person_id: UUID) -> ResponseReturnValue:
    return _plan_page(queries.plan_desk(current_actor(), person_id), RotationForm(data={"rotation_id": str(new_id())}))


@bp.post("/practice-log/planning/<uuid:person_id>", who=roles(*PLANNERS))
def plan_rotation(person_id: UUID) -> ResponseReturnValue:
    form, desk = RotationForm(request.form), queries.plan_desk(current_actor(), person_id)
    rotation_id = as_uuid(form.rotation_id.data) or new_id()
    if form.validate():
        try:
            made = commands.plan_rotation(current_actor(), rotation_id, person_id, _planned(form, desk))
        except Invalid as refusal:
            form.absorb(refusal)
            if isinstance(refusal, PlannedOtherwise):
                form.rotation_id.data = str(new_id())
        else:
            tell(msg("轮转安排好了。") if made else msg("这次轮转刚才已经安排好，没有再安排一次。"))
            return see_other("teaching.rotation", rotation_id=rotation_id)
    return _plan_page(desk, form), 422


@bp.get("/practice-log/rotations/<uuid:rotation_id>/change", who=roles(*PLANNERS))
def change_rotation_page(rotation_id: UUID) -> ResponseReturnValue:
    card = queries.rotation_to_change(current_actor(), rotation_id)
    return _change_page(card, RotationForm(data=_filled(card)))


@bp.post("/practice-log/rotations/<uuid:rotation_id>/change", who=roles(*PLANNERS))
def change_rotation(rotation_id: UUID) -> ResponseReturnValue:
    form, conflict, status = RotationForm(request.form), None, 422
    card = queries.rotation_to_change(current_actor(), rotation_id)
    if form.validate():
        try:
            version = as_version(form.version.data)
            desk = queries.plan_desk(current_actor(), card.person_id)
            done = commands.change_rotation(current_actor(), rotation_id, _planned(form, desk, card), version=version)
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as found:
            conflict, status = found, found.status
        else:
            tell(msg("改好了。") if done else msg("刚才已经改好，没有再改一次。"))
            return see_other("teaching.rotation", rotation_id=rotation_id)
    return _change_page(queries.rotation_to_change(current_actor(), rotation_id), form, conflict), status


@bp.post("/practice-log/rotations/<uuid:rotation_id>/cancel", who=roles(*PLANNERS))
def cancel_rotation(rotation_id: UUID) -> ResponseReturnValue:
    commands.cancel_rotation(current_actor(), rotation_id, version=as_version(request.form.get("version")))
    tell(msg("这次轮转取消了。"))
    return see_other("teaching.rotation", rotation_id=rotation_id)


def _plan_page(desk: PlanDesk, form: RotationForm) -> str:
    offered = _offer(form, desk)
    return render("teaching/plan.html", form=form, desk=desk, card=None, offered=offered, conflict=None)


def _change_page(card: RotationCard, form: RotationForm, conflict: Conflict | None = None) -> str:
    desk = queries.plan_desk(current_actor(), card.person_id)
    offered = _offer(form, desk, card)
    form.version.data = str(card.version)
    return render("teaching/plan.html", form=form, desk=desk, card=card, offered=offered, conflict=conflict)


def _offer(form: RotationForm, desk: PlanDesk, card: RotationCard | None = None) -> Sequence[str] | None:
    """Fill in the choices. Returns the modules among them; None in a house without programmes, where they are
    typed."""
    modules = _modules(desk)
    sites = {str(one.id): in_locale({"zh": one.name, "en": one.name_en}) for one in desk.places.values()}
    named = {_key(one): in_locale(one.titles) for one in modules or ()}
    if card is not None:
        sites.setdefault(str(card.site_id), in_locale(card.site))
        named[f"{card.programme}/{card.module}"] = in_locale(card.titles)
    form.site_id.choices = [("", N_("请选")), *sites.items()]
    form.supervisor_id.choices = [("", N_("请选")), *teacher_choices(desk.supervisors)]
    form.chosen.choices = [("", N_("请选")), *named.items()]
    return None if modules is None else list(named)


def _modules(desk: PlanDesk) -> Sequence[ModuleChoice] | None:
    """The modules that count for this person; None in a house without programmes."""
    offered = modules_offered([desk.person])
    return None if offered is None else offered[desk.person.id]


def _key(choice: ModuleChoice) -> str:
    return f"{choice.programme}/{choice.module}"


def _planned(form: RotationForm, desk: PlanDesk, card: RotationCard | None = None) -> Planned:
    """What the form says; Invalid where the module is none that counts for this person."""
    what = _chosen(form, desk, card)
    return Planned(
        what.programme, what.module, what.titles, as_uuid(form.site_id.data), as_uuid(form.supervisor_id.data),
        form.starts_on.data, form.ends_on.data,
    )  # fmt: skip


def _chosen(form: RotationForm, desk: PlanDesk, card: RotationCard | None) -> ModuleChoice:
    """The module: one that is offered, the one that the rotation has (by its names of then), or one that was typed."""
    modules = _modules(desk)
    if modules is None:
        titles = {"zh": form.title_zh.data or "", "en": form.title_en.data or ""}
        return ModuleChoice(form.programme.data or "", form.module.data or "", titles)
    offered = {_key(one): one for one in modules}
    if card is not None:
        kept = ModuleChoice(card.programme, card.module, card.titles)
        offered[_key(kept)] = kept
    found = offered.get(form.chosen.data or "")
    if found is None:
        raise Invalid(fields={"chosen": msg("请从列出的几项里选一项。")})
    return found


def _filled(card: RotationCard) -> dict[str, object]:
    return {
        "chosen": f"{card.programme}/{card.module}", "programme": card.programme, "module": card.module,
        "title_zh": card.titles["zh"], "title_en": card.titles["en"], "site_id": str(card.site_id),
        "supervisor_id": str(card.supervisor_id), "starts_on": card.starts_on, "ends_on": card.ends_on,
    }  # fmt: skip
