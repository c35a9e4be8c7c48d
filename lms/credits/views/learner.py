"""The learner's pages: her statement, all her years, and one award with a reply box when it was returned."""

from collections.abc import Iterable
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from lms.credits import commands, exports, parts, queries
from lms.credits.access import level
from lms.credits.auditing.evidence import own_award
from lms.credits.flags import queries as flags
from lms.credits.forms import ExportForm, ReplyForm, as_uuid, as_year, given
from lms.credits.lines import StatementLine
from lms.credits.rules import reasons
from lms.credits.rules.policy import CERTAINTY_WORDS
from lms.credits.rules.words import KIND_WORDS
from lms.credits.sheets.documents import account_table
from lms.credits.sheets.tables import classed, classes_table, lines_table, years_table
from lms.credits.statements import Statement
from lms.credits.transcripts import Transcript
from lms.credits.views.answers import as_download
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.kernel.web import SIGNED_IN, current_actor, render, see_other, tell
from lms.sheets.cells import Table


@bp.get("/credits", who=SIGNED_IN)
def statement() -> ResponseReturnValue:
    return statement_page(_own_year())


def _own_year() -> Statement:
    person_id = require_found(current_actor().person_id)
    return queries.statement(person_id, as_year(request.args.get("year"), clock.today()))


def statement_page(found: Statement, *, office: bool = False) -> str:
    """A year as a page: the doctor's own, with her certificates, or the one her unit sees."""
    awards = [] if office else [line.award_id for line in found.counted_lines if line.award_id]
    return render(
        "credits/statement.html",
        s=found,
        classes=classes_table((found,), with_year=False),
        account=account_table(found.account, (found,)),
        classed=classed(found),
        links=parts.award_links(awards) if awards else {},
        kinds=KIND_WORDS,
        certainties=CERTAINTY_WORDS,
        printed=clock.local(clock.now()),
        office=office,
        linked=_linked(found.lines, office),
        flags=0 if office else flags.waiting_for(found.person.id),
    )


def _section(year: Statement) -> tuple[Statement, Table | None, Table]:
    """A year on the page of all years: the table of its classes, where it knows them, and of its lines."""
    classes = classes_table((year,), with_year=False) if classed(year) else None
    return year, classes, lines_table((year,), with_year=False)


def _linked(lines: Iterable[StatementLine], office: bool) -> dict[UUID, str]:
    """The page behind each award: the doctor's own, or the auditor's where it is hers to audit."""
    actor = current_actor()
    page = "credits.audit_award" if office else "credits.award"
    return {
        line.award_id: url_for(page, award_id=line.award_id)
        for line in lines
        if line.award_id and (not office or level(actor, line.authority_path))
    }


@bp.get("/credits/statement.<any(csv, xlsx):ending>", who=SIGNED_IN)
def statement_file(ending: str) -> ResponseReturnValue:
    return as_download(exports.statement_file(_own_year(), ending))


@bp.get("/credits/transcript", who=SIGNED_IN)
def transcript() -> ResponseReturnValue:
    return transcript_page(queries.transcript(require_found(current_actor().person_id)))


@bp.get("/credits/transcript.<any(csv, xlsx):ending>", who=SIGNED_IN)
def transcript_file(ending: str) -> ResponseReturnValue:
    found = queries.transcript(require_found(current_actor().person_id))
    return as_download(exports.transcript_file(found, ending))


def transcript_page(found: Transcript, *, office: bool = False, form: ExportForm | None = None) -> str:
    """All years as a page: the doctor's own, or the one her unit sees."""
    return render(
        "credits/transcript.html",
        t=found,
        years=years_table(found.years),
        sections=[_section(one) for one in found.years],
        account=account_table(found.account, found.years),
        certainties=CERTAINTY_WORDS,
        printed=clock.local(clock.now()),
        office=office,
        linked=_linked([line for one in found.years for line in one.lines], office),
        form=form,
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
