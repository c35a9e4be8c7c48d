"""The auditor's pages: the queue with its ticks, one award with its evidence, the decision, the second person's."""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits import commands, parts
from lms.credits.auditing import queries
from lms.credits.auditing.evidence import audit_view
from lms.credits.auditing.queries import LISTS, Filters
from lms.credits.auditing.samples import SampleView, sample_view
from lms.credits.forms import DecisionForm, QueueForm, SecondForm, as_uuid, as_version
from lms.credits.rules import reasons
from lms.credits.rules.policy import CERTAINTY_WORDS
from lms.credits.rules.words import KIND_WORDS
from lms.credits.views.blueprint import bp
from lms.kernel.actor import AUDITORS
from lms.kernel.errors import Conflict, DomainError, Invalid, NotFound
from lms.kernel.i18n import translate
from lms.kernel.paging import page_number
from lms.kernel.text import N_, Message, msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import current_actor, render, roles, see_other, tell

AUDITOR = roles(*AUDITORS)
NO_AWARD = UUID(int=0)
CHOICES = {
    "approve": N_("通过，计入学分"),
    "return": N_("退回补充，暂不计入"),
    "reverse": N_("撤销，不再计入"),
}
DEEDS: dict[str, Callable[..., bool]] = {
    "approve": commands.approve_award,
    "return": commands.return_award,
    "reverse": commands.reverse_award,
}
DONE = {
    "approve": msg("已通过，学分计入。"),
    "return": msg("已退回，医生会在“今天”看到您的话。"),
    "reverse": msg("已撤销，证书同时作废。"),
}


PROPOSED = msg("学分超过限额，要两个人审。您的提议已记下，另一位审核人员确认后才生效。")
ANSWERED = {
    "confirm": msg("已确认，决定生效，两位审核人员都记在案。"),
    "decline": msg("已记下您不同意。这条学分保持原状，可以重新审。"),
}
MOST_TICKED = 20


@bp.get("/audit", who=AUDITOR)
def audit_queue() -> ResponseReturnValue:
    return _queue_page(())


def _queue_page(failed: tuple[tuple[str, Message], ...], left_out: int = 0) -> str:
    form = _queue_form()
    return render(
        "audit/queue.html",
        q=queries.queue(current_actor(), _filters(form), page_number(request.args.get("page"))),
        form=form,
        failed=failed,
        left_out=left_out,
        kinds=KIND_WORDS,
        states=LISTS,
        kept=_kept(form),
    )


@bp.post("/audit", who=AUDITOR, own_units=True)
def approve_awards() -> ResponseReturnValue:
    """Approve what was ticked, each row in a transaction of its own. What takes two persons is left out and counted;
    what fails is named, the rest stands."""
    failed: list[tuple[str, Message]] = []
    done = left_out = 0
    for ticked in request.form.getlist("award")[:MOST_TICKED]:
        name, _, version = ticked.partition(":")
        try:
            with unit_of_work():
                if commands.approve_small(current_actor(), as_uuid(name) or NO_AWARD, version=as_version(version)):
                    done += 1
                else:
                    left_out += 1
        except DomainError as error:
            failed.append((request.form.get(f"name_{name}", ""), error.message))
    with unit_of_work(write=False):
        if failed:
            return _queue_page(tuple(failed), left_out), 409
        said = msg("通过了 {n} 条。", n=done)
        if left_out:
            said = msg("通过了 {n} 条。另有 {left} 条超过限额，要两个人审，请一条一条打开。", n=done, left=left_out)
        elif not done:
            said = msg("没有勾选，什么也没有改动。")
        tell(said, "ok" if done and not left_out else "wait")
        return see_other("credits.audit_queue", **request.args)


def _queue_form() -> QueueForm:
    form = QueueForm(request.args)
    years = [str(year) for year in queries.years()]
    form.year.choices = [("", N_("全部年度")), *((year, year) for year in years)]
    form.kind.choices = [("", N_("全部类型")), *KIND_WORDS.items()]
    for field, known in ((form.state, LISTS), (form.year, years), (form.kind, KIND_WORDS)):
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
            decided = DEEDS[form.action.data](
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
            tell(DONE[form.action.data] if decided else PROPOSED, "ok" if decided else "wait")
            return _go_on(award_id)
    elif not form.action.errors:
        form.absorb(Invalid(fields={"action": msg("请从列出的几项里选一项。")}))
    return _audit_page(award_id, form), 422


@bp.post("/audit/awards/<uuid:award_id>/second", who=AUDITOR)
def second(award_id: UUID) -> ResponseReturnValue:
    """The second person's answer to what waits for one."""
    actor = current_actor()
    form = SecondForm(request.form)
    queries.award_in_area(actor, award_id)
    if form.validate():
        said, version = form.action.data, as_version(form.version.data)
        try:
            commands.answer_proposal(actor, award_id, said, version=version, text=form.text.data or "")
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as conflict:
            return _audit_page(award_id, DecisionForm(), conflict), conflict.status
        else:
            tell(ANSWERED[said])
            return _go_on(award_id)
    return _audit_page(award_id, DecisionForm(), second_form=form), 422


@bp.post("/audit/awards/<uuid:award_id>/withdraw", who=AUDITOR)
def withdraw(award_id: UUID) -> ResponseReturnValue:
    """Who proposed takes it back."""
    actor = current_actor()
    queries.award_in_area(actor, award_id)
    try:
        commands.withdraw_proposal(actor, award_id, version=as_version(request.form.get("version")))
    except Conflict as conflict:
        return _audit_page(award_id, DecisionForm(), conflict), conflict.status
    tell(msg("提议收回了，这条学分照旧。"))
    return _go_on(award_id)


def _go_on(award_id: UUID) -> ResponseReturnValue:
    """To the next award: of the sample she works through, where she came from one, else of the queue."""
    view, following = _sample(), None
    if request.form.get("then") == "next":
        following = view.following(award_id) if view else queries.next_waiting(current_actor(), award_id)
    if view is None:
        return see_other("credits.audit_award", award_id=following or award_id)
    if following is None and request.form.get("then") == "next":
        return see_other("credits.sample", sample_id=view.sample.id)
    return see_other("credits.audit_award", award_id=following or award_id, sample=view.sample.id)


def _sample() -> SampleView | None:
    """The sample she works through, if the address or the form names one that she may see."""
    sample_id = as_uuid(request.values.get("sample"))
    try:
        return sample_view(current_actor(), sample_id) if sample_id else None
    except NotFound:
        return None


def _audit_page(
    award_id: UUID, form: DecisionForm, conflict: Conflict | None = None, second_form: SecondForm | None = None
) -> str:
    view = audit_view(current_actor(), award_id)
    form.action.choices = [(action, CHOICES[action]) for action in view.actions]
    form.reason_code.choices = _reasons(view.actions)
    form.version.data = str(view.evidence.award.version)
    second_form = second_form or SecondForm()
    second_form.version.data = form.version.data
    return render(
        "audit/award.html",
        v=view,
        e=view.evidence,
        form=form,
        second_form=second_form,
        conflict=conflict,
        chosen=CHOICES.get(form.action.data) if conflict else None,
        link=parts.award_links([award_id]).get(award_id),
        sample=_sample(),
        choices=CHOICES,
        kinds=KIND_WORDS,
        certainties=CERTAINTY_WORDS,
        words=reasons.WORDS,
        steps=reasons.STEPS,
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
