"""The learner's pages: her statement, and one award with a reply box when it was returned."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits import commands, parts, queries
from lms.credits.auditing.evidence import own_award
from lms.credits.forms import ReplyForm, as_uuid, as_year, given
from lms.credits.rules import reasons
from lms.credits.rules.policy import CERTAINTY_WORDS
from lms.credits.rules.words import KIND_WORDS
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell


@bp.get("/credits", who=SIGNED_IN)
def statement() -> ResponseReturnValue:
    person_id = require_found(current_actor().person_id)
    found = queries.statement(person_id, as_year(request.args.get("year"), clock.today()))
    awards = [line.award_id for line in found.counted_lines if line.award_id]
    return render(
        "credits/statement.html",
        s=found,
        links=parts.award_links(awards),
        kinds=KIND_WORDS,
        certainties=CERTAINTY_WORDS,
        printed=clock.local(clock.now()),
    )


@bp.get("/credits/awards/<uuid:award_id>", who=SIGNED_IN)
def award(award_id: UUID) -> ResponseReturnValue:
    return _award_page(award_id, ReplyForm(data={"reply_id": str(new_id())}))


@bp.post("/credits/awards/<uuid:award_id>/reply", who=SIGNED_IN)
def reply(award_id: UUID) -> ResponseReturnValue:
    form = ReplyForm(request.form)
    if form.validate():
        try:
            commands.reply_to_award(
                current_actor(),
                award_id,
                text=given(form.text.data),
                reply_id=as_uuid(form.reply_id.data),
            )
        except Invalid as refusal:
            form.absorb(refusal)
        except Conflict as conflict:
            return _award_page(award_id, form, conflict), conflict.status
        else:
            tell(msg("说明已经交给审核人员，有结果会告诉您。"))
            return see_other("credits.award", award_id=award_id)
    return _award_page(award_id, form), 422


def _award_page(award_id: UUID, form: ReplyForm, conflict: Conflict | None = None) -> str:
    found = own_award(current_actor(), award_id)
    return render(
        "credits/award.html",
        e=found,
        form=form,
        conflict=conflict,
        link=parts.award_links([award_id]).get(award_id),
        kinds=KIND_WORDS,
        certainties=CERTAINTY_WORDS,
        words=reasons.WORDS,
        steps=reasons.ACTIONS,
    )
