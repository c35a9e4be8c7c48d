"""Pages of an assessment: start, question by question, hand in, result."""

from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from lms.assessments import commands, forms, looking, pages, queries
from lms.assessments.rules import timing
from lms.courses.access import STUDIO
from lms.courses.moving import differing
from lms.courses.moving.scene import course_in_use, edition_numbered
from lms.courses.packages.package import Package
from lms.courses.parts import course_outcomes
from lms.courses.studio import draft as draft_of
from lms.items.base import Values
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.errors import Invalid
from lms.kernel.i18n import locale, translate
from lms.kernel.text import Message
from lms.kernel.web import (
    SIGNED_IN,
    FeatureBlueprint,
    current_actor,
    render,
    roles,
    see_other,
    tell,
    wants_json,
)

bp = FeatureBlueprint("assessments", __name__)


@bp.get("/learn/<uuid:enrolment>/attempts", who=SIGNED_IN)
def start_page(enrolment: UUID) -> ResponseReturnValue:
    """What to know before starting, and earlier tries."""
    page = queries.start_page(current_actor(), enrolment)
    return render("assessments/start.html", page=page)


@bp.post("/learn/<uuid:enrolment>/attempts", who=SIGNED_IN)
def start(enrolment: UUID) -> ResponseReturnValue:
    """Start, or go on with the attempt that is open."""
    attempt_id = commands.start_attempt(current_actor(), enrolment)
    return see_other("assessments.attempt", attempt=attempt_id)


@bp.get("/attempts/<uuid:attempt>", who=SIGNED_IN)
def attempt(attempt: UUID) -> ResponseReturnValue:
    """One question (`?q=7`), or the list of all before handing in (`?q=0`)."""
    card = queries.own_attempt(current_actor(), attempt)
    if queries.is_over(card):
        return _over(card)
    return _question_page(card, forms.position_asked(request.args.get("q")))


@bp.get("/attempts/<uuid:attempt>/questions", who=SIGNED_IN)
def questions(attempt: UUID) -> ResponseReturnValue:
    """All questions at once, for the page to go on without a network."""
    card = queries.own_attempt(current_actor(), attempt)
    if queries.is_over(card):
        return _over(card)
    return render("assessments/questions.html", page=pages.whole_attempt(card))


@bp.post("/attempts/<uuid:attempt>/answers", who=SIGNED_IN)
def save(attempt: UUID) -> ResponseReturnValue:
    """Save one answer: from the page with a script (JSON), or from its form."""
    actor = current_actor()
    given = forms.given_answer(request.form)
    if wants_json():
        saved = commands.save_answer(actor, attempt, given)
        return {
            "position": saved.position,
            "seq": saved.seq,
            "at": f"{clock.local(saved.at):%H:%M}",
            "answered": saved.answered,
            "remark": translate(saved.remark) if saved.remark else None,
            "left": timing.seconds_left(saved.deadline, clock.now()),
        }
    try:
        saved = commands.save_answer(actor, attempt, given)
    except Invalid as refusal:
        card = queries.own_attempt(actor, attempt)
        return _question_page(card, given.position, refusal.message, given.values), 422
    if saved.remark:
        tell(saved.remark, "back")
    step = -1 if request.form.get("go") == "prev" else 1
    asked = max(1, given.position + step)
    return see_other("assessments.attempt", attempt=attempt, q=asked if asked <= saved.total else 0)


@bp.post("/attempts/<uuid:attempt>/submit", who=SIGNED_IN)
def submit(attempt: UUID) -> ResponseReturnValue:
    """Hand in. Doing it twice leads to the same result."""
    commands.submit_attempt(current_actor(), attempt)
    return see_other("assessments.result", attempt=attempt)


@bp.get("/attempts/<uuid:attempt>/result", who=SIGNED_IN)
def result(attempt: UUID) -> ResponseReturnValue:
    """What came of an attempt."""
    card = queries.own_attempt(current_actor(), attempt)
    if card.open:
        return _over(card) if queries.is_over(card) else see_other("assessments.attempt", attempt=attempt)
    page = pages.result_page(card)
    outcomes = course_outcomes(page.card) if card.passed else []
    return render("assessments/result.html", page=page, outcomes=outcomes)


def _question_page(
    card: queries.AttemptCard,
    position: int | None,
    error: Message | None = None,
    typed: Values | None = None,
) -> str:
    page = pages.attempt_page(card, position)
    if not page.questions:
        return render("assessments/check.html", page=page)
    return render(
        "assessments/attempt.html",
        page=page,
        question=page.questions[0],
        error=error,
        values=typed or page.questions[0].values,
    )


def _over(card: queries.AttemptCard) -> ResponseReturnValue:
    """Closed: graded attempts have a result; one whose time just ran out says so."""
    if not card.open:
        return see_other("assessments.result", attempt=card.id)
    return render("assessments/closing.html", page=pages.attempt_page(card, 0))


@bp.get("/studio/courses/<slug>/editions/<int:number>/exam", who=roles(*STUDIO))
def look(slug: str, number: int) -> ResponseReturnValue:
    """A paper of an edition as a learner may get it; nothing is kept."""
    course = course_in_use(current_actor(), slug)
    package = edition_numbered(course.id, number).package
    home = url_for("courses.studio_look", slug=slug, number=number)
    return _look(package, home)


@bp.get("/studio/drafts/<uuid:draft_id>/exam", who=roles(*STUDIO))
def look_at_draft(draft_id: UUID) -> ResponseReturnValue:
    """The same of a draft, as its package stands."""
    draft_of(current_actor(), draft_id)
    package = differing.draft_package(differing.draft_row(draft_id))
    return _look(require_found(package), url_for("courses.studio_draft", draft_id=draft_id))


def _look(package: Package, home: str) -> ResponseReturnValue:
    asked = request.args.to_dict(flat=False)
    return render("assessments/look.html", page=looking.look(package, locale(), home, request.path, asked))
