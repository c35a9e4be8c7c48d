"""Shell: everybody's year made anew, batch by batch."""

import click
from flask.cli import with_appcontext

from lms.credits.compliance import commands
from lms.credits.compliance.commands import DIFFERENT, MADE, RENEWED, SAME, Tally
from lms.kernel import clock
from lms.kernel.cli import json_answer, many_objects, say
from lms.kernel.i18n import translate
from lms.kernel.text import N_, msg
from lms.kernel.uow import unit_of_work

WORDS = {SAME: N_("没有变"), MADE: N_("新加"), RENEWED: N_("换了规则或单位"), DIFFERENT: N_("原来的不对，已改正")}


class Part(click.ParamType[tuple[int, int]]):
    """K/N: the K-th of N shares."""

    name = "K/N"

    def convert(
        self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        first, _, second = value.partition("/")
        if not (first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second) <= 99):
            self.fail("1/2 and 2/2, for example", param, ctx)
        return int(first), int(second)


@click.command("compliance")
@click.option("--year", type=click.IntRange(1990, 2200), default=None, help="The credit year (default: this one).")
@click.option("--all", "every_year", is_flag=True, help="Every year that has awards.")
@click.option("--part", type=Part(), default=(1, 1), help="Only this share, so that two processes share the work.")
@click.option("--batch", type=click.IntRange(1, 5000), default=commands.BATCH, help="People to a batch.")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@with_appcontext
@many_objects()
def compliance_command(
    year: int | None, every_year: bool, part: tuple[int, int], batch: int, as_json: bool
) -> None:
    """Make everybody's yearly compliance anew. Each batch is kept as it is done; a second run does no harm."""
    if every_year and year is not None:
        raise click.UsageError("--year or --all, not both")
    with unit_of_work(write=False):
        years = commands.years() if every_year else [year or clock.today().year]
        ranges = list(commands.ranges(*part, size=batch))
    tallies = []
    for one in years:
        tally = Tally(one)
        for start, end in ranges:
            with unit_of_work():
                tally.add(commands.recompute(one, start, end))
            say(translate(msg("{year} 年：已算 {people} 人", year=one, people=tally.counts.total())))
        tallies.append(tally)
    if as_json:
        json_answer({"years": [tally.answer() for tally in tallies]})
    else:
        for tally in tallies:
            click.echo(_line(tally))


def _line(tally: Tally) -> str:
    parts = [f"{translate(word)} {tally.counts[what]}" for what, word in WORDS.items()]
    return f"{tally.year}  " + "  ".join(parts)
