"""The auditor's pages: queue, sample, one award with its evidence, the decision."""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits import commands, parts
from lms.credits.auditing import queries
from lms.credits.auditing.evidence import audit_view
from lms.credits.auditing.queries import Filters
from lms.credits.forms import DecisionForm, QueueForm, SampleForm, as_version, given
from lms.credits.rules import reasons
from lms.credits.rules.policy import CERTAINTY_WORDS
from lms.credits.rules.words import KIND_WORDS
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.actor import AUDITORS
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.i18n import translate
from lms.kernel.paging import page_number
from lms.kernel.text import N_, msg
from lms.kernel.web import current_actor, render, roles, see_other, tell

AUDITOR = roles(*AUDITORS)
CHOICES = {
    "approve": N_("通过，计入学分"),
    "return": N_("退回补充，暂不计入"),
    "reverse": N_("撤销，不再计入"),
}
DEEDS: dict[str, Callable[..., None]] = {
    "approve": commands.approve_award,
    "return": commands.return_award,
    "reverse": commands.reverse_award,
}
DONE = {
    "approve": msg("已通过，学分计入。"),
    "return": msg("已退回，医生会在“今天”看到您的话。"),
    "reverse": msg("已撤销，证书同时作废。"),
}


@bp.get("/audit", who=AUDITOR)
def audit_queue() -> ResponseReturnValue:
    actor = current_actor()
    form = _queue_form()
    filters = _filters(form)
    sample_form = SampleForm(request.args)
    sample = None
    if "seed" in request.args and sample_form.validate():
        sample = queries.sample(
            actor,
            filters,
            seed=given(sample_form.seed.data),
            size=given(sample_form.n.data),
            until=given(sample_form.until.data),
        )
    elif "seed" not in request.args:
        sample_form = SampleForm(data={"n": 10, "until": clock.today()})
    number = page_number(request.args.get("page"))
    page = render(
        "audit/queue.html",
        q=queries.queue(actor, filters, number),
        form=form,
        sample=sample,
        sample_form=sample_form,
        kinds=KIND_WORDS,
        states=reasons.STATES,
        kept=_kept(form),
    )
    return (page, 422) if sample_form.errors else page


def _queue_form() -> QueueForm:
    form = QueueForm(request.args)
    years = [str(year) for year in queries.years(current_actor())]
    form.year.choices = [("", N_("全部年度")), *((year, year) for year in years)]
    form.kind.choices = [("", N_("全部类型")), *KIND_WORDS.items()]
    for field, known in ((form.state, reasons.STATES), (form.year, years), (form.kind, KIND_WORDS)):
        if field.data not in known:
            field.data = "granted" if field is form.state else ""
    if not form.validate():
        form.q.data = (form.q.data or "")[:60]
    return form


def _filters(form: QueueForm) -> Filters:
    return Filters(
        state=form.state.data,
        year=int(form.year.data) if form.year.data else None,
        kind=form.kind.data,
        text=form.q.data or "",
    )


def _kept(form: QueueForm) -> dict[str, str]:
    """The filters that are set, for addresses of the same list."""
    found = {"year": form.year.data, "kind": form.kind.data, "q": form.q.data}
    return {name: value for name, value in found.items() if value}


@bp.get("/audit/awards/<uuid:award_id>", who=AUDITOR)
def audit_award(award_id: UUID) -> ResponseReturnValue:
    return _audit_page(award_id, DecisionForm())


@bp.post("/audit/awards/<uuid:award_id>", who=AUDITOR)
def decide(award_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    form = DecisionForm(request.form)
    queries.award_in_area(actor, award_id)
    if form.validate() and form.action.data in DEEDS:
        try:
            DEEDS[form.action.data](
                actor,
                award_id,
                version=as_version(form.version.data),
                reason_code=form.reason_code.data or reasons.SPARE.get(form.action.data, ""),
                text=form.text.data or "",
            )
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as conflict:
            return _audit_page(award_id, form, conflict), conflict.status
        else:
            tell(DONE[form.action.data])
            return _go_on(award_id)
    elif not form.action.errors:
        form.absorb(Invalid(fields={"action": msg("请从列出的几项里选一项。")}))
    return _audit_page(award_id, form), 422


def _go_on(award_id: UUID) -> ResponseReturnValue:
    following = None
    if request.form.get("then") == "next":
        following = queries.next_waiting(current_actor(), award_id)
    if following is None:
        return see_other("credits.audit_award", award_id=award_id)
    return see_other("credits.audit_award", award_id=following)


def _audit_page(award_id: UUID, form: DecisionForm, conflict: Conflict | None = None) -> str:
    view = audit_view(current_actor(), award_id)
    form.action.choices = [(action, CHOICES[action]) for action in view.actions]
    form.reason_code.choices = _reasons(view.actions)
    form.version.data = str(view.evidence.award.version)
    return render(
        "audit/award.html",
        v=view,
        e=view.evidence,
        form=form,
        conflict=conflict,
        chosen=CHOICES.get(form.action.data) if conflict else None,
        link=parts.award_links([award_id]).get(award_id),
        kinds=KIND_WORDS,
        certainties=CERTAINTY_WORDS,
        words=reasons.WORDS,
        steps=reasons.ACTIONS,
        states=reasons.STATES,
    )


def _reasons(actions: Sequence[str]) -> list[tuple[str, str]]:
    """The reasons of these actions, each said with its action; what fits every action once."""
    found = {"": translate(msg("通过可以不选"))}
    for action in actions:
        for code, word in reasons.BY_ACTION[action].items():
            said = msg("{action}：{reason}", action=msg(reasons.NAMES[action]), reason=msg(word))
            found[code] = translate(msg(word) if code == "other" else said)
    return list(found.items())
