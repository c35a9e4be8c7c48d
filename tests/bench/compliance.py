"""Compliance at scale: `python -m tests.bench.compliance --doctors 6300`.

Everybody's year made anew by one process and by two, one year after a deed, and the pages of a province,
on PostgreSQL with five years of fifteen awards. A tenth of Hebei by default; --doctors 62982 is all of it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from uuid import UUID

for folder in ("tests", "."):
    sys.path.insert(0, str(Path(__file__).parent.parent.parent / folder))

import psycopg
from cookies import NAME, cookie_of
from flask import Flask
from flask.testing import FlaskClient
from houses import build_app
from servers import DURABLE, FAST, postgres
from sqlalchemy import select

from lms.app import create_schema
from lms.credits import commands as credits
from lms.credits import policies
from lms.credits.compliance import commands as compliance
from lms.credits.models import Award
from lms.kernel import clock
from lms.kernel.actor import SYSTEM, Actor, Grant, Role
from lms.kernel.cli import say
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people import commands as people
from tests.bench.province import Builder, Province

ROOT = Path(__file__).parent.parent.parent
WHOLE = 62_982
YEARS = 5


def timed(deed: Callable[[], object]) -> float:
    """Seconds it took."""
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started


def line(name: str, times: list[float]) -> None:
    """Median, 95th percentile and worst of some seconds, in milliseconds."""
    ordered = sorted(times)
    p95 = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
    print(f"{name}: median {statistics.median(times) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms, "
          f"worst {ordered[-1] * 1000:.1f} ms of {len(times)}")  # fmt: skip


def run_command(environment: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    """The real command, in a process of its own."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "credits", "compliance", *words, "--json"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def recomputed(connection: "psycopg.Connection[object]", environment: dict[str, str], parts: int, year: int) -> float:
    """Seconds from an empty table, by so many processes at once, their start included."""
    connection.execute("TRUNCATE year_result")

    def run() -> None:
        shares = [run_command(environment, "--year", str(year), "--part", f"{n}/{parts}") for n in range(1, parts + 1)]
        assert [one.wait() for one in shares] == [0] * parts

    return timed(run)


def alone(year: int) -> None:
    """Everybody in this process: what it costs without starting one, and how much of it is its own time."""
    with unit_of_work(write=False):
        ranges = list(compliance.ranges())

    def run() -> None:
        for start, end in ranges:
            with unit_of_work():
                compliance.recompute(year, start, end)

    own = time.process_time()
    seconds = timed(run)
    print(f"everybody, started already: {seconds:.1f} s, {time.process_time() - own:.1f} s of them its own")


def incremental(province: Province, auditor: Actor, year: int, count: int) -> None:
    """A deed as the auditor does it, and of it the year alone."""
    chosen = Random(5).sample(province.doctors, count)
    with unit_of_work(write=False):
        found = session().execute(
            select(Award.id, Award.person_id).where(Award.person_id.in_(chosen), Award.credit_year == year)
        )
        awards = {row.person_id: row.id for row in found}

    def put_back(award_id: UUID) -> None:
        with unit_of_work():
            credits.return_award(auditor, award_id, version=1, reason_code="evidence", text="请补签到表。")

    def refresh(person_id: UUID) -> None:
        with unit_of_work():
            compliance.refresh(person_id, year)

    line("returning an award, with its year", [timed(lambda one=one: put_back(one)) for one in awards.values()])
    line("one year alone", [timed(lambda one=one: refresh(one)) for one in chosen])


def pages(browser: FlaskClient, addresses: dict[str, str], count: int) -> None:
    """Each page so many times, as one reader."""
    for name, address in addresses.items():
        for _ in range(5):
            assert browser.get(address).status_code == 200, address
        line(name, [timed(lambda address=address: browser.get(address)) for _ in range(count)])


def bench(doctors: int, durable: bool) -> None:
    """Build, measure, print."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xl-bench-")))
        server = stack.enter_context(postgres(DURABLE if durable else FAST, in_memory=not durable))
        server.execute("CREATE DATABASE province")
        app = build_app(folder, demo=True, database_url=server.url("province"))
        create_schema(app)
        connection = psycopg.connect(f"host={server.socket_folder} user=postgres dbname=province", autocommit=True)
        year = clock.today().year
        with app.app_context(), unit_of_work():
            policy = policies.governing(policies.NATION, year)
            assert policy is not None
            policies.keep(policy)
        say(f"building {doctors} doctors with {YEARS} years of awards")
        builder = Builder(connection, doctors, range(year - YEARS + 1, year + 1), policy)
        province = builder.build()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("XINGLIN_")}
        environment |= {"XINGLIN_DATA": str(folder), "XINGLIN_DATABASE_URL": server.url("province")}
        print(f"{doctors} doctors, {'durable' if durable else 'settings of the tests'}")
        for parts in (1, 2):
            seconds = recomputed(connection, environment, parts, year)
            print(f"everybody, {parts} process(es): {seconds:.1f} s; {WHOLE}: {seconds * WHOLE / doctors:.0f} s")
        connection.execute("TRUNCATE year_result")
        with app.app_context():
            alone(year)
        print(f"again, nothing changed: {timed(lambda: run_command(environment).wait()):.1f} s")
        assert run_command(environment, "--all").wait() == 0
        connection.execute("VACUUM ANALYZE")
        with app.app_context():
            _read(app, province, doctors)
        connection.close()


def _read(app: Flask, province: Province, doctors: int) -> None:
    county = province.counties[0]
    with unit_of_work():
        auditor_id = people.add_person(
            SYSTEM, name="周远山", workplace_id=county.id, phone="00099999999", population="staff"
        )
        people.grant_role(SYSTEM, auditor_id, Role.PROVINCE_AUDITOR, province.root.id)
        people.give_consent(auditor_id)
    auditor = Actor(auditor_id, "周远山", (Grant(Role.PROVINCE_AUDITOR, province.root.path),))
    with unit_of_work():
        cookie = cookie_of(app, auditor_id)
    incremental(province, auditor, clock.today().year, min(200, doctors // 4))
    browser = app.test_client()
    browser.set_cookie(NAME, cookie)
    top = f"/reports/compliance/{province.root.id}"
    pages(
        browser,
        {
            "overview of the province": top,
            "overview of the year before": f"{top}?year=2025",
            "overview of a county": f"/reports/compliance/{county.id}",
            "list of the province": f"{top}/people?state=fail",
            "list of the province, page 100": f"{top}/people?state=fail&page=100",
            "search in the province": f"{top}/people?q=赵桂",
            "list of a county": f"/reports/compliance/{county.id}/people",
            "why": f"/reports/compliance/people/{province.doctors[7]}",
        },
        100,
    )


def main() -> None:
    """Read the shell's words."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.compliance", description=__doc__)
    words.add_argument("--doctors", type=int, default=WHOLE // 10)
    words.add_argument("--durable", action="store_true", help="PostgreSQL on disk with its own settings")
    given = words.parse_args()
    bench(given.doctors, given.durable)


if __name__ == "__main__":
    main()
