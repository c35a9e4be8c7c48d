"""What learners said, for the course's centre, which answers it."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.courses.access import STUDIO, WRITERS
from lms.improving import feedback
from lms.improving.forms import AnswerForm
from lms.improving.views.blueprint import bp
from lms.kernel.errors import Invalid
from lms.kernel.paging import page_number
from lms.kernel.text import msg
from lms.kernel.web import current_actor, form_page, render, roles, see_other, tell


@bp.get("/studio/courses/<slug>/words", who=roles(*STUDIO))
def course_words(slug: str) -> ResponseReturnValue:
    number, waiting = page_number(request.args.get("page")), request.args.get("waiting") == "y"
    found = feedback.words(current_actor(), slug, number, only_waiting=waiting)
    return render("improving/words.html", found=found, form=AnswerForm(), wrong=None)


@bp.post("/studio/feedback/<uuid:feedback_id>/answer", who=roles(*WRITERS))
def answer_words(feedback_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    slug = feedback.course_of(actor, feedback_id)
    number, waiting = page_number(request.form.get("page")), request.form.get("waiting") == "y"
    form = AnswerForm(request.form)
    try:
        if not form.validate():
            raise Invalid(fields={})
        feedback.answer(actor, feedback_id, form.text.data or "")
    except Invalid as refusal:
        if refusal.fields:
            form.absorb(refusal)
        found = feedback.words(actor, slug, number, only_waiting=waiting)
        return form_page("improving/words.html", form, found=found, wrong=feedback_id)
    tell(msg("答复存好了，学员在原来的地方看得到。"))
    return see_other("improving.course_words", slug=slug, page=number, waiting="y" if waiting else None)
