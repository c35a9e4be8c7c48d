"""My notices, and how I want to hear of them."""

from datetime import time
from uuid import UUID

from flask import redirect, request
from flask.typing import ResponseReturnValue

from lms.kernel.errors import Invalid
from lms.kernel.paging import page_number
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, current_actor, form_page, render, see_other, tell
from lms.people.forms import NoticesForm
from lms.people.notices import choosing, reading
from lms.people.notices.rules import NAMES, Times
from lms.people.views.blueprint import bp


def _me() -> UUID:
    person_id = current_actor().person_id
    assert person_id is not None
    return person_id


@bp.get("/account/notices", who=SIGNED_IN)
def notices() -> ResponseReturnValue:
    return render("people/notices.html", page=reading.notices_of(_me(), page_number(request.args.get("page"))))


@bp.post("/account/notices/<uuid:notice_id>/open", who=SIGNED_IN)
def open_notice(notice_id: UUID) -> ResponseReturnValue:
    return redirect(reading.open_notice(current_actor(), notice_id), code=303)


@bp.post("/account/notices/read", who=SIGNED_IN)
def read_notices() -> ResponseReturnValue:
    reading.read_all(current_actor())
    return see_other("people.notices")


@bp.get("/account/notices/preferences", who=SIGNED_IN)
def notice_preferences() -> ResponseReturnValue:
    choice = choosing.choice_of(_me())
    form = NoticesForm(
        sms=sorted(choice.by_sms),
        mail=sorted(choice.by_mail),
        digest=choice.times.digest,
        quiet_from=_time(choice.times.quiet_from),
        quiet_until=_time(choice.times.quiet_until),
    )
    return render("people/notice_preferences.html", form=form, choice=choice, kinds=NAMES)


@bp.post("/account/notices/preferences", who=SIGNED_IN)
def choose_notices() -> ResponseReturnValue:
    form = NoticesForm(request.form)
    if not form.validate():
        return _refused(form)
    try:
        choosing.choose(
            current_actor(),
            by_mail=form.mail.data or [],
            by_sms=form.sms.data or [],
            times=Times(_minute(form.quiet_from.data), _minute(form.quiet_until.data), form.digest.data or ""),
        )
    except Invalid as refusal:
        form.absorb(refusal)
        return _refused(form)
    tell(msg("记下了。"))
    return see_other("people.notices")


def _refused(form: NoticesForm) -> ResponseReturnValue:
    return form_page("people/notice_preferences.html", form, choice=choosing.choice_of(_me()), kinds=NAMES)


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _minute(at: time | None) -> int:
    assert at is not None  # both are required
    return at.hour * 60 + at.minute
