"""My account: sign-ins, password, language, the privacy notice."""

from uuid import UUID

from flask import redirect, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from lms.kernel.errors import Invalid, TooMany
from lms.kernel.text import msg
from lms.kernel.web import (
    ANYBODY,
    NEWCOMER,
    SIGNED_IN,
    current_actor,
    form_page,
    render,
    safe_next,
    see_other,
    tell,
)
from lms.people import commands, queries, sessions
from lms.people.forms import ConsentForm, PasswordForm
from lms.people.parts import account_links
from lms.people.views.blueprint import bp


def _me() -> UUID:
    person_id = current_actor().person_id
    assert person_id is not None
    return person_id


@bp.get("/account", who=SIGNED_IN)
def account() -> ResponseReturnValue:
    me = _me()
    return render(
        "people/account.html",
        person=queries.person(me),
        sessions=queries.sessions_of(me),
        here=current_actor().session_id,
        links=[entry for entry in account_links if entry.shown()],
    )


@bp.post("/account/sessions/<uuid:session_id>/revoke", who=SIGNED_IN)
def revoke_session(session_id: UUID) -> ResponseReturnValue:
    commands.revoke_session(current_actor(), session_id)
    tell(msg("那一台已经退出。"))
    return see_other("people.account")


@bp.post("/account/sessions/revoke-others", who=SIGNED_IN)
def revoke_other_sessions() -> ResponseReturnValue:
    commands.revoke_other_sessions(current_actor())
    tell(msg("别的手机和电脑都已退出。"))
    return see_other("people.account")


@bp.get("/account/password", who=SIGNED_IN)
def password() -> ResponseReturnValue:
    return render("people/password.html", form=PasswordForm())


@bp.post("/account/password", who=SIGNED_IN, own_units=True)
def change_password() -> ResponseReturnValue:
    form = PasswordForm(request.form)
    if not form.validate():
        return form_page("people/password.html", form)
    permanent = cookie.permanent
    try:
        token = commands.change_password(
            current_actor(),
            form.old.data or "",
            form.new.data or "",
            device=sessions.device_of_request(),
            address=request.remote_addr or "",
        )
    except Invalid as refusal:
        form.absorb(refusal)
        return form_page("people/password.html", form)
    except TooMany as refusal:
        form.absorb(Invalid(fields={"old": refusal.message}))
        return render("people/password.html", form=form), refusal.status
    sessions.take_into_browser(token, None, shared=not permanent)
    tell(msg("密码改好了。别的手机和电脑都已退出。"))
    return see_other("people.account")


@bp.post("/account/language", who=ANYBODY)
def choose_language() -> ResponseReturnValue:
    language = request.form.get("language", "")
    commands.choose_language(current_actor(), language)
    cookie["language"] = language
    return redirect(safe_next(request.form.get("back"), "/"), code=303)


@bp.get("/account/privacy", who=ANYBODY)
def privacy() -> ResponseReturnValue:
    return render("people/privacy.html", **_notice())


@bp.get("/account/consent", who=NEWCOMER)
def consent() -> ResponseReturnValue:
    onward = safe_next(request.args.get("next"), "/today")
    return render("people/consent.html", form=ConsentForm(), onward=onward, **_notice())


@bp.post("/account/consent", who=NEWCOMER)
def give_consent() -> ResponseReturnValue:
    form = ConsentForm(request.form)
    onward = safe_next(request.form.get("next"), "/today")
    if not form.validate():
        return form_page("people/consent.html", form, onward=onward, **_notice())
    commands.give_consent(_me())
    return redirect(onward, code=303)


def _notice() -> dict[str, object]:
    actor = current_actor()
    person = queries.person(actor.person_id) if actor.person_id else None
    return {"person": person, "version": sessions.NOTICE}
