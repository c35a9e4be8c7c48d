"""Signing in and out, and setting a password by one-time code."""

from uuid import UUID

from flask import redirect, request
from flask.typing import ResponseReturnValue

from lms.kernel.errors import Invalid, TooMany
from lms.kernel.text import msg
from lms.kernel.web import (
    ANYBODY,
    current_actor,
    form_page,
    render,
    safe_next,
    see_other,
    tell,
)
from lms.people import commands, sessions
from lms.people.forms import AskCodeForm, CodeForm, SignInForm
from lms.people.views.blueprint import bp


@bp.get("/sign-in", who=ANYBODY)
def sign_in() -> ResponseReturnValue:
    onward = safe_next(request.args.get("next"), "/today")
    if current_actor().signed_in:
        return redirect(onward, code=303)
    return render("people/sign_in.html", form=SignInForm(), onward=onward)


@bp.post("/sign-in", who=ANYBODY, own_units=True)
def sign_in_now() -> ResponseReturnValue:
    form = SignInForm(request.form)
    onward = safe_next(request.form.get("next"), "/today")
    if not form.validate():
        return form_page("people/sign_in.html", form, onward=onward)
    before = sessions.token_of_request()
    try:
        token = commands.sign_in(
            form.account.data or "",
            form.password.data or "",
            device=sessions.device_of_request(),
            address=request.remote_addr or "",
            shared=bool(form.shared.data),
            familiar=sessions.is_familiar(form.account.data or ""),
        )
    except Invalid as refusal:
        form.absorb(refusal)
        return form_page("people/sign_in.html", form, onward=onward)
    except TooMany as refusal:
        form.absorb(Invalid(refusal.message))
        return render("people/sign_in.html", form=form, onward=onward), refusal.status
    sessions.take_into_browser(token, before, shared=bool(form.shared.data))
    sessions.become_familiar(form.account.data or "")
    return redirect(onward, code=303)


@bp.post("/sign-out", who=ANYBODY)
def sign_out() -> ResponseReturnValue:
    commands.sign_out(sessions.take_from_browser())
    tell(msg("已退出。"))
    return redirect("/?out=y", code=303)  # where what forms have kept on this phone goes


@bp.get("/sign-in/code", who=ANYBODY)
def ask_code() -> ResponseReturnValue:
    return render("people/ask_code.html", form=AskCodeForm())


@bp.post("/sign-in/code", who=ANYBODY)
def ask_code_now() -> ResponseReturnValue:
    form = AskCodeForm(request.form)
    if not form.validate():
        return form_page("people/ask_code.html", form)
    try:
        code_id = commands.ask_code(form.account.data or "", address=request.remote_addr or "")
    except TooMany as refusal:
        form.absorb(Invalid(fields={"account": refusal.message}))
        return render("people/ask_code.html", form=form), refusal.status
    return see_other("people.enter_code", code_id=code_id)


@bp.get("/sign-in/code/<uuid:code_id>", who=ANYBODY)
def enter_code(code_id: UUID) -> ResponseReturnValue:
    return render("people/enter_code.html", form=CodeForm(), code_id=code_id)


@bp.post("/sign-in/code/<uuid:code_id>", who=ANYBODY, own_units=True)
def enter_code_now(code_id: UUID) -> ResponseReturnValue:
    form = CodeForm(request.form)
    if not form.validate():
        return form_page("people/enter_code.html", form, code_id=code_id)
    before = sessions.token_of_request()
    try:
        token = commands.set_password_by_code(
            code_id,
            form.code.data or "",
            form.password.data or "",
            device=sessions.device_of_request(),
            address=request.remote_addr or "",
            shared=bool(form.shared.data),
        )
    except Invalid as refusal:
        form.absorb(refusal)
        return form_page("people/enter_code.html", form, code_id=code_id)
    sessions.take_into_browser(token, before, shared=bool(form.shared.data))
    tell(msg("密码设好了。"))
    return redirect("/today", code=303)
