"""Samples: the list with the form that draws, one sample with its awards, and its protocol, printed or as a file."""

import secrets
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.credits.auditing import protocol, queries, sampling
from lms.credits.auditing.samples import my_samples, sample_view
from lms.credits.auditing.sampling import Wanted
from lms.credits.exports import WRITERS
from lms.credits.forms import SampleForm, as_uuid
from lms.credits.rules.reasons import WORDS
from lms.credits.rules.sampling import LARGEST_SAMPLE, OUTCOMES
from lms.credits.rules.words import KIND_WORDS
from lms.credits.views.answers import as_download
from lms.credits.views.audit import AUDITOR
from lms.credits.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.errors import Invalid
from lms.kernel.i18n import in_locale
from lms.kernel.ids import new_id
from lms.kernel.paging import page_number
from lms.kernel.text import N_, msg
from lms.kernel.web import current_actor, render, see_other, tell

USUAL = 50


@bp.get("/audit/samples", who=AUDITOR)
def samples() -> ResponseReturnValue:
    proposed = {
        "sample_id": str(new_id()),
        # Nobody can have wished for this one; she may write another, such as the number of a document.
        "seed": f"{clock.today():%Y-%m-%d}-{secrets.randbelow(10**6):06d}",
        "size": USUAL,
        "place": request.args.get("place", ""),
        "year": request.args.get("year", ""),
        "kind": request.args.get("kind", ""),
    }
    return _samples_page(SampleForm(data=proposed))


@bp.post("/audit/samples", who=AUDITOR)
def draw_sample() -> ResponseReturnValue:
    form = SampleForm(request.form)
    sample_id = as_uuid(form.sample_id.data)
    if form.validate():
        try:
            fresh = sampling.draw(current_actor(), *_wanted(form, sample_id))
        except Invalid as refusal:
            form.absorb(refusal)
        else:
            said = msg("抽好了，名单已经存下，以后不会变。") if fresh else msg("这一次刚才已经抽过，没有重复抽。")
            tell(said, "ok" if fresh else "wait")
            return see_other("credits.sample", sample_id=sample_id)
    if sample_id is None:
        form.sample_id.data = str(new_id())
    return _samples_page(form), 422


def _wanted(form: SampleForm, sample_id: UUID | None) -> tuple[UUID, Wanted]:
    """What the form asks for; raises Invalid for what it does not offer."""
    offered = {str(card.id): card.id for card in sampling.places(current_actor())}
    year, kind = form.year.data or "", form.kind.data or ""
    again = msg("请从列出的几项里选一项。")
    if form.place.data not in offered:
        raise Invalid(fields={"place": again})
    if sample_id is None:
        raise Invalid(msg("这一页不完整。请再提交一次。"))
    if year and year not in _years():
        raise Invalid(fields={"year": again})
    return sample_id, Wanted(
        place_id=offered[form.place.data],
        seed=form.seed.data or "",
        size=form.size.data or 0,
        year=int(year) if year else None,
        kind=kind,
    )


def _years() -> list[str]:
    return [str(year) for year in queries.years()]


def _samples_page(form: SampleForm) -> str:
    actor = current_actor()
    places = sampling.places(actor)
    form.place.choices = [(str(card.id), in_locale({"zh": card.name, "en": card.name_en})) for card in places]
    form.year.choices = [("", N_("全部年度")), *((year, year) for year in _years())]
    form.kind.choices = [("", N_("全部类型")), *KIND_WORDS.items()]
    return render(
        "audit/samples.html",
        page=my_samples(actor, page_number(request.args.get("page"))),
        form=form,
        asked=bool(form.errors or request.args.get("place")),
        most=LARGEST_SAMPLE,
    )


@bp.get("/audit/samples/<uuid:sample_id>", who=AUDITOR)
def sample(sample_id: UUID) -> ResponseReturnValue:
    return render(
        "audit/sample.html",
        v=sample_view(current_actor(), sample_id),
        outcomes=OUTCOMES,
        kinds=KIND_WORDS,
        share=protocol.share_sentence,
    )


@bp.get("/audit/samples/<uuid:sample_id>/protocol", who=AUDITOR)
def sample_protocol(sample_id: UUID) -> ResponseReturnValue:
    view = sample_view(current_actor(), sample_id)
    return render(
        "audit/protocol.html",
        v=view,
        facts=protocol.facts(view),
        method=protocol.method(),
        share=protocol.share_sentence(view.progress),
        read_as=protocol.READ_AS,
        outcomes=OUTCOMES,
        decider=protocol.decider,
        reason=protocol.reason,
        words=WORDS,
        printed=clock.local(clock.now()),
    )


@bp.post("/audit/samples/<uuid:sample_id>/file", who=AUDITOR)
def sample_file(sample_id: UUID) -> ResponseReturnValue:
    """The protocol as a file: names leave the house, so who took it is recorded."""
    ending = request.form.get("ending", "")
    view = sample_view(current_actor(), sample_id)
    return as_download(protocol.export(current_actor(), view, ending if ending in WRITERS else "csv"))
