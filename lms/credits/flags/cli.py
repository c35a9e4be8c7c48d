"""Shell: look now, report what is open, measure the rules on an invented population."""

import click
from flask.cli import with_appcontext

from lms.credits.flags import detecting, queries
from lms.credits.flags.measure import BAR_PRECISION, BAR_RECALL, measure
from lms.credits.flags.words import KIND_NAMES, STATE_NAMES
from lms.kernel import clock
from lms.kernel.cli import json_answer, say
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.people import queries as people


@click.group("flags", help="Flags: what looks unusual, put before a person. They change no award.")
def flags_group() -> None:
    """Commands on flags."""


@flags_group.command("run")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@with_appcontext
def run_command(as_json: bool) -> None:
    """Look at everybody since the last look. Each page is kept as it is done; a second run changes nothing."""
    with unit_of_work(write=False):
        authorities = people.authorities(clock.today())
    total = {"authorities": len(authorities), "people": 0, "found": 0, "noted": 0}
    for authority_id, path in authorities:
        until, after, more = clock.now(), None, True
        while more:
            with unit_of_work():
                looked = detecting.look(authority_id, path, until, after)
            after, more = looked.after, looked.after is not None
            total["people"] += looked.people
            total["found"] += looked.found
            total["noted"] += looked.noted
    if as_json:
        json_answer(total)
    else:
        say(translate(msg("看了 {people} 人，找到 {found} 条，其中新提示 {noted} 条", **total)))


@flags_group.command("report")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
@with_appcontext
def report_command(as_json: bool) -> None:
    """How many flags there are, by kind and state."""
    with unit_of_work(write=False):
        counts = queries.counts_of_house()
    if as_json:
        json_answer(counts)
        return
    for kind, states in counts.items():
        told = "  ".join(f"{translate(STATE_NAMES[state])} {number}" for state, number in states.items())
        click.echo(f"{translate(KIND_NAMES[kind])}  {told}")


@flags_group.command("measure")
@click.option("--people", "number", type=click.IntRange(500, 100_000), default=5000, help="People to invent.")
@click.option("--seed", type=click.IntRange(0, 10**6), default=1, help="The same seed invents the same people.")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
def measure_command(number: int, seed: int, as_json: bool) -> None:
    """Recall and precision on an invented population; no database. Exit 1 below the bar of all kinds together."""
    measured = measure(number, seed, lambda done: say(f"{done}/{number}"))
    if as_json:
        json_answer(measured.answer())
    else:
        rows = [(kind.value, score) for kind, score in measured.scores.items()] + [("total", measured.total)]
        for name, score in rows:
            click.echo(
                f"{name:8} planted {score.planted:5} found {score.found:5} recall {score.recall:.3f}  "
                f"flags {score.flags:5} right {score.right:5} precision {score.precision:.3f}"
            )
        click.echo(f"bar: recall {BAR_RECALL}, precision {BAR_PRECISION}: {'holds' if measured.holds else 'MISSED'}")
    if not measured.holds:
        raise SystemExit(1)
