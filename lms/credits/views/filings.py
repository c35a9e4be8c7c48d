"""To the regulator and back: /reports/filings. Made by administrators, seen by the auditors of the place."""

from datetime import date
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from lms.credits.filing import access, handing_out, making, queries, reconciling
from lms.credits.filing.forms import AnswerForm, FileForm, FilingForm, ReadyForm, days_of, periods
from lms.credits.filing.rules import STATES
from lms.credits.forms import as_uuid, given
from lms.credits.rules.words import KIND_WORDS
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import AUDITORS, Role
from lms.kernel.errors import Conflict, Invalid, TooLarge
from lms.kernel.i18n import in_locale
from lms.kernel.paging import page_number
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell

OFFICE = roles(*AUDITORS, Role.ADMINISTRATOR)
ADMINISTRATOR = roles(Role.ADMINISTRATOR)
MOST_BYTES = 10 * 1024**2


@bp.get("/reports/filings", who=OFFICE)
def filings() -> ResponseReturnValue:
    return _list_page(FilingForm(data={"period": str(clock.today().year)}))


def _list_page(form: FilingForm) -> str:
    actor = current_actor()
    form.place.choices = [
        (str(one.id), f"{in_locale({'zh': one.name, 'en': one.name_en})} {one.code}") for one in access.places(actor)
    ]
    form.period.choices = periods(clock.today())
    page = queries.filings(actor, page_number(request.args.get("page")))
    return render("reports/filings.html", page=page, form=form)


@bp.post("/reports/filings", who=ADMINISTRATOR)
def make_filing() -> ResponseReturnValue:
    form = FilingForm(request.form)
    if form.validate():
        try:
            start, end = _period(form)
            filing_id = making.make_filing(
                current_actor(),
                require_found(as_uuid(form.place.data)),
                start=start,
                end=end,
                full_numbers=bool(form.full_numbers.data),
                reason=form.reason.data or "",
            )
        except Invalid as refusal:
            form.absorb(refusal)
        else:
            tell(msg("开始做了，做好以后文件在这一页。"))
            return see_other("credits.filing", filing_id=filing_id)
    return _list_page(form), 422


def _period(form: FilingForm) -> tuple[date, date]:
    found = days_of(form.period.data or "")
    if found is not None:
        return found
    faults = {name: msg("请填写这一项。") for name in ("start", "end") if form[name].data is None}
    if faults:
        raise Invalid(fields=faults)
    return given(form.start.data), given(form.end.data)


@bp.get("/reports/filings/<uuid:filing_id>", who=OFFICE)
def filing(filing_id: UUID) -> ResponseReturnValue:
    return _filing_page(filing_id, AnswerForm())


def _filing_page(filing_id: UUID, form: AnswerForm) -> str:
    state = request.args.get("state", "")
    page = queries.filing_page(
        current_actor(), filing_id, state if state in STATES else "", page_number(request.args.get("page"))
    )
    return render(
        "reports/filing.html", f=page, form=form, changes=queries.CHANGE_WORDS, states=queries.STATE_WORDS,
        kinds=KIND_WORDS, classes=queries.CLASS_WORDS,
    )  # fmt: skip


@bp.post("/reports/filings/<uuid:filing_id>/again", who=OFFICE)
def try_filing_again(filing_id: UUID) -> ResponseReturnValue:
    """Go on with a filing that was given up."""
    if making.try_again(current_actor(), filing_id):
        tell(msg("接着做了，做好以后文件在这一页。"))
    else:
        tell(msg("它没有停下，不用再点。"), "wait")
    return see_other("credits.filing", filing_id=filing_id)


@bp.post("/reports/filings/<uuid:filing_id>/files", who=OFFICE)
def hand_out_filing(filing_id: UUID) -> ResponseReturnValue:
    """A file, streamed; who took it is recorded."""
    form = FileForm(request.form)
    handed = handing_out.hand_out(current_actor(), filing_id, form.name.data or "")
    headers = Headers()
    headers.add("Content-Disposition", "attachment", filename=handed.name)
    headers.add("Cache-Control", "private, no-store")
    headers.add("Content-Length", str(handed.size))
    answer = Response(handed.blocks(), mimetype=handed.mimetype, headers=headers)
    answer.direct_passthrough = True
    return answer


@bp.post("/reports/filings/<uuid:filing_id>/answers", who=OFFICE)
def rehearse_answer(filing_id: UUID) -> ResponseReturnValue:
    form, file = AnswerForm(request.files), request.files.get("file")
    access.require_files(current_actor(), filing_id)
    data = file.stream.read(MOST_BYTES + 1) if file else b""
    if len(data) > MOST_BYTES:
        raise TooLarge(msg("文件不超过 {size} MB。", size=MOST_BYTES // 1024**2))
    if file is None or not data:
        form.absorb(Invalid(fields={"file": msg("请选一个文件。")}))
        return _filing_page(filing_id, form), 422
    try:
        answer_id = reconciling.rehearse(current_actor(), filing_id, file.filename or "", data)
    except Invalid as refusal:
        form.absorb(refusal)
        return _filing_page(filing_id, form), 422
    return see_other("credits.filing_answer", filing_id=filing_id, answer_id=answer_id)


@bp.get("/reports/filings/<uuid:filing_id>/answers/<uuid:answer_id>", who=OFFICE)
def filing_answer(filing_id: UUID, answer_id: UUID) -> ResponseReturnValue:
    return _answer_page(filing_id, answer_id)


def _answer_page(filing_id: UUID, answer_id: UUID, refusal: Invalid | None = None) -> str:
    answer, plan = reconciling.rehearsal(current_actor(), filing_id, answer_id)
    page = queries.filing_page(current_actor(), filing_id)
    return render("reports/answer.html", a=answer, plan=plan, f=page, refusal=refusal)


@bp.post("/reports/filings/<uuid:filing_id>/answers/<uuid:answer_id>/apply", who=OFFICE)
def apply_answer(filing_id: UUID, answer_id: UUID) -> ResponseReturnValue:
    try:
        done = reconciling.apply(current_actor(), filing_id, answer_id)
    except Invalid as refusal:
        return _answer_page(filing_id, answer_id, refusal), 422
    if done:
        tell(msg("回复已经记好，被退回的进了待改的名单。"))
    else:
        tell(msg("这份回复以前已经记过，没有重复记。"), "wait")
    return see_other("credits.filing", filing_id=filing_id)


@bp.get("/reports/refused", who=OFFICE)
def refused_rows() -> ResponseReturnValue:
    return _refused_page(ReadyForm())


def _refused_page(form: ReadyForm, wrong: UUID | None = None) -> str:
    ready = request.args.get("ready") == "1"
    page = queries.refused_rows(current_actor(), ready, page_number(request.args.get("page")))
    return render("reports/refused.html", page=page, ready=ready, form=form, wrong=wrong, kinds=KIND_WORDS)


@bp.post("/reports/refused/<uuid:filing_id>/<uuid:award_id>", who=OFFICE)
def mark_ready(filing_id: UUID, award_id: UUID) -> ResponseReturnValue:
    form = ReadyForm(request.form)
    if not form.validate():
        return _refused_page(form, award_id), 422
    try:
        done = reconciling.mark_ready(current_actor(), filing_id, award_id, form.note.data or "")
    except Conflict as conflict:
        tell(conflict.message, "wait")
    else:
        if done:
            tell(msg("记下了，下一次上报会重新报这一行。"))
        else:
            tell(msg("这一行已经标过。"), "wait")
    return see_other("credits.refused_rows")
