"""Her plan: what still lacks, in steps one can begin with: /pathways/plan."""

from flask.typing import ResponseReturnValue

from lms.courses.rules import SUBJECT_NAMES
from lms.credits.rules.words import KIND_WORDS
from lms.kernel.web import SIGNED_IN, current_actor, render
from lms.pathways import plans
from lms.pathways.planner.asking import Doing
from lms.pathways.plans import OwnPlan, PlannedStep
from lms.pathways.rules.pathway import VERIFIER_NAMES
from lms.pathways.rules.states import State
from lms.pathways.views.blueprint import bp


@bp.get("/pathways/plan", who=SIGNED_IN)
def own_plan() -> ResponseReturnValue:
    """The shortest way to what she still lacks, as of today."""
    found = plans.own_plan(current_actor())
    now = [one for one in found.steps if one.step.now and not _waits(one)]
    waits = [one for one in found.steps if _waits(one)]
    then = [one for one in found.steps if one not in now and one not in waits]
    return render(
        "pathways/plan.html",
        p=found,
        now=now,
        waits=waits,
        then=then,
        open=_left(found),
        address=address,
        doing=Doing,
        kinds=KIND_WORDS,
        verifiers=VERIFIER_NAMES,
        subjects=SUBJECT_NAMES,
    )


def _waits(one: PlannedStep) -> bool:
    """Whether somebody else's turn it is."""
    return one.line is not None and one.line.state is State.SUBMITTED


def _left(found: OwnPlan) -> list[tuple[str, object]]:
    """What no step closes: what it is (a requirement's title, or a word of the policy), and why."""
    return [(one.rule, one) for one in found.plan.unclosed]


def address(one: PlannedStep) -> str:
    """Where a step is begun."""
    if one.studying is not None and one.studying.next_lesson is not None:
        return f"/learn/{one.studying.enrolment.id}/{one.studying.next_lesson.slug}"
    if one.course is not None:
        return f"/courses/{one.course.slug}"
    if one.claim:
        return f"/credits/claims/new?kind={one.claim}"
    if one.step.doing is Doing.LOG_PRACTICE:
        return "/practice-log"
    if one.line is not None and one.line.judged.record and one.line.state is State.REJECTED:
        return "/pathways/records"
    return f"/pathways/records/new?kind={one.kind}" if one.kind else "/credits"
