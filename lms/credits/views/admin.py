"""The administrator's pages: approvals of courses, and activities from outside."""

from datetime import date
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.courses import queries as courses
from lms.credits import commands, policies
from lms.credits.approvals import queries
from lms.credits.forms import (
    ActivityForm,
    ApprovalForm,
    PersonSearchForm,
    as_uuid,
    given,
)
from lms.credits.proposals.queries import waiting
from lms.credits.rules.policy import Policy
from lms.credits.rules.words import KIND_WORDS, words
from lms.credits.views import entry
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Role
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.i18n import in_locale
from lms.kernel.ids import new_id
from lms.kernel.paging import page_number
from lms.kernel.quantities import format_credits
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, roles, see_other, tell
from lms.people import access as people_access
from lms.people import queries as people
from lms.people.forms import FindForm
from lms.people.queries import PersonCard

ADMINISTRATOR = roles(Role.ADMINISTRATOR)


@bp.get("/admin/approvals", who=ADMINISTRATOR)
def approvals() -> ResponseReturnValue:
    return _approvals_page(ApprovalForm())


@bp.post("/admin/approvals", who=ADMINISTRATOR)
def approve_course() -> ResponseReturnValue:
    form = ApprovalForm(request.form)
    if form.validate():
        try:
            commands.approve_course(
                current_actor(),
                course_code=form.course_code.data,
                authority_id=require_found(as_uuid(form.authority_id.data)),
                project_number=given(form.project_number.data),
                kind=form.kind.data,
                hours=entry.amount(form.hours),
                valid_from=given(form.valid_from.data),
                valid_until=given(form.valid_until.data),
            )
        except Invalid as refusal:
            form.absorb(refusal)
        else:
            tell(msg("已登记。这门课从批准的日子起带学分。"))
            return see_other("credits.approvals")
    return _approvals_page(form), 422


def _approvals_page(form: ApprovalForm) -> str:
    actor = current_actor()
    page = queries.approvals(actor, page_number(request.args.get("page")))
    offered = courses.all_courses()
    form.course_code.choices = [(card.code, f"{in_locale(card.titles)} {card.code}") for card in offered]
    form.authority_id.choices = [(str(one.id), one.name) for one in queries.authorities(actor)]
    return render(
        "credits/approvals.html",
        page=page,
        form=form,
        offered=offered,
        titles={card.code: card.titles for card in offered},
        kinds=KIND_WORDS,
        proposals=waiting(actor),
    )


@bp.post("/admin/approvals/<uuid:approval_id>/end", who=ADMINISTRATOR)
def end_approval(approval_id: UUID) -> ResponseReturnValue:
    try:
        commands.end_approval(current_actor(), approval_id)
    except Conflict as conflict:
        tell(conflict.message, "wait")
    else:
        tell(msg("已结束。以前授的学分不变，以后学完不再带学分。"))
    return see_other("credits.approvals")


@bp.get("/admin/activities", who=ADMINISTRATOR)
def activities() -> ResponseReturnValue:
    actor = current_actor()
    form = PersonSearchForm(request.args)
    page = None
    if form.validate() and form.q.data:
        page = people.people_in(actor, people.Filters(text=form.q.data), page_number(request.args.get("page")))
    return render("credits/activities.html", form=form, page=page, find=FindForm())


@bp.post("/admin/activities", who=ADMINISTRATOR)
def find_person() -> ResponseReturnValue:
    """By phone or identity number: posted, so that it stays out of addresses."""
    find = FindForm(request.form)
    if find.validate():
        found = people.find_exactly(current_actor(), given(find.number.data))
        if found is not None:
            return see_other("credits.activity", person_id=found)
        find.absorb(Invalid(fields={"number": msg("您管的范围里没有登记过这个号码。")}))
    return render("credits/activities.html", form=PersonSearchForm(), page=None, find=find), 422


@bp.get("/admin/activities/<uuid:person_id>", who=ADMINISTRATOR)
def activity(person_id: UUID) -> ResponseReturnValue:
    form = ActivityForm(data={"activity_id": str(new_id()), "on_date": clock.today()})
    return _activity_page(person_id, form)


@bp.post("/admin/activities/<uuid:person_id>", who=ADMINISTRATOR)
def record_activity(person_id: UUID) -> ResponseReturnValue:
    form = ActivityForm(request.form)
    require_in_place(people_access.may_see(current_actor(), person_id))
    if form.validate():
        try:
            recorded = _record(person_id, form)
        except Invalid as refusal:
            entry.absorb(form, refusal)
        else:
            _say(recorded)
            return see_other("credits.activity", person_id=person_id)
    return _activity_page(person_id, form), 422


def _record(person_id: UUID, form: ActivityForm) -> commands.Recorded | None:
    policy = _policy(require_found(people.person(person_id)), given(form.on_date.data))
    return commands.record_activity(
        current_actor(),
        person_id=person_id,
        activity_id=as_uuid(form.activity_id.data),
        **entry.told(form, policy),
    )


def _say(recorded: commands.Recorded | None) -> None:
    if recorded is None:
        tell(msg("这一条刚才已经登记过，没有重复登记。"), "wait")
    elif recorded.award_id:
        tell(msg("已登记，授 {credits} 学分，等待审核。", credits=format_credits(recorded.awarded)))
    else:
        why = words(recorded.reasons[-1])
        tell(msg("已登记，但不授学分：{why}", why=why), "back")


def _policy(person: PersonCard, on: date) -> Policy | None:
    return policies.for_person(policies.person_of(person), on.year)


def _activity_page(person_id: UUID, form: ActivityForm) -> str:
    """The form with what the policy of the activity's year offers; of this year as long as no day is given."""
    actor = current_actor()
    require_in_place(people_access.may_see(actor, person_id))
    person = require_found(people.person(person_id))
    policy = _policy(person, form.on_date.data or clock.today()) or _policy(person, clock.today())
    own = actor.person_id == person_id
    return render("credits/activity.html", person=person, own=own, **entry.offered(form, policy))
