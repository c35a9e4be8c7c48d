"""Administration of people: the index, the roster, one person's file."""

from uuid import UUID

from flask import current_app, request
from flask.typing import ResponseReturnValue

from lms.kernel import messages
from lms.kernel.access import require_found
from lms.kernel.actor import Role
from lms.kernel.errors import Invalid, TooMany
from lms.kernel.paging import page_number
from lms.kernel.text import N_, msg
from lms.kernel.web import current_actor, render, roles, see_other, tell
from lms.people import commands, parts, queries
from lms.people.forms import FindForm, RoleForm, RosterForm, UnmaskForm
from lms.people.privacy import looking
from lms.people.rules import POPULATION_NAMES, ROLE_NAMES, mask_email, mask_phone
from lms.people.views import places
from lms.people.views.blueprint import bp
from lms.people.views.privacy import LOOK_WORDS

# What the audit trail calls a deed, in words.
DEEDS = {
    "person.added": N_("登记"),
    "person.edited": N_("改资料"),
    "person.moved": N_("调动"),
    "person.disabled": N_("停用"),
    "person.enabled": N_("启用"),
    "person.unmasked": N_("查看全号"),
    "person.closed": N_("注销"),
    "person.erased": N_("删除个人信息"),
    "person.credits_exported": N_("存出学分明细"),
    "person.code_sent": N_("发验证码"),
    "person.password_set": N_("设密码"),
    "person.signed_in": N_("登录"),
    "person.notices_chosen": N_("选消息怎么告诉"),
    "person.consented": N_("同意隐私说明"),
    "session.revoked": N_("让别的设备退出"),
    "role.granted": N_("给身份"),
    "role.withdrawn": N_("收回身份"),
}
ADMINISTRATOR = roles(Role.ADMINISTRATOR)


@bp.get("/admin", who=ADMINISTRATOR)
def administration() -> ResponseReturnValue:
    entries = [entry for entry in parts.admin_menu if entry.shown()]
    return render("people/administration.html", entries=entries)


@bp.get("/admin/people", who=ADMINISTRATOR)
def roster() -> ResponseReturnValue:
    form = RosterForm(request.args)
    filters = queries.Filters(
        text=(form.q.data or "")[:50],
        at=(form.at.data or "")[:80],
        role=form.role.data or "",
        state=form.state.data or "",
    )
    page = queries.people_in(current_actor(), filters, page_number(request.args.get("page")))
    return _roster_page(form, page, FindForm())


@bp.post("/admin/people/find", who=ADMINISTRATOR)
def find_person() -> ResponseReturnValue:
    form = FindForm(request.form)
    if form.validate():
        found = queries.find_exactly(current_actor(), form.number.data or "")
        if found is not None:
            return see_other("people.person_file", person_id=found)
        form.absorb(Invalid(fields={"number": msg("您管的范围里没有登记过这个号码。")}))
    page = queries.people_in(current_actor(), queries.Filters())
    return _roster_page(RosterForm(), page, form), 422


def _roster_page(form: RosterForm, page: object, find: FindForm) -> str:
    return render(
        "people/roster.html",
        form=form,
        find=find,
        page=page,
        role_names=ROLE_NAMES,
        population_names=POPULATION_NAMES,
    )


@bp.get("/admin/people/<uuid:person_id>", who=ADMINISTRATOR)
def person_file(person_id: UUID) -> ResponseReturnValue:
    return _file_page(person_id, RoleForm(), UnmaskForm())


def _file_page(person_id: UUID, form: RoleForm, unmask: UnmaskForm, seen: str = "") -> str:
    actor = current_actor()
    return render(
        "people/file.html",
        file=queries.person_file(actor, person_id),
        links=parts.person_links,
        form=form,
        unmask=unmask,
        seen=seen,
        places=places.offered(actor),
        role_names=ROLE_NAMES,
        population_names=POPULATION_NAMES,
        deeds=DEEDS,
    )


@bp.post("/admin/people/<uuid:person_id>/roles", who=ADMINISTRATOR)
def grant_role(person_id: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), RoleForm(request.form)
    try:
        if not form.validate():
            return _file_page(person_id, form, UnmaskForm()), 422
        place = places.chosen(actor, "place", form.place.data)
        commands.grant_role(actor, person_id, form.role.data or "", place)
    except Invalid as refusal:
        form.absorb(refusal)
        return _file_page(person_id, form, UnmaskForm()), 422
    tell(msg("身份已给，马上生效。"))
    return see_other("people.person_file", person_id=person_id)


@bp.post("/admin/people/<uuid:person_id>/roles/<uuid:grant_id>/withdraw", who=ADMINISTRATOR)
def withdraw_role(person_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    commands.withdraw_role(current_actor(), grant_id)
    tell(msg("身份已收回，马上生效。"))
    return see_other("people.person_file", person_id=person_id)


@bp.post("/admin/people/<uuid:person_id>/code", who=ADMINISTRATOR)
def send_code(person_id: UUID) -> ResponseReturnValue:
    try:
        commands.send_code(current_actor(), person_id)
    except (Invalid, TooMany) as refusal:
        tell(refusal.message, "no")
        return _file_page(person_id, RoleForm(), UnmaskForm()), refusal.status
    tell(msg("验证码已发出，3 天内有效。"))
    return see_other("people.person_file", person_id=person_id)


@bp.post("/admin/people/<uuid:person_id>/disable", who=ADMINISTRATOR)
def disable_person(person_id: UUID) -> ResponseReturnValue:
    commands.disable_person(current_actor(), person_id)
    tell(msg("已停用。所有登录都已结束，记录都在。"))
    return see_other("people.person_file", person_id=person_id)


@bp.post("/admin/people/<uuid:person_id>/enable", who=ADMINISTRATOR)
def enable_person(person_id: UUID) -> ResponseReturnValue:
    commands.enable_person(current_actor(), person_id)
    tell(msg("已启用，可以登录了。"))
    return see_other("people.person_file", person_id=person_id)


@bp.post("/admin/people/<uuid:person_id>/unmask", who=ADMINISTRATOR)
def unmask(person_id: UUID) -> ResponseReturnValue:
    """The page with one whole number on it: it is sent after the commit that writes the look down."""
    actor, form = current_actor(), UnmaskForm(request.form)
    try:
        if not form.validate():
            return _file_page(person_id, RoleForm(), form), 422
        seen = commands.unmask(
            actor, person_id, form.field.data or "", form.purpose.data or "", form.note.data or ""
        )
    except Invalid as refusal:
        form.absorb(refusal)
        return _file_page(person_id, RoleForm(), form), 422
    except TooMany as refusal:
        form.absorb(Invalid(refusal.message))
        return _file_page(person_id, RoleForm(), form), refusal.status
    page = current_app.make_response(_file_page(person_id, RoleForm(), form, seen))
    page.headers["Cache-Control"] = "no-store"
    return page


@bp.get("/admin/looks", who=ADMINISTRATOR)
def looks() -> ResponseReturnValue:
    page = looking.looks_in(current_actor(), page_number(request.args.get("page")))
    return render("people/looks.html", page=page, words=LOOK_WORDS)


@bp.get("/admin/outbox", who=ADMINISTRATOR)
def outbox() -> ResponseReturnValue:
    require_found(True if parts.is_demo() else None)
    kept = [
        (at, channel, mask_email(to) if "@" in to else mask_phone(to), text)
        for at, channel, to, text in messages.kept()
    ]
    return render("people/outbox.html", kept=kept)
