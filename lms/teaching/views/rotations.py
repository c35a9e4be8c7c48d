"""Rotations as the person herself and their supervisor see them."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell
from lms.teaching import commands, queries
from lms.teaching.forms import ExamForm, ReasonForm, as_version
from lms.teaching.rules import STEPS
from lms.teaching.views.blueprint import bp


@bp.get("/practice-log/rotations", who=SIGNED_IN)
def own_rotations() -> ResponseReturnValue:
    me = current_actor().person_id
    assert me is not None
    found = queries.rotations_of([me]).get(me, [])
    return render("teaching/rotations.html", found=found)


@bp.get("/practice-log/rotations/<uuid:rotation_id>", who=SIGNED_IN)
def rotation(rotation_id: UUID) -> ResponseReturnValue:
    return _rotation_page(rotation_id)


@bp.post("/practice-log/rotations/<uuid:rotation_id>/finish", who=SIGNED_IN)
def finish_rotation(rotation_id: UUID) -> ResponseReturnValue:
    form, conflict, status = ExamForm(request.form), None, 422
    queries.rotation_to_sign(current_actor(), rotation_id)
    if form.validate():
        try:
            version = as_version(form.version.data)
            commands.finish_rotation(current_actor(), rotation_id, form.exam.data or "", version=version)
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as found:
            conflict, status = found, found.status
        else:
            tell(msg("签好了，出科结果已经记下。"))
            return see_other("teaching.rotation", rotation_id=rotation_id)
    return _rotation_page(rotation_id, exam=form, conflict=conflict), status


@bp.post("/practice-log/rotations/<uuid:rotation_id>/return", who=SIGNED_IN)
def return_rotation(rotation_id: UUID) -> ResponseReturnValue:
    form, conflict, status = ReasonForm(request.form), None, 422
    queries.rotation_to_sign(current_actor(), rotation_id)
    if form.validate():
        try:
            version = as_version(form.version.data)
            commands.return_rotation(current_actor(), rotation_id, form.reason.data or "", version=version)
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as found:
            conflict, status = found, found.status
        else:
            tell(msg("退回了，安排轮转的人会看到您写的话。"))
            return see_other("teaching.rotation", rotation_id=rotation_id)
    return _rotation_page(rotation_id, reason=form, conflict=conflict), status


def _rotation_page(
    rotation_id: UUID,
    exam: ExamForm | None = None,
    reason: ReasonForm | None = None,
    conflict: Conflict | None = None,
) -> str:
    seen = queries.seen_rotation(current_actor(), rotation_id)
    version = str(seen.card.version)
    exam, reason = exam or ExamForm(), reason or ReasonForm()
    exam.version.data = reason.version.data = version
    return render(
        "teaching/rotation.html", v=seen, r=seen.card, exam=exam, reason=reason, conflict=conflict, names=STEPS,
        over=clock.today() >= seen.card.ends_on, done=queries.rotation_sums(rotation_id),
    )  # fmt: skip
