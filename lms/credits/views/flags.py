"""Pages of flags: the reviewer's queue and one flag with its evidence; the doctor's own, with her answer."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits.flags import commands, queries
from lms.credits.flags.words import ACTIONS, KIND_NAMES, MEANINGS, REASONS, STATE_NAMES, STEPS
from lms.credits.forms import ReplyForm, ReviewForm, as_uuid, as_version
from lms.credits.views.audit import AUDITOR
from lms.credits.views.blueprint import bp
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.paging import page_number
from lms.kernel.text import N_, msg
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell

DONE = {
    "ask": msg("已问医生，她在“学分”里会看到您的话。"),
    "close": msg("已了结，原因医生看得到。"),
    "reopen": msg("已重新打开。"),
}


@bp.get("/audit/flags", who=AUDITOR)
def flag_queue() -> ResponseReturnValue:
    state, kind = request.args.get("state", "open"), request.args.get("kind", "")
    found = queries.queue(
        current_actor(),
        state if state in STATE_NAMES else "open",
        kind if kind in KIND_NAMES else "",
        page_number(request.args.get("page")),
    )
    return render("audit/flags.html", q=found, kinds=KIND_NAMES, states=STATE_NAMES)


@bp.get("/audit/flags/<uuid:flag_id>", who=AUDITOR)
def flag(flag_id: UUID) -> ResponseReturnValue:
    return _flag_page(flag_id, ReviewForm())


@bp.post("/audit/flags/<uuid:flag_id>", who=AUDITOR)
def review_flag(flag_id: UUID) -> ResponseReturnValue:
    form = ReviewForm(request.form)
    queries.flag_view(current_actor(), flag_id)
    if not form.validate():
        return _flag_page(flag_id, form), 422
    try:
        commands.review(
            current_actor(), flag_id, form.action.data or "",
            version=as_version(form.version.data), reason_code=form.reason_code.data or "", text=form.text.data or "",
        )  # fmt: skip
    except Invalid as refusal:
        form.absorb(refusal)
        return _flag_page(flag_id, form), 422
    except Conflict as conflict:
        return _flag_page(flag_id, form, conflict), conflict.status
    tell(DONE[form.action.data])
    return see_other("credits.flag", flag_id=flag_id)


def _flag_page(flag_id: UUID, form: ReviewForm, conflict: Conflict | None = None) -> str:
    view = queries.flag_view(current_actor(), flag_id)
    form.action.choices = [(action, ACTIONS[action]) for action in view.actions]
    form.reason_code.choices = [("", N_("了结时要选")), *REASONS.items()]
    form.version.data = str(view.version)
    return render(
        "audit/flag.html", v=view, form=form, conflict=conflict,
        kinds=KIND_NAMES, states=STATE_NAMES, words=REASONS, steps=STEPS,
    )  # fmt: skip


@bp.get("/credits/flags", who=SIGNED_IN)
def own_flags() -> ResponseReturnValue:
    found = queries.own_flags(current_actor().person_id)
    return render("credits/flags.html", flags=found, kinds=KIND_NAMES, states=STATE_NAMES)


@bp.get("/credits/flags/<uuid:flag_id>", who=SIGNED_IN)
def own_flag(flag_id: UUID) -> ResponseReturnValue:
    return _own_page(flag_id, ReplyForm(data={"reply_id": str(new_id())}))


@bp.post("/credits/flags/<uuid:flag_id>", who=SIGNED_IN)
def answer_flag(flag_id: UUID) -> ResponseReturnValue:
    form = ReplyForm(request.form)
    queries.own_flag(current_actor(), flag_id)
    if form.validate():
        try:
            commands.reply(current_actor(), flag_id, text=form.text.data or "", reply_id=as_uuid(form.reply_id.data))
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as conflict:
            return _own_page(flag_id, form, conflict), conflict.status
        else:
            tell(msg("您的说明已经交给审核人员。"))
            return see_other("credits.own_flag", flag_id=flag_id)
    return _own_page(flag_id, form), 422


def _own_page(flag_id: UUID, form: ReplyForm, conflict: Conflict | None = None) -> str:
    found = queries.own_flag(current_actor(), flag_id)
    return render(
        "credits/flag.html", f=found, form=form, conflict=conflict,
        kinds=KIND_NAMES, states=STATE_NAMES, meanings=MEANINGS, words=REASONS, steps=STEPS,
    )  # fmt: skip
