"""Surveys: the centre writes and reads them, learners answer."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from lms.courses.access import STUDIO, WRITERS
from lms.courses.views import typed
from lms.courses.writing.typed import Kept
from lms.credits.exports import file_of
from lms.credits.views.answers import as_download
from lms.improving import questions, surveys
from lms.improving.documents import survey_document, survey_table
from lms.improving.forms import QuestionForm, SurveyForm
from lms.improving.rules import LEAST
from lms.improving.surveys import SurveyCard
from lms.improving.views.blueprint import bp
from lms.kernel.actor import Actor
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, current_actor, form_page, render, roles, see_other, tell


@bp.get("/studio/courses/<slug>/surveys", who=roles(*STUDIO))
def course_surveys(slug: str) -> ResponseReturnValue:
    course, found = surveys.of_course(current_actor(), slug)
    return render("improving/surveys.html", course=course, found=found, form=SurveyForm(), kinds=surveys.KINDS)


@bp.post("/studio/courses/<slug>/surveys", who=roles(*WRITERS))
def make_survey(slug: str) -> ResponseReturnValue:
    actor, form = current_actor(), SurveyForm(request.form)
    course, found = surveys.of_course(actor, slug)
    try:
        if not form.validate():
            raise Invalid(fields={})
        titles = {"zh": form.title_zh.data or "", "en": form.title_en.data or ""}
        made = surveys.make(actor, slug, form.kind.data, titles)
    except Invalid as refusal:
        if refusal.fields:
            form.absorb(refusal)
        return form_page("improving/surveys.html", form, course=course, found=found, kinds=surveys.KINDS)
    return see_other("improving.survey", survey_id=made)


FORMS = re.compile("add|change/[0-9]{1,3}")
"""Names of the forms of a survey in which one types."""


def _page(card: SurveyCard, form: QuestionForm | None = None, place: int | None = None) -> str:
    """`place`: of the question that the form changes; without it the form adds one. Without a form it is the one that
    is shown first, with what was typed into it and not saved."""
    found = surveys.results(card)
    held = _typing(card, place)
    return render(
        "improving/survey.html", card=card, form=form or _question_form(card, place, held.given), kinds=questions.KINDS,
        found=found, table=survey_table(found), least=LEAST, place=place, typing=held,
        beside=held.shown(lambda given: _question_form(card, place, given)),
    )  # fmt: skip


def _question_form(card: SurveyCard, place: int | None, given: typed.Given | None) -> QuestionForm:
    return QuestionForm(given, data=questions.typed(card.questions[place]) if place is not None else {})


def _name(place: int | None) -> str:
    """The name of a form (`FORMS`)."""
    return "add" if place is None else f"change/{place}"


def _typing(card: SurveyCard, place: int | None) -> typed.Typing:
    """What waits for a form. Once the questions are others, the place may be another question's, or there may be none:
    the text is then shown beside the form, and beside the one that adds a question."""
    keep, drop = (url_for(f"improving.{name}", survey_id=card.id) for name in ("keep_typed", "drop_typed"))
    here = url_for("improving.survey", survey_id=card.id)
    held = typed.typing(surveys.forms_of(card.id), _name(place), keep=keep, drop=drop, here=here)
    if place is not None:
        return held if held.filled is None or _fits(held.filled, card) else held.beside()
    waiting = typed.waiting_in(surveys.forms_of(card.id))
    lost = [one for one in waiting if one.form != held.form and not _fits(one, card)]
    return replace(held, others=[*held.others, *lost])


def _fits(kept: Kept, card: SurveyCard) -> bool:
    """Whether the survey is still as it was when this was typed."""
    return typed.given(kept).get("version") == str(card.version)


@bp.post("/studio/surveys/<uuid:survey_id>/typed", who=roles(*WRITERS))
def keep_typed(survey_id: UUID) -> ResponseReturnValue:
    surveys.draft_for_writer(current_actor(), survey_id)
    return typed.keep_sent(surveys.forms_of(survey_id), FORMS)


@bp.post("/studio/surveys/<uuid:survey_id>/typed/drop", who=roles(*WRITERS))
def drop_typed(survey_id: UUID) -> ResponseReturnValue:
    surveys.draft_for_writer(current_actor(), survey_id)
    typed.drop_sent(surveys.forms_of(survey_id), FORMS)
    return see_other("improving.survey", survey_id=survey_id)


@bp.get("/studio/surveys/<uuid:survey_id>", who=roles(*STUDIO))
def survey(survey_id: UUID) -> ResponseReturnValue:
    return _page(surveys.for_centre(current_actor(), survey_id))


@bp.get("/studio/surveys/<uuid:survey_id>/results.xlsx", who=roles(*STUDIO))
def survey_file(survey_id: UUID) -> ResponseReturnValue:
    card = surveys.for_centre(current_actor(), survey_id)
    return as_download(file_of(survey_document(card, surveys.results(card)), "xlsx"))


def _version() -> int:
    given = request.form.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def _typed(form: QuestionForm) -> dict[str, Any]:
    """The question that the form makes. Raises Invalid."""
    if not form.validate():
        raise Invalid(fields={})
    texts = {"zh": form.text_zh.data or "", "en": form.text_en.data or ""}
    options = {"zh": form.options_zh.data or "", "en": form.options_en.data or ""}
    return questions.question(form.kind.data, texts, options)


@bp.post("/studio/surveys/<uuid:survey_id>/questions", who=roles(*WRITERS))
def add_question(survey_id: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), QuestionForm(request.form)
    card = surveys.for_centre(actor, survey_id)
    try:
        surveys.change(actor, survey_id, _version(), [*card.questions, _typed(form)])
    except Invalid as refusal:
        if refusal.fields or not form.errors:
            form.absorb(refusal)
        return _page(card, form), 422
    typed.saved(surveys.forms_of(survey_id), _name(None))
    return see_other("improving.survey", survey_id=survey_id)


def _draft_with(actor: Actor, survey_id: UUID, place: int) -> SurveyCard:
    """A draft of her centre that has a question at this place. Raises NotFound."""
    card = surveys.for_centre(actor, survey_id)
    if card.state != "draft" or place >= len(card.questions):
        raise NotFound
    return card


@bp.get("/studio/surveys/<uuid:survey_id>/questions/<int:place>", who=roles(*WRITERS))
def question_page(survey_id: UUID, place: int) -> ResponseReturnValue:
    card = _draft_with(current_actor(), survey_id, place)
    return _page(card, place=place)


@bp.post("/studio/surveys/<uuid:survey_id>/questions/<int:place>", who=roles(*WRITERS))
def change_question(survey_id: UUID, place: int) -> ResponseReturnValue:
    actor, form = current_actor(), QuestionForm(request.form)
    card = surveys.for_centre(actor, survey_id)
    if place >= len(card.questions):
        raise Conflict
    try:
        made = _typed(form)
        surveys.change(actor, survey_id, _version(), [*card.questions[:place], made, *card.questions[place + 1 :]])
    except Invalid as refusal:
        card = _draft_with(actor, survey_id, place)
        if refusal.fields or not form.errors:
            form.absorb(refusal)
        # The version that she began with: what somebody else has saved since is not to be lost at the second try.
        return _page(replace(card, version=_version()), form, place), 422
    typed.saved(surveys.forms_of(survey_id), _name(place))
    return see_other("improving.survey", survey_id=survey_id)


@bp.post("/studio/surveys/<uuid:survey_id>/order", who=roles(*WRITERS))
def order_questions(survey_id: UUID) -> ResponseReturnValue:
    """Take a question out ("out:3") or move it up ("up:3") or down ("down:3"); places count from 0."""
    actor = current_actor()
    card = surveys.for_centre(actor, survey_id)
    what, _, given = request.form.get("do", "").partition(":")
    place = int(given) if given.isascii() and given.isdigit() and len(given) < 3 else -1
    if what not in ("out", "up", "down") or not 0 <= place < len(card.questions):
        raise Invalid(msg("这一页的题目已经变了，请重新打开。"))
    kept = list(card.questions)
    one = kept.pop(place)
    if what != "out":
        kept.insert(max(0, place - 1) if what == "up" else place + 1, one)
    surveys.change(actor, survey_id, _version(), kept)
    return see_other("improving.survey", survey_id=survey_id)


@bp.post("/studio/surveys/<uuid:survey_id>/publish", who=roles(*WRITERS))
def publish_survey(survey_id: UUID) -> ResponseReturnValue:
    surveys.publish(current_actor(), survey_id, _version())
    tell(msg("问卷发布了，从现在起请学员填，题目不再改。"))
    return see_other("improving.survey", survey_id=survey_id)


@bp.post("/studio/surveys/<uuid:survey_id>/close", who=roles(*WRITERS))
def close_survey(survey_id: UUID) -> ResponseReturnValue:
    surveys.close(current_actor(), survey_id, _version())
    tell(msg("问卷关了，不再请人填。收到的都留着。"))
    return see_other("improving.survey", survey_id=survey_id)


@bp.get("/surveys/<uuid:survey_id>", who=SIGNED_IN)
def take_page(survey_id: UUID) -> ResponseReturnValue:
    card, done = surveys.for_learner(current_actor(), survey_id)
    return render("improving/take.html", card=card, done=done, given={}, faults={}, refused=None)


@bp.post("/surveys/<uuid:survey_id>", who=SIGNED_IN)
def take_survey(survey_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    if "decline" in request.form:
        surveys.decline(actor, survey_id)
        tell(msg("好，这份问卷不再问您。"))
        return see_other("home.today")
    given = request.form.to_dict(flat=False)
    try:
        first = surveys.take(actor, survey_id, given)
    except Invalid as refusal:
        card, done = surveys.for_learner(actor, survey_id)
        faults = dict(refusal.fields)
        page = render("improving/take.html", card=card, done=done, given=given, faults=faults, refused=refusal.message)
        return page, 422
    tell(msg("收到了，谢谢。") if first else msg("这份问卷您已经答过，没有再算一次。"))
    return see_other("home.today")
