"""The knowledge test of a course: one page with all questions, and what came of it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.improving import knowledge
from lms.improving.knowledge import UNKNOWN, Round
from lms.improving.rules import OCCASIONS
from lms.improving.views.blueprint import bp
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.i18n import locale
from lms.kernel.text import Message, msg
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell

DEALT_WITH = msg("这次小测已经办过了，算第一次的。")
HERE = "/knowledge/<uuid:enrolment_id>/<occasion>"


def _round(enrolment_id: UUID, occasion: str) -> Round:
    """NotFound for an occasion that there is not."""
    if occasion not in OCCASIONS:
        raise NotFound
    return knowledge.of_enrolment(current_actor(), enrolment_id)


def _ask(
    one: Round,
    occasion: str,
    given: Mapping[str, Sequence[str]],
    faults: Mapping[str, Message],
    refused: Message | None,
) -> str:
    return render(
        "improving/test.html", one=one, occasion=occasion, asked=knowledge.questions(one, locale()), given=given,
        faults=faults, refused=refused, unknown=UNKNOWN,
    )  # fmt: skip


@bp.get(HERE, who=SIGNED_IN)
def knowledge_test(enrolment_id: UUID, occasion: str) -> ResponseReturnValue:
    one = _round(enrolment_id, occasion)
    taken = one.taken.get(occasion)
    if taken is None:
        knowledge.require_open(one, occasion)
        return _ask(one, occasion, {}, {}, None)
    found = None if taken.declined else knowledge.result(one, taken, locale())
    return render("improving/tested.html", one=one, occasion=occasion, found=found, beside=knowledge.beside(one))


@bp.post(HERE, who=SIGNED_IN)
def take_knowledge_test(enrolment_id: UUID, occasion: str) -> ResponseReturnValue:
    actor, one = current_actor(), _round(enrolment_id, occasion)
    if "decline" in request.form:
        if knowledge.decline(actor, enrolment_id, occasion):
            tell(msg("好，这次小测不再问您。"))
        else:
            tell(DEALT_WITH, "wait")
        return see_other("courses.course", slug=one.slug)
    given = request.form.to_dict(flat=False)
    try:
        first = knowledge.take(actor, enrolment_id, occasion, request.form.get("edition", ""), given)
    except Invalid as refusal:
        return _ask(one, occasion, given, dict(refusal.fields), refusal.message), 422
    if not first:
        tell(DEALT_WITH, "wait")
    return see_other("improving.knowledge_test", enrolment_id=enrolment_id, occasion=occasion)
