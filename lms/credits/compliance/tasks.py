"""Everybody's year made anew by night: one task a range of people, so that workers share them."""

from uuid import UUID

import structlog

from lms.credits.compliance import commands
from lms.credits.compliance.commands import DIFFERENT
from lms.kernel import clock, outbox

log = structlog.get_logger("compliance")
# While auditors sleep, in the civil time of the house.
HOUR = 3
DECEMBER = 12


def nightly() -> None:
    """Once a night, and as soon as nobody's year is stored (a new house, a new year): send the ranges.

    The year before is still audited. In December the coming year gets its rows, so that it begins with
    everybody in it.
    """
    today = clock.today()
    if clock.local(clock.now()).hour != HOUR and commands.has_rows(today.year):
        return
    ahead = [today.year + 1] if today.month == DECEMBER else []
    ranges = list(commands.ranges())
    for year in (today.year - 1, today.year, *ahead):
        for start, end in ranges:
            outbox.send(
                "credits.compliance",
                key=f"compliance:{today.isoformat()}:{year}:{start}",
                year=year,
                start=str(start),
                end=str(end) if end else "",
            )


@outbox.task("credits.compliance")
def recompute(year: int, start: str, end: str) -> None:
    """One range of people."""
    tally = commands.recompute(year, UUID(start), UUID(end) if end else None)
    if tally.counts[DIFFERENT]:
        log.error("year results differed and were repaired", **tally.answer())
