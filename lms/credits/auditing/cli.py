"""Shell: draw a sample for the house, show one, draw it again and compare."""

from typing import Any
from uuid import UUID

import click
from flask.cli import with_appcontext

from lms.credits.auditing import protocol, sampling
from lms.credits.auditing.samples import SampleView, sample_view
from lms.credits.auditing.sampling import Wanted
from lms.credits.rules.sampling import LARGEST_SAMPLE
from lms.credits.rules.words import KIND_WORDS
from lms.kernel.actor import SYSTEM
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.errors import DomainError, Invalid
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations


@click.group("sample", help="Samples of awards: draw one, show one, draw it again and compare.")
def sample_group() -> None:
    """Commands on samples."""


@sample_group.command("draw")
@click.option("--place", "code", required=True, help="Code of the place whose awards are drawn from.")
@click.option("--seed", required=True, help="What draws; the same seed draws the same from the same awards.")
@click.option("--size", type=click.IntRange(1, LARGEST_SAMPLE), required=True, help="How many.")
@click.option("--year", type=int, default=None, help="Only awards of this credit year.")
@click.option("--kind", type=click.Choice(list(KIND_WORDS)), default=None, help="Only awards of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@with_appcontext
def draw_command(code: str, seed: str, size: int, year: int | None, kind: str | None, as_json: bool) -> None:
    """Draw and keep a sample in the name of the house; the auditors of the province see it."""
    sample_id = new_id()
    try:
        with unit_of_work():
            place = organisations.by_code(code)
            if place is None:
                fail(f"--place {code}: {translate(msg('没有这个单位'))}")
            sampling.draw(SYSTEM, sample_id, Wanted(place.id, seed, size, year, kind or ""))
    except Invalid as refusal:
        fail("\n".join(f"{name}: {translate(said)}" for name, said in refusal.fields.items()))
    _show(sample_id, as_json)


@sample_group.command("show")
@click.argument("sample_id", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@with_appcontext
def show_command(sample_id: UUID, as_json: bool) -> None:
    """How a sample was drawn and what has become of its awards. Names nobody whose award it is."""
    _show(sample_id, as_json)


@sample_group.command("check")
@click.argument("sample_id", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@with_appcontext
def check_command(sample_id: UUID, as_json: bool) -> None:
    """Draw a sample again from its seed and compare with what was kept. Exit 1 where they differ."""
    try:
        with unit_of_work(write=False):
            found = sampling.check(sample_id)
            kept = found.sample.frame
    except DomainError as error:
        fail(error)
    missing, foreign = [str(one) for one in found.missing], [str(one) for one in found.foreign]
    if as_json:
        json_answer(
            {"holds": found.holds, "frame": found.frame, "frame_kept": kept, "missing": missing, "foreign": foreign}
        )
    else:
        say(translate(msg("重抽一样，是这些。") if found.holds else msg("重抽不一样。")))
        click.echo(translate(msg("范围：现在 {now} 条，当时 {then} 条", now=found.frame, then=kept)))
        for one in missing:
            click.echo(translate(msg("该有而没有：{award}", award=one)))
        for one in foreign:
            click.echo(translate(msg("不该有而有：{award}", award=one)))
    if not found.holds:
        raise SystemExit(1)


def _show(sample_id: UUID, as_json: bool) -> None:
    try:
        with unit_of_work(write=False):
            view = sample_view(SYSTEM, sample_id)
            told, facts, share = _answer(view), protocol.facts(view), protocol.share_sentence(view.progress)
    except DomainError as error:
        fail(error)
    if as_json:
        json_answer(told)
        return
    for label, value in facts:
        click.echo(f"{label}  {value}")
    click.echo(translate(share))
    for one in told["awards"]:
        click.echo(f"{one['position']:4}  {one['award']}  {one['outcome']}  {one['reason']}")


def _answer(view: SampleView) -> dict[str, Any]:
    s = view.sample
    rows = [
        {
            "position": row.position, "award": str(row.award.id), "outcome": row.outcome,
            "reason": row.decided.reason_code if row.decided else "",
        }
        for row in view.rows
    ]  # fmt: skip
    return {
        "id": str(s.id), "seed": s.seed, "place": s.place_name, "year": s.year, "kind": s.kind, "size": s.size,
        "drawn": s.drawn, "frame": s.frame, "drawn_at": s.drawn_at.isoformat(), "drawn_by": s.drawn_by_name,
        "decided": view.progress.decided, "wrong": view.progress.wrong, "judged": view.progress.judged, "awards": rows,
    }  # fmt: skip
