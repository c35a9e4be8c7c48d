"""What a learner says of a lesson or a course."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.courses import learning
from lms.courses.queries import EnrolmentCard
from lms.improving import feedback
from lms.improving.forms import FeedbackForm
from lms.improving.views.blueprint import bp
from lms.kernel.access import require_found
from lms.kernel.errors import Invalid
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, current_actor, form_page, render, see_other, tell


def _form(said: feedback.Said | None) -> FeedbackForm:
    return FeedbackForm(data={"rating": str(said.rating), "text": said.text} if said else {})


@bp.get("/learn/<uuid:enrolment_id>/<slug>/feedback", who=SIGNED_IN)
def lesson_feedback(enrolment_id: UUID, slug: str) -> ResponseReturnValue:
    actor = current_actor()
    edition, lesson = learning.own_lesson(actor, enrolment_id, slug)
    said = feedback.said(actor, edition.course_id, slug)
    back = f"/learn/{enrolment_id}/{slug}"
    return render("improving/feedback.html", form=_form(said), said=said, title=lesson.titles, back=back)


@bp.post("/learn/<uuid:enrolment_id>/<slug>/feedback", who=SIGNED_IN)
def say_of_lesson(enrolment_id: UUID, slug: str) -> ResponseReturnValue:
    actor = current_actor()
    edition, lesson = learning.own_lesson(actor, enrolment_id, slug)
    form = FeedbackForm(request.form)
    try:
        if not form.validate():
            raise Invalid(fields={})
        feedback.say(actor, enrolment_id, slug, int(form.rating.data), form.text.data or "")
    except Invalid as refusal:
        if refusal.fields:
            form.absorb(refusal)
        said = feedback.said(actor, edition.course_id, slug)
        back = f"/learn/{enrolment_id}/{slug}"
        return form_page("improving/feedback.html", form, said=said, title=lesson.titles, back=back)
    tell(msg("记下了，谢谢。中心的答复会写在这里。"))
    return see_other("courses.lesson", enrolment_id=enrolment_id, slug=slug, _anchor="said")


def _card(slug: str) -> EnrolmentCard:
    """Her last round of the course; NotFound where she has none."""
    return require_found(learning.course_page(slug, current_actor().person_id).enrolment)


@bp.get("/courses/<slug>/feedback", who=SIGNED_IN)
def course_feedback(slug: str) -> ResponseReturnValue:
    card = _card(slug)
    said = feedback.said(current_actor(), card.course_id, feedback.COURSE)
    return render("improving/feedback.html", form=_form(said), said=said, title=card.titles, back=f"/courses/{slug}")


@bp.post("/courses/<slug>/feedback", who=SIGNED_IN)
def say_of_course(slug: str) -> ResponseReturnValue:
    actor, card = current_actor(), _card(slug)
    form = FeedbackForm(request.form)
    try:
        if not form.validate():
            raise Invalid(fields={})
        feedback.say_of_course(actor, card, int(form.rating.data), form.text.data or "")
    except Invalid as refusal:
        if refusal.fields:
            form.absorb(refusal)
        said = feedback.said(actor, card.course_id, feedback.COURSE)
        return form_page("improving/feedback.html", form, said=said, title=card.titles, back=f"/courses/{slug}")
    tell(msg("记下了，谢谢。中心的答复会写在这里。"))
    return see_other("courses.course", slug=slug, _anchor="said")
