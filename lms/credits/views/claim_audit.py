"""The deciders' pages of claims: the queue with its ticks, one claim beside its papers, the decision."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits.claims import queue as queries
from lms.credits.claims import reasons
from lms.credits.claims.asking import CLAIMED
from lms.credits.claims.deciding import decide
from lms.credits.claims.forms import ClaimDecisionForm, ClaimQueueForm
from lms.credits.claims.queue import Filters
from lms.credits.claims.rules import LEVEL_NAMES
from lms.credits.forms import as_uuid, as_version
from lms.credits.recording import Recorded
from lms.credits.rules.evidence import EVIDENCE as PAPERS
from lms.credits.rules.words import KIND_WORDS, words
from lms.credits.saying import ROLE_WORDS, amount, choice_word
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.actor import CLAIM_AUDITORS
from lms.kernel.errors import Conflict, DomainError, Invalid
from lms.kernel.i18n import translate
from lms.kernel.paging import page_number
from lms.kernel.quantities import format_credits, from_milli
from lms.kernel.text import N_, Message, msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import current_actor, render, roles, see_other, tell

DECIDER = roles(*CLAIM_AUDITORS)
DONE = {
    "return": msg("已退回，医生会在“今天”看到您的话。"),
    "refuse": msg("已记为不通过，医生会看到您的话。"),
    "not_count": msg("已记为不计学分，医生会看到您的话。"),
}
MOST_TICKED = 20


@bp.get("/audit/claims", who=DECIDER)
def claim_queue() -> ResponseReturnValue:
    return _queue_page(())


def _queue_page(failed: tuple[tuple[str, Message], ...]) -> str:
    actor = current_actor()
    form = ClaimQueueForm(request.args)
    latest = clock.today().year
    form.year.choices = [("", N_("所有年度")), *((str(year), str(year)) for year in range(latest, latest - 6, -1))]
    form.kind.choices = [("", N_("所有类型")), *((kind, KIND_WORDS[kind]) for kind in CLAIMED)]
    form.validate()
    filters = _filters(form)
    kept = {name: value for name, value in (
        ("year", form.year.data), ("kind", form.kind.data), ("q", form.q.data), ("mine", "y" if form.mine.data else ""),
    ) if value}  # fmt: skip
    return render(
        "audit/claims.html",
        q=queries.queue(actor, filters, page_number(request.args.get("page"))),
        form=form,
        kept=kept,
        failed=failed,
        kinds=KIND_WORDS,
        states=reasons.STATES,
        levels=LEVEL_NAMES,
    )


def _filters(form: ClaimQueueForm) -> Filters:
    year = form.year.data or ""
    return Filters(
        state=form.state.data if form.state.data in reasons.STATES else "waiting",
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        kind=form.kind.data if form.kind.data in CLAIMED else "",
        text=(form.q.data or "")[:60],
        mine=bool(form.mine.data),
    )


@bp.post("/audit/claims", who=DECIDER, own_units=True)
def approve_claims() -> ResponseReturnValue:
    """Approve what was ticked, each row in a transaction of its own; what fails is named, the rest stands."""
    failed: list[tuple[str, Message]] = []
    done = 0
    for ticked in request.form.getlist("claim")[:MOST_TICKED]:
        name, _, version = ticked.partition(":")
        claim_id = as_uuid(name)
        try:
            with unit_of_work():
                if claim_id is None:
                    raise Invalid
                decide(
                    current_actor(), claim_id, "approve", version=as_version(version), reason_code="in_order"
                )
        except DomainError as error:
            failed.append((request.form.get(f"name_{name}", ""), error.message))
        else:
            done += 1
    with unit_of_work(write=False):
        if not failed:
            said = msg("通过了 {n} 条。", n=done) if done else msg("没有勾选，什么也没有改动。")
            tell(said, "ok" if done else "wait")
            return see_other("credits.claim_queue", **request.args)
        return _queue_page(tuple(failed)), 409


@bp.get("/audit/claims/<uuid:claim_id>", who=DECIDER)
def audit_claim(claim_id: UUID) -> ResponseReturnValue:
    return _claim_page(claim_id, ClaimDecisionForm())


@bp.post("/audit/claims/<uuid:claim_id>", who=DECIDER)
def decide_claim(claim_id: UUID) -> ResponseReturnValue:
    form = ClaimDecisionForm(request.form)
    actor = current_actor()
    if form.validate():
        action = form.action.data
        try:
            earned = decide(
                actor,
                claim_id,
                action,
                version=as_version(form.version.data),
                reason_code=form.reason_code.data or reasons.SPARE.get(action, ""),
                text=form.text.data or "",
            )
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as conflict:
            return _claim_page(claim_id, form, conflict), conflict.status
        else:
            tell(*_said(action, earned))
            return _go_on(claim_id)
    return _claim_page(claim_id, form), 422


def _said(action: str, earned: Recorded | None) -> tuple[Message, str]:
    if action != "approve":
        return DONE[action], "ok"
    if earned is None:
        return msg("已通过，交给上一级审核。"), "ok"
    if earned.award_id is None:
        return msg("已通过，但不授学分：{why}", why=words(earned.reasons[-1])), "back"
    return msg("已通过，授 {credits} 学分。", credits=format_credits(earned.awarded)), "ok"


def _go_on(claim_id: UUID) -> ResponseReturnValue:
    following = None
    if request.form.get("then") == "next":
        following = queries.next_waiting(current_actor(), claim_id)
    return see_other("credits.audit_claim", claim_id=following or claim_id)


def _claim_page(claim_id: UUID, form: ClaimDecisionForm, conflict: Conflict | None = None) -> str:
    found = queries.examine(current_actor(), claim_id)
    form.action.choices = [(action, reasons.CHOICES[action]) for action in found.actions]
    form.reason_code.choices = _reasons(found.actions)
    form.version.data = str(found.claim.version)
    return render(
        "audit/claim.html",
        v=found,
        c=found.claim,
        form=form,
        conflict=conflict,
        kinds=KIND_WORDS,
        roles=ROLE_WORDS,
        choice=choice_word(found.claim.choice) if found.claim.choice else None,
        papers=PAPERS,
        amount=amount,
        levels=LEVEL_NAMES,
        words=reasons.WORDS,
        steps=reasons.STEPS,
        exact=from_milli,
    )


def _reasons(actions: tuple[str, ...]) -> list[tuple[str, str]]:
    """The reasons of these actions, each said with its action; what fits every action once."""
    found = {"": translate(msg("通过可以不选"))}
    for action in actions:
        for code, word in reasons.BY_ACTION[action].items():
            said = msg("{action}：{reason}", action=msg(reasons.NAMES[action]), reason=msg(word))
            found[code] = translate(msg(word) if code == "other" else said)
    return list(found.items())
