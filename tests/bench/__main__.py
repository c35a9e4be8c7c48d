"""`python -m tests.bench`: seed, measure, print one table.

Ends with 0 when every request was answered as it should be; times are never judged, only shown beside
the limits of the same machine in the same run.
"""

import argparse
import signal
import sys
import time
from collections.abc import Sequence

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from pages import post_form

from lms.demo.build import ACCOUNTS, PASSWORD, build_demo
from tests.bench import bars as provincial
from tests.bench import cpu, paper
from tests.bench.machine import Machine, machine
from tests.bench.measure import Measured, drive, requests_of, side_by_side, statements_of
from tests.bench.rows import NOTHING, ROWS, Row, limit_asks
from tests.bench.table import Line, bars, table
from tests.bench.town import Town, build_town

LEARNERS = 2000
SECONDS = 8.0
MOST_ONCE = 14_000
DOCTOR = next(phone for account, phone, _ in ACCOUNTS if account == "doctor")


def say(text: str) -> None:
    """A line of progress, on standard error."""
    print(f"[{time.monotonic() - BEGUN:5.0f} s] {text}", file=sys.stderr, flush=True)


BEGUN = time.monotonic()


def cookie_pattern(app: Flask) -> dict[str, object]:
    """What a browser's cookie holds after a real sign-in and one page."""
    client = app.test_client()
    post_form(client, "/sign-in", {"account": DOCTOR, "password": PASSWORD})
    client.get("/account")
    cookie, signer = client.get_cookie("xinglin"), SecureCookieSessionInterface().get_signing_serializer(app)
    assert cookie is not None
    assert signer is not None
    content: dict[str, object] = signer.loads(cookie.value)
    assert "_user_id" in content, content
    return {name: value for name, value in content.items() if name != "_flashes"}


def prepare(app: Flask) -> None:
    """The demonstration county, through its own commands."""
    say("building the demonstration county")
    with app.app_context():
        build_demo()


def measured(here: Machine, town: Town, row: Row, seconds: float) -> Line:
    """One row: its SQL counted in this process, then the load."""
    asks = row.asks(town)
    statements = statements_of(here.app, asks, row)
    found, limit = side_by_side(here, row.name, asks, row.limit, seconds, most=MOST_ONCE if row.once else 0)
    found.statements = statements
    say(f"{row.name}: {found.run.rate:.0f}/s of {limit.run.rate:.0f}/s, {dict(found.run.statuses)}")
    return Line(row, found, limit)


def bench(rows: Sequence[Row], seconds: float, size: int) -> int:
    """Run everything; the exit status."""
    with machine(prepare) as here:
        say("the worker draws the certificates of the demonstration")
        paper.wait_for_worker(here)
        say(f"adding {size} learners")
        town = build_town(here.app, here.dsn, DOCTOR, cookie_pattern(here.app), size)
        here.start()
        nothing = drive(here, NOTHING, requests_of(limit_asks(NOTHING)), seconds / 2, web="limits")
        lines = [measured(here, town, row, seconds) for row in rows]
        worked = paper.wait_for_worker(here)
        say("drawing certificates")
        drawn = paper.draw_for(min(4.0, seconds), paper.some_facts(here.dsn))
    print(f"\n{cpu.machine()}; PostgreSQL durable; gunicorn 2 workers; 16 connections, {size} signed-in learners\n")
    print(table(lines, nothing))
    print(f"\ncertificates drawn: {drawn.per_core:.0f} a second and core, {drawn.size / 1000:.0f} kB each")
    print(f"through the outbox: {worked.count} waited for the worker, {worked.milliseconds:.1f} ms of its time each\n")
    print("\n".join(bars(lines)))
    return _verdict([one for line in lines for one in (line.found, line.limit)], worked.left)


def _verdict(found: Sequence[Measured], undrawn: int) -> int:
    bad = [one for one in found if one.refused]
    for one in bad:
        print(f"\nFAILED  {one.name}: {one.refused} answers that were neither 2xx nor 303: {dict(one.run.statuses)}")
        print(one.run.refused.decode(errors="replace"))
    if undrawn:
        print(f"\nFAILED  {undrawn} certificates were not drawn")
    return 1 if bad or undrawn else 0


def main() -> int:
    """Read the shell's words."""
    words = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    words.add_argument("--rows", default="", help="only rows whose names contain one of these, by commas")
    words.add_argument("--seconds", type=float, default=SECONDS, help="length of a row")
    words.add_argument("--learners", type=int, default=LEARNERS, help="signed-in learners beside the demonstration")
    words.add_argument(
        "--province", type=float, default=provincial.SCALE, help="scale of the province, measured at the end; 0: none"
    )
    given = words.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that every server we started is stopped
    wanted = [one for one in given.rows.split(",") if one]
    rows = [row for row in ROWS if not wanted or any(one in row.name for one in wanted)]
    status = bench(rows, given.seconds, given.learners)
    if given.province:
        provincial.show(given.province)
    return status


if __name__ == "__main__":
    sys.exit(main())
