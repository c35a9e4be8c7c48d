"""Compliance at scale: everybody's year made anew, one year after a deed, and the pages of a province."""

import time
from collections.abc import Callable, Mapping
from random import Random
from uuid import UUID

from cookies import NAME, cookie_of
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.credits import commands as credits
from lms.credits.compliance import commands as compliance
from lms.credits.models import Award
from lms.kernel import clock
from lms.kernel.actor import Actor, Grant, Role
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work
from lms.people.bulk import NewPerson
from tests.bench.province import House


def timed(deed: Callable[[], object]) -> float:
    """Seconds it took."""
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started


def p95(times: list[float]) -> float:
    """Milliseconds within which 95 % of these seconds lie."""
    ordered = sorted(times)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)] * 1000


def recomputed(house: House, parts: int) -> float:
    """Seconds for this year's row of everybody from an empty table, by so many processes at once, their start
    included."""
    house.connection.execute("TRUNCATE year_result")
    year = str(clock.today().year)

    def run() -> None:
        words = ("credits", "compliance", "--year", year, "--json", "--part")
        shares = [house.run(*words, f"{n}/{parts}") for n in range(1, parts + 1)]
        assert [one.wait() for one in shares] == [0] * parts

    return timed(run)


def everything_again(house: House) -> None:
    """All years, as the seed left them."""
    assert house.run("credits", "compliance", "--all").wait() == 0


def incremental(house: House, count: int) -> tuple[float, float]:
    """p95 in milliseconds of a deed as the auditor does it, and of the year alone."""
    year, county = clock.today().year, house.made.counties[0]
    person = next(one for one in house.made.staff if one.id == county.auditor)
    auditor = Actor(person.id, person.name, (Grant(Role.COUNTY_AUDITOR, county.place.path),))
    here = [one.person.id for one in house.made.doctors if one.county is county]
    chosen = Random(5).sample(here, min(count, len(here)))
    with unit_of_work(write=False):
        found = session().execute(
            select(Award.id, Award.person_id).where(
                Award.person_id.in_(chosen), Award.credit_year == year, Award.state == "granted"
            )
        )
        awards = {row.person_id: row.id for row in found}

    def put_back(award_id: UUID) -> None:
        with unit_of_work():
            credits.return_award(auditor, award_id, version=1, reason_code="evidence", text="请补签到表。")

    def refresh(person_id: UUID) -> None:
        with unit_of_work():
            compliance.refresh(person_id, year)

    deeds = [timed(lambda one=one: put_back(one)) for one in awards.values()]
    return p95(deeds), p95([timed(lambda one=one: refresh(one)) for one in chosen])


def browser_of(house: House, person: NewPerson) -> FlaskClient:
    """A signed-in browser of somebody."""
    with unit_of_work():
        cookie = cookie_of(house.app, person.id)
    browser = house.app.test_client()
    browser.set_cookie(NAME, cookie)
    return browser


def pages(browser: FlaskClient, addresses: Mapping[str, str], count: int) -> dict[str, float]:
    """p95 in milliseconds of each page, so many times, as one reader."""
    found = {}
    for name, address in addresses.items():
        for _ in range(5):
            assert browser.get(address).status_code == 200, address
        found[name] = p95([timed(lambda address=address: browser.get(address)) for _ in range(count)])
    return found
