"""Pages of proposals: the centre's on its course, the authority's that decides."""

from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from lms.courses.access import STUDIO, WRITERS
from lms.courses.preview import Looking, card_context, edition_lesson, lesson_context
from lms.credits.forms import ApproveProposalForm, HoursForm, ProposalForm, RefuseProposalForm, as_uuid, given
from lms.credits.proposals import commands, queries, reading
from lms.credits.rules.words import KIND_WORDS
from lms.credits.saying import place_word
from lms.credits.views import entry
from lms.credits.views.blueprint import bp
from lms.kernel.access import require_found
from lms.kernel.actor import Role
from lms.kernel.errors import Invalid
from lms.kernel.i18n import in_locale, locale
from lms.kernel.quantities import format_hours
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell

ADMINISTRATOR = roles(Role.ADMINISTRATOR)


@bp.get("/studio/courses/<slug>/credit", who=roles(*STUDIO))
def course_credit(slug: str) -> ResponseReturnValue:
    return _credit_page(slug, None)


def _credit_page(slug: str, form: ProposalForm | None) -> str:
    """The table shows what the hours bring that are asked for, in the address or in a form that was refused."""
    asked = form or HoursForm(request.args)
    hours = asked.hours.amount if form or asked.validate() else None
    page = queries.credit_page(current_actor(), slug, hours)
    form = form or ProposalForm(data={"hours": format_hours(page.hours)})
    form.authority_id.choices = [(str(one.id), in_locale({"zh": one.name, "en": one.name_en or one.name}))
                                 for one in page.authorities]  # fmt: skip
    return render("credits/course_credit.html", page=page, form=form, kinds=KIND_WORDS, place_word=place_word)


@bp.post("/studio/courses/<slug>/credit", who=roles(*WRITERS))
def propose_credit(slug: str) -> ResponseReturnValue:
    form = ProposalForm(request.form)
    if form.validate():
        try:
            commands.propose(
                current_actor(), slug, authority_id=require_found(as_uuid(form.authority_id.data)),
                kind=form.kind.data, hours=entry.amount(form.hours), credits=entry.amount(form.credits),
                note=form.note.data or "",
            )  # fmt: skip
        except Invalid as refusal:
            form.absorb(refusal)
        else:
            tell(msg("提议交上去了，等批准。"))
            return see_other("credits.course_credit", slug=slug)
    return _credit_page(slug, form), 422


@bp.post("/studio/courses/<slug>/credit/<uuid:proposal_id>/withdraw", who=roles(*WRITERS))
def withdraw_proposed_credit(slug: str, proposal_id: UUID) -> ResponseReturnValue:
    commands.withdraw(current_actor(), proposal_id)
    tell(msg("提议收回来了。"))
    return see_other("credits.course_credit", slug=slug)


@bp.get("/admin/proposals/<uuid:proposal_id>", who=ADMINISTRATOR)
def proposed_credit(proposal_id: UUID) -> ResponseReturnValue:
    return _deciding_page(proposal_id, ApproveProposalForm(), RefuseProposalForm())


def _deciding_page(proposal_id: UUID, form: ApproveProposalForm, no: RefuseProposalForm) -> str:
    page = queries.deciding_page(current_actor(), proposal_id)
    return render(
        "credits/proposal.html", page=page, proposal=page.proposal, form=form, no=no, kinds=KIND_WORDS,
        place_word=place_word,
    )  # fmt: skip


@bp.get("/admin/proposals/<uuid:proposal_id>/edition", who=ADMINISTRATOR)
def read_proposed(proposal_id: UUID) -> ResponseReturnValue:
    """The proposed edition, for who decides; nothing is kept of who looks."""
    return render("credits/proposed_edition.html", page=reading.reading_page(current_actor(), proposal_id, locale()))


@bp.get("/admin/proposals/<uuid:proposal_id>/edition/card", who=ADMINISTRATOR)
def read_proposed_card(proposal_id: UUID) -> ResponseReturnValue:
    edition = reading.proposed_edition(current_actor(), proposal_id)
    looking = Looking(url_for("credits.read_proposed", proposal_id=proposal_id), column="admin")
    return render("courses/card.html", **card_context(edition, locale(), looking))


@bp.get("/admin/proposals/<uuid:proposal_id>/edition/<lesson>", who=ADMINISTRATOR)
def read_proposed_lesson(proposal_id: UUID, lesson: str) -> ResponseReturnValue:
    edition, language = reading.proposed_edition(current_actor(), proposal_id), locale()
    page = edition_lesson(edition, lesson, language)
    home = url_for("credits.read_proposed", proposal_id=proposal_id)
    looking = Looking(home, f"{home}/", column="admin")
    asked = request.args.to_dict(flat=False)
    return render("courses/lesson.html", **lesson_context(page, edition, asked, language, looking))


@bp.post("/admin/proposals/<uuid:proposal_id>/approve", who=ADMINISTRATOR)
def approve_proposed_credit(proposal_id: UUID) -> ResponseReturnValue:
    form = ApproveProposalForm(request.form)
    if form.validate():
        try:
            commands.approve(
                current_actor(), proposal_id, project_number=given(form.project_number.data),
                valid_from=given(form.valid_from.data), valid_until=given(form.valid_until.data),
            )  # fmt: skip
        except Invalid as refusal:
            form.absorb(refusal)
        else:
            tell(msg("批准了。这一版从批准的日子起带学分。"))
            return see_other("credits.approvals")
    return _deciding_page(proposal_id, form, RefuseProposalForm()), 422


@bp.post("/admin/proposals/<uuid:proposal_id>/refuse", who=ADMINISTRATOR)
def refuse_proposed_credit(proposal_id: UUID) -> ResponseReturnValue:
    form = RefuseProposalForm(request.form)
    if form.validate():
        commands.refuse(current_actor(), proposal_id, form.answer.data or "")
        tell(msg("没有批准，中心会看到原因。"))
        return see_other("credits.approvals")
    return _deciding_page(proposal_id, ApproveProposalForm(), form), 422
