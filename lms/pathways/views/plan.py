"""Her plan: what still lacks, in steps one can begin with: /pathways/plan."""

from decimal import Decimal

from flask.typing import ResponseReturnValue

from lms.courses.rules import SUBJECT_NAMES
from lms.credits.rules.words import KIND_WORDS
from lms.kernel import clock
from lms.kernel.i18n import in_locale, translate
from lms.kernel.text import N_, Message, msg
from lms.kernel.web import SIGNED_IN, current_actor, render
from lms.pathways import plans
from lms.pathways.plans import OwnPlan, PlannedStep
from lms.pathways.rules.pathway import VERIFIER_NAMES
from lms.pathways.rules.states import State
from lms.pathways.views.blueprint import bp
from lms.pathways.views.links import links

AMOUNTS = {"credits": N_("学分"), "hours": N_("学时")}


@bp.get("/pathways/plan", who=SIGNED_IN)
def own_plan() -> ResponseReturnValue:
    """The shortest way to what she still lacks, as of today."""
    found = plans.own_plan(current_actor())
    now = [one for one in found.steps if one.step.now and not _waits(one)]
    # All of them can be begun today; what she is in the middle of is the least to begin with.
    now.sort(key=lambda one: one.studying is None)
    waits = [one for one in found.steps if _waits(one)]
    joins = [one for one in found.steps if one.coming and one not in now]
    then = [one for one in found.steps if one not in now and one not in waits and one not in joins]
    return render(
        "pathways/plan.html",
        p=found,
        now=now,
        waits=waits,
        joins=joins,
        then=then,
        open=_left(found),
        reasons={one.step.code: _reasons(found, one) for one in found.steps},
        address=address,
        kinds=KIND_WORDS,
        verifiers=VERIFIER_NAMES,
        subjects=SUBJECT_NAMES,
    )


def _waits(one: PlannedStep) -> bool:
    """Whether somebody else's turn it is."""
    return one.line is not None and one.line.state is State.SUBMITTED


def _left(found: OwnPlan) -> list[tuple[str, Message, Decimal | None]]:
    """What no step closes, by name, why, and how much is lacking. The year is told by its credits and hours, where
    these are told."""
    amounts = [one for one in found.plan.unclosed if one.rule in AMOUNTS]
    year = {code for code, line in found.lines.items() if line.requirement.shape_name == "year_pass"} if amounts else ()
    return [
        (_name(found, one.rule), _named(found, one.why), one.lacking)
        for one in found.plan.unclosed
        if one.rule not in year
    ]


def _reasons(found: OwnPlan, one: PlannedStep) -> list[str]:
    """What a step is for, besides the credits and hours it brings: the way that asks for it, a class of credits that
    is lacking, training, a course that comes after it."""
    if one.line is not None:
        return [in_locale(way.title.both()) for way in found.asking.get(one.step.code, ())]
    return [
        f"{name}{translate(N_('：'))}{said}" if closing.reason.params.get("credits") else said
        for closing in one.step.closes
        if closing.rule not in AMOUNTS
        for name, said in [(_name(found, closing.rule), translate(_named(found, closing.reason)))]
    ]


def _name(found: OwnPlan, rule: str) -> str:
    """What a requirement, an amount or a category of the policy is called."""
    if rule in AMOUNTS:
        return translate(AMOUNTS[rule])
    if rule in found.lines:
        return in_locale(found.lines[rule].requirement.title.both())
    categories = found.standing.policy.categories if found.standing else ()
    titles = (in_locale(one.title.both()) for one in categories if one.id == rule)
    courses = (in_locale(one.course.titles) for one in found.steps if one.course and one.course.code == rule)
    return next(iter((*titles, *courses)), rule)


def _named(found: OwnPlan, why: Message) -> Message:
    """A sentence that names things by their codes, with their names."""
    code = why.params.get("code")
    return msg(why.msgid, **{**why.params, "code": _name(found, str(code))}) if code else why


def address(one: PlannedStep) -> str:
    """Where a step is begun."""
    if one.studying is not None and one.studying.next_lesson is not None:
        return f"/learn/{one.studying.enrolment.id}/{one.studying.next_lesson.slug}"
    if one.course is not None:
        return f"/courses/{one.course.slug}"
    if one.claim:
        return f"/credits/claims/new?kind={one.claim}"
    if one.coming is not None:
        return f"/credits/activities?page={one.coming.page}#a-{one.coming.activity.id}"
    if one.line is None:
        return "/credits"
    found = links(one.line, one.step.code.partition(":")[0], clock.today())
    return found[0].address if found else "/pathways/records"
