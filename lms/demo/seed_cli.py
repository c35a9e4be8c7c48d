"""Shell: `flask seed`, and the share of it that runs as a process of its own."""

import time
from datetime import date
from decimal import Decimal, InvalidOperation

import click
from flask.cli import with_appcontext

from lms.credits.compliance.cli import Part
from lms.demo.build import PASSWORD, NotEmpty, emptied
from lms.demo.province import DOCTORS, Province, accounts, province
from lms.demo.province_share import open_share, share_of
from lms.demo.seeding import Failed, Seeding, counts, processes_for
from lms.kernel import clock
from lms.kernel.cli import fail, many_objects, say

PROVINCES = ("hebei",)
LEAST, MOST = Decimal("0.001"), Decimal(1)
MOST_SEED = 2**31 - 1
BAD_USE = 2
UNKNOWN = "--province：没有这个省，现在有：{known}。 --province: no such province; there is: {known}"
NO_SCALE = "--scale：要写 {least} 到 {most} 之间的数。 --scale: a number from {least} to {most}"
NO_SEED = "--seed：要写 0 到 {most} 之间的整数。 --seed: a whole number from 0 to {most}"
NO_PROCESSES = "--processes：要写 1 到 8 之间的整数。 --processes: a whole number from 1 to 8"
FULL = (
    "这里已经有机构和人，没有改动；中断过的造数也要从空库重来：flask --app wsgi seed … --reset。 "
    "There is data here already and nothing was changed; one that was cut off begins anew too: add --reset"
)


def _scale(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(0)
    if not found.is_finite() or not LEAST <= found <= MOST:
        fail(NO_SCALE.format(least=LEAST, most=MOST), BAD_USE)
    return found


def _whole(text: str, least: int, most: int, fault: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and least <= int(text) <= most):
        fail(fault.format(most=most), BAD_USE)
    return int(text)


def _plan(seed: int, scale: Decimal, today: date) -> Province:
    return province(seed, float(scale), today)


@click.command("seed")
@click.option("--province", "name", required=True, help="Which province: hebei.")
@click.option("--scale", required=True, help=f"Its size from 0.001 to 1; 1 is {DOCTORS:,} doctors.")
@click.option("--seed", "number", default="1", show_default=True, help="The same number makes the same people.")
@click.option("--processes", default="", help="How many write at once (default: by the size, on PostgreSQL).")
@click.option("--reset", is_flag=True, help="First empty a house that is a demonstration.")
@with_appcontext
def seed_command(name: str, scale: str, number: str, processes: str, reset: bool) -> None:
    """Build an invented province with five years of ledger in an empty house, and mark it as a demonstration."""
    if name.lower() not in PROVINCES:
        fail(UNKNOWN.format(known=", ".join(PROVINCES)), BAD_USE)
    size, seed = _scale(scale), _whole(number, 0, MOST_SEED, NO_SEED)
    wanted = _whole(processes, 1, 8, NO_PROCESSES) if processes else 0
    emptied(reset)
    started = time.monotonic()
    made = _plan(seed, size, clock.today())
    say(f"{len(made.doctors):,} doctors, {len(made.places):,} places, {len(made.counties)} counties")
    try:
        with many_objects():
            Seeding(made, str(size), wanted or processes_for(len(made.doctors))).run()
    except NotEmpty:
        fail(FULL)
    except Failed as failure:
        fail(str(failure))
    for what, count in counts().items():
        say(f"  {what:32} {count:>12,}")
    say(f"{time.monotonic() - started:.1f} s")
    for account, phone, workplace in accounts(made):
        say(f"  {account:9} {phone}  {workplace}")
    say(f"  password: {PASSWORD}")


@click.command("seed-share", hidden=True)
@click.option("--seed", type=int, required=True)
@click.option("--scale", required=True)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--part", type=Part(), required=True)
@with_appcontext
def share_command(seed: int, scale: str, today: date, part: tuple[int, int]) -> None:
    """One share of the doctors of a seeding that runs; prints how many lines each transaction entered."""
    made = _plan(seed, _scale(scale), date(today.year, today.month, today.day))
    with many_objects():
        # A line and its end in one write: the other shares write into the same pipe.
        open_share(made).write(share_of(made, *part), lambda lines: click.echo(f"{lines}\n", nl=False))


GROUPS = [seed_command, share_command]
