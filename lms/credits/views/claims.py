"""The doctor's pages of claims: her list, a draft, a claim with its course, papers."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue

from lms.credits.claims import drafting, queries
from lms.credits.claims.access import visible_file
from lms.credits.claims.asking import Asked
from lms.credits.claims.drafting import Papers, Written
from lms.credits.claims.forms import AnswerForm, ClaimForm, HandInForm
from lms.credits.claims.models import Claim
from lms.credits.claims.queries import OwnClaim
from lms.credits.claims.reasons import STEPS, WORDS
from lms.credits.claims.rules import LEVEL_NAMES
from lms.credits.forms import AmountField, as_uuid, as_version, given
from lms.credits.rules.evidence import EVIDENCE as PAPERS
from lms.credits.rules.words import KIND_WORDS
from lms.credits.saying import CHOICE_WORDS, ROLE_WORDS, amount, choice_word
from lms.credits.views.blueprint import bp
from lms.kernel.access import require_found
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.paging import page_number
from lms.kernel.quantities import format_hours, from_milli
from lms.kernel.serving import file_response
from lms.kernel.text import N_, msg
from lms.kernel.uow import unit_of_work
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell
from lms.uploads.forms import sent_uploads

# What the form calls by other names than the commands do.
FIELDS = {"quantity": "times", "unit": "times", "": "title"}


@bp.get("/credits/claims", who=SIGNED_IN)
def claims() -> ResponseReturnValue:
    page = queries.own_claims(current_actor(), page_number(request.args.get("page")))
    return render("credits/claims.html", page=page, kinds=KIND_WORDS, levels=LEVEL_NAMES)


@bp.get("/credits/claims/new", who=SIGNED_IN)
def new_claim() -> ResponseReturnValue:
    kind = request.args.get("kind", "")
    if not kind:
        offered, policy = queries.kinds_for(current_actor())
        return render("credits/claim_kinds.html", offered=offered, policy=policy, kinds=KIND_WORDS)
    return _new_page(ClaimForm(data={"claim_id": str(new_id()), "kind": kind}))


@bp.post("/credits/claims", who=SIGNED_IN, own_units=True)
def begin_claim() -> ResponseReturnValue:
    form = ClaimForm(request.form)
    claim_id = as_uuid(form.claim_id.data) or new_id()
    if form.validate():
        try:
            papers = _papers(form)
            with unit_of_work():
                made = drafting.begin(current_actor(), claim_id, _written(form), papers)
        except Invalid as refusal:
            _absorb(form, refusal)
        else:
            tell(msg("草稿存好了，随时可以接着写。") if made else msg("这份草稿刚才已经存好。"))
            return see_other("credits.claim", claim_id=claim_id, _anchor="next")
    with unit_of_work(write=False):
        return _new_page(form), 422


@bp.get("/credits/claims/<uuid:claim_id>", who=SIGNED_IN)
def claim(claim_id: UUID) -> ResponseReturnValue:
    return _claim_page(queries.claim_view(current_actor(), claim_id))


@bp.post("/credits/claims/<uuid:claim_id>", who=SIGNED_IN, own_units=True)
def save_claim(claim_id: UUID) -> ResponseReturnValue:
    form, status = ClaimForm(request.form), 422
    conflict = None
    with unit_of_work(write=False):
        queries.claim_view(current_actor(), claim_id)
    if form.validate():
        try:
            papers = _papers(form)
            with unit_of_work():
                drafting.save(
                    current_actor(), claim_id, _written(form), papers, version=as_version(form.version.data)
                )
        except Invalid as refusal:
            _absorb(form, refusal)
        except Conflict as found:
            conflict, status = found, found.status
        else:
            tell(msg("草稿存好了，随时可以接着写。"))
            return see_other("credits.claim", claim_id=claim_id, _anchor="next")
    with unit_of_work(write=False):
        return _claim_page(queries.claim_view(current_actor(), claim_id), form=form, conflict=conflict), status


def _papers(form: ClaimForm) -> Papers:
    """What came with the form; files are received here, outside of any unit of work."""
    fields = request.form
    kinds = {as_uuid(name[6:]): value for name, value in fields.items() if name.startswith("paper_")}
    return Papers(
        uploads=sent_uploads(current_actor(), "papers", EVIDENCE),
        kind=form.paper_kind.data or "photo",
        kinds={one: kind for one, kind in kinds.items() if one is not None},
        gone=[one for one in map(as_uuid, fields.getlist("gone")) if one is not None],
    )


def _written(form: ClaimForm) -> Written:
    return Written(
        kind=form.kind.data or "",
        role=form.role.data or "attendee",
        choice=form.choice.data or None,
        title=form.title.data or "",
        place=form.place.data or "",
        started_on=form.started_on.data,
        on_date=form.on_date.data,
        quantity=_amount(form.times),
        hours=_amount(form.hours),
        project_number=form.project_number.data or None,
        assessed=bool(form.assessed.data),
        note=form.note.data or "",
    )


def _amount(field: AmountField) -> Decimal | None:
    return field.amount if field.data else None


def _absorb(form: ClaimForm, refusal: Invalid) -> None:
    fields = {FIELDS.get(name, name): said for name, said in refusal.fields.items()}
    form.absorb(Invalid(refusal.message, fields=fields))


@bp.post("/credits/claims/<uuid:claim_id>/hand-in", who=SIGNED_IN)
def hand_in_claim(claim_id: UUID) -> ResponseReturnValue:
    form = HandInForm(request.form)
    form.validate()
    actor = current_actor()
    try:
        drafting.hand_in(actor, claim_id, version=as_version(form.version.data), true=bool(form.truth.data))
    except Invalid as refusal:
        form.absorb(Invalid(fields={name: said for name, said in refusal.fields.items() if name == "truth"}))
        found = queries.claim_view(actor, claim_id)
        return _claim_page(found, hand_in=form, refused=dict(refusal.fields)), 422
    except Conflict as conflict:
        return _claim_page(queries.claim_view(actor, claim_id), conflict=conflict), conflict.status
    tell(msg("已经交上去。有结果会在“今天”告诉您。"))
    return see_other("credits.claim", claim_id=claim_id)


@bp.post("/credits/claims/<uuid:claim_id>/withdraw", who=SIGNED_IN)
def withdraw_claim(claim_id: UUID) -> ResponseReturnValue:
    try:
        drafting.withdraw(current_actor(), claim_id, version=as_version(request.form.get("version")))
    except Conflict as conflict:
        found = queries.claim_view(current_actor(), claim_id)
        return _claim_page(found, conflict=conflict), conflict.status
    tell(msg("已撤回。没有人会再看到这条申报。"))
    return see_other("credits.claims")


@bp.post("/credits/claims/<uuid:claim_id>/answer", who=SIGNED_IN)
def answer_claim(claim_id: UUID) -> ResponseReturnValue:
    form = AnswerForm(request.form)
    actor, conflict, status = current_actor(), None, 422
    if form.validate():
        try:
            version = as_version(form.version.data)
            drafting.answer(actor, claim_id, version=version, text=given(form.text.data))
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as found:
            conflict, status = found, found.status
        else:
            tell(msg("说明已经交给上一级审核人员，有结果会告诉您。"))
            return see_other("credits.claim", claim_id=claim_id)
    return _claim_page(queries.claim_view(actor, claim_id), answer=form, conflict=conflict), status


@bp.get("/credits/claims/<uuid:claim_id>/papers/<uuid:file_id>", who=SIGNED_IN)
def claim_paper(claim_id: UUID, file_id: UUID) -> Response:
    file = visible_file(current_actor(), claim_id, file_id)
    return file_response(file.sha, file.mime, file.name)


@bp.get("/credits/claims/<uuid:claim_id>/papers/<uuid:file_id>/small", who=SIGNED_IN)
def claim_paper_small(claim_id: UUID, file_id: UUID) -> Response:
    file = visible_file(current_actor(), claim_id, file_id)
    return file_response(require_found(file.thumbnail_sha), "image/jpeg", file.name)


def _new_page(form: ClaimForm) -> str:
    policy, asks = queries.blank(current_actor(), form.kind.data or "")
    _offer(form, asks)
    form.version.data = "0"
    return render(
        "credits/claim_new.html", form=form, asks=asks, policy=policy, kinds=KIND_WORDS, papers=PAPERS
    )


def _offer(form: ClaimForm, asks: Asked) -> None:
    form.role.choices = [(role, ROLE_WORDS[role]) for role in asks.roles]
    form.choice.choices = [("", N_("请选")), *((name, _choice_word(name, worth)) for name, worth in asks.choices)]
    named = dict.fromkeys((*asks.papers, "photo", *PAPERS))
    form.paper_kind.choices = [(kind, PAPERS[kind]) for kind in named]


def _choice_word(name: str, credits: Decimal | None) -> str:
    if credits is None:
        return translate(choice_word(name))
    each = msg("每次计 {credits} 学分", credits=format_hours(credits))
    return translate(msg("{what}：{each}", what=choice_word(name), each=each) if name in CHOICE_WORDS else each)


def _claim_page(
    found: OwnClaim,
    *,
    form: ClaimForm | None = None,
    hand_in: HandInForm | None = None,
    answer: AnswerForm | None = None,
    conflict: Conflict | None = None,
    refused: dict[str, object] | None = None,
) -> str:
    version = str(found.claim.version)
    if found.editable and found.asks:
        form = form or ClaimForm(data=_filled(found.claim))
        form.version.data = version
        _offer(form, found.asks)
    return render(
        "credits/claim.html",
        v=found,
        c=found.claim,
        form=form,
        hand_in=hand_in or HandInForm(data={"version": version}),
        answer=answer or AnswerForm(data={"version": version}),
        conflict=conflict,
        faults=refused or found.faults,
        kinds=KIND_WORDS,
        roles=ROLE_WORDS,
        papers=PAPERS,
        amount=amount,
        levels=LEVEL_NAMES,
        words=WORDS,
        steps=STEPS,
        labels=_labels(),
        exact=from_milli,
    )


def _labels() -> dict[str, str]:
    """The names of the form's fields, for sentences about what is missing."""
    names = {field.name: str(field.label.text) for field in ClaimForm()}
    return {**names, "quantity": names["times"], "papers": "证明材料", "kind": "类型", "truth": ""}


def _filled(claim: Claim) -> dict[str, str | date | bool | None]:
    return {
        "claim_id": str(claim.id),
        "kind": claim.kind,
        "role": claim.role,
        "choice": claim.choice or "",
        "title": claim.title,
        "place": claim.place,
        "started_on": claim.started_on,
        "on_date": claim.on_date,
        "times": _said(claim.quantity_milli),
        "hours": _said(claim.hours_milli),
        "project_number": claim.project_number,
        "assessed": claim.assessed,
        "note": claim.note,
    }


def _said(milli: int | None) -> str:
    return "" if milli is None else format(from_milli(milli).normalize(), "f")
