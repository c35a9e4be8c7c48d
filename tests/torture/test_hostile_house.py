"""The campaign against a running house, `make hostile`: every hostile file through every door as its user sends it, and
every page that shows what came in, in a Chromium without the house's policy. Prints what it counted."""

import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parents[1]))

from hostile_eyes import Eyes, eyes_on
from hostile_files import KINDS, spread
from hostile_house import (
    DOORS,
    Account,
    House,
    Told,
    book,
    book_asked,
    doors_for,
    opened,
    parts_left,
    sent_through,
    taken_up,
    withdrawn,
)

EACH = int(os.environ.get("HOSTILE_EACH", "0"))
"""So many files of each kind only; 0: all."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("hostile") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def eyes(house: House, chromium: Browser) -> Iterator[Eyes]:
    with eyes_on(chromium, house) as open_eyes:
        yield open_eyes


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Counter[str]]:
    """What became of the files of each kind."""
    return {}


def test_the_trap_springs(house: House, chromium: Browser) -> None:
    """What counts does count: a careless page is seen to run, to wait and to ask strangers."""
    with eyes_on(chromium, house) as eyes:
        careless = "<img src=x onerror=alert(1)><script>confirm(2)</script><img src=http://evil.example/x>"
        eyes.show(Told("none", "none", False, 422, 0, careless))
        for sort in ("ran alert(1)", "ran confirm(2)", "request http://evil.example/x", "waits: IMG onerror"):
            assert any(event.startswith(sort) for event in eyes.events), (sort, eyes.events)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", KINDS)
def test_no_file_of_this_kind_does_harm_at_any_door(
    house: House, eyes: Eyes, outcomes: dict[str, Counter[str]], kind: str, tmp_path: Path
) -> None:
    account, before = Account(), time.monotonic()
    books: list[str] = []
    named = [(f"{kind}-{number:03d}.{ending}", data) for number, (ending, data) in enumerate(KINDS[kind]())]
    chosen = spread(named, EACH)
    for place, (name, data) in enumerate(chosen):
        for told in sent_through(house, name, data, account, doors_for(kind, place)):
            _look(house, eyes, told, books)
    _read(house, eyes, books, tmp_path)
    for address in ("/studio", "/studio/courses", "/studio/import", "/studio/upload"):
        eyes.walk(house.author, address, deep=False)
    outcomes[kind] = account.outcome
    found = {
        "kind": kind, "files": len(chosen), "outcome": dict(sorted(account.outcome.items())),
        "longest": round(account.longest, 1), "pages": eyes.asked, "opened": eyes.opened, "stored files": eyes.files,
        "books": len(books), "seconds": round(time.monotonic() - before),
    }  # fmt: skip
    harm = {
        "events": eyes.events.copy(), "connections": house.caught, "slow": account.slow, "unkind": account.unkind,
        "nameless": account.nameless, "halves": account.halves + parts_left(house, account),
        "strays": house.strays(), "faults": house.faults(),
    }  # fmt: skip
    print(json.dumps(found | harm, ensure_ascii=False), flush=True)
    eyes.events.clear()
    assert harm == {name: [] for name in harm}


def test_every_door_let_something_in_and_kept_something_out(outcomes: dict[str, Counter[str]]) -> None:
    """Else the campaign would have looked at nothing."""
    if EACH or set(outcomes) != set(KINDS):
        pytest.skip("only a part of the corpus was sent")
    whole = sum(outcomes.values(), Counter())
    print(json.dumps(whole, ensure_ascii=False))
    for door in DOORS:
        assert whole[f"{door}: taken"] or door == "upload", door
        assert whole[f"{door}: refused"], door


def _look(house: House, eyes: Eyes, told: Told, books: list[str]) -> None:
    """Whoever sent it looks at the answer and at everything that came of it."""
    visitor = house.doctor if told.door in ("evidence", "pieces") else house.author
    eyes.as_whom(visitor)
    eyes.show(told)
    new = [address for address in told.shown if eyes.walk(visitor, address)]
    if told.door == "package" and told.let_in:
        taken_up(house, told)
        eyes.walk(visitor, told.shown[-1])
    if told.door == "evidence" and told.let_in:
        withdrawn(house, told)
    books += [one for one in new if re.fullmatch("/studio/drafts/[^/]+", one) and book_asked(house, one)]


def _read(house: House, eyes: Eyes, books: list[str], folder: Path) -> None:
    """The books of the drafts, once they are made."""
    for number, draft in enumerate(books):
        eyes.read(book(house, draft), folder / "books" / str(number))
