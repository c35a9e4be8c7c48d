"""Journeys in Chromium: which houses, which ways, and what ends a journey badly."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

sys.path.insert(0, str(Path(__file__).parent))

from browser_stage import DOCTORS, WAYS, Installation, Way, installation, mended
from browser_visitor import PATIENCE, Visitor, arrive
from cast import PLACES, Member
from chromiums import tool

# The name of the other language on its button; an organisation named in a source.
UNTRANSLATED = {"中文", "National First Aid", "BMC Medical Education"}
# Each house is visited in both languages and with both kinds of page, the two houses in all four ways.
HOUSES = {"embedded": (WAYS[0], WAYS[3]), "production": (WAYS[1], WAYS[2])}
ALL = os.environ.get("JOURNEYS") == "all"
if ALL:
    HOUSES = dict.fromkeys(HOUSES, WAYS)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "ways(houses, languages, script): make the journey in some ways only")
    config.addinivalue_line(
        "markers", "opposites(house, way): make the journey so, and in the other house the opposite way"
    )


def opposites(name: str, way: str) -> list[tuple[str, Way]]:
    """Two ways between them know both houses, both languages and both kinds of page. The journeys that make only two
    make different ones; `make journeys` makes all eight."""
    here = {str(one): one for one in WAYS}[way]
    (there,) = set(HOUSES) - {name}
    (other,) = [one for one in WAYS if one.language != here.language and one.script != here.script]
    return [(name, here), (there, other)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "house" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("ways")
    two = metafunc.definition.get_closest_marker("opposites")
    only = mark.kwargs if mark else {}
    cases = opposites(*two.args) if two and not ALL else [
        (name, way)
        for name, ways in HOUSES.items()
        for way in ways
        if name in only.get("houses", HOUSES)
        and way.language in only.get("languages", ("zh", "en"))
        and way.script in only.get("script", (True, False))
    ]
    metafunc.parametrize(
        ("house", "way"), cases, indirect=["house"], ids=[f"{name}-{way}" for name, way in cases], scope="session"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys of one house, then all of the other: pytest knows one at a time, and would build each anew whenever
    the next journey is in the other. Within a house, and elsewhere, the order stays."""
    places = [place for place, item in enumerate(items) if _house_of(item)]
    journeys = sorted((items[place] for place in places), key=_house_of)
    for place, item in zip(places, journeys, strict=True):
        items[place] = item


def _house_of(item: pytest.Item) -> str:
    """Which of the two houses a journey visits; nothing for any other test."""
    given = getattr(getattr(item, "callspec", None), "params", {})
    return str(given["house"]) if "house" in given and "way" in given else ""


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    """Journeys read the PDF too, and wait longer than a script of one page."""
    tool("pdftotext")
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def house(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """SQLite and everything in the web process, or PostgreSQL, Valkey, two web workers, Celery worker and beat."""
    server = request.getfixturevalue("pg_server") if request.param == "production" else None
    with installation(tmp_path_factory.mktemp(request.param), server) as running:
        yield running


@pytest.fixture(scope="session")
def looked() -> set[tuple[str, ...]]:
    """Pages that have been looked at closely already."""
    return set()


@pytest.fixture
def visit(
    chromium: Browser, house: Installation, way: Way, looked: set[tuple[str, ...]]
) -> Iterator[Callable[..., Visitor]]:
    """Open a browser, signed in as a member if one is given. Faults of any page fail the journey at its end."""
    names = {member.name for member in house.cast.members} | {name for _, _, name, _ in PLACES} | DOCTORS | UNTRANSLATED
    names |= {mended(name) for name in DOCTORS} | house.titles
    visitors: list[Visitor] = []

    def come(member: Member | None = None) -> Visitor:
        visitor = arrive(chromium, house, way, looked, names)
        visitors.append(visitor)
        if member:
            visitor.known.add(member.name)
            visitor.sign_in(member)
        return visitor

    yield come
    wrong = [line for visitor in visitors for line in (*visitor.faults, *visitor.noise)]
    wrong += house.new_faults()
    for visitor in visitors:
        visitor.context.close()
    assert not wrong, "\n".join(wrong)
