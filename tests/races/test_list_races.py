"""Attendance lists at the same moment as others for the same people: nobody gets two of anything, and a list stands
as a whole or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from cast import Cast, Member
from compliance_stage import is_right
from credit_stage import FACE, LECTURE, award_of, awards, ledger, record, refusals, writing
from flask import Flask
from houses import House
from list_stage import doctors, enter
from truth import offences
from two_persons import WRONG

from lms.credits import commands
from lms.kernel.errors import Conflict

pytestmark = [pytest.mark.races, pytest.mark.xdist_group("races")]
Deed = Callable[[], object]


@pytest.fixture
def house(postgresql_house: House) -> House:
    """On SQLite writers wait for each other before they begin."""
    postgresql_house.restore()
    return postgresql_house


def at_once(*deeds: Deed) -> list[object]:
    """Begin all at the same moment: what each answered, or the Conflict that it raised."""
    start = Barrier(len(deeds))

    def run(deed: Deed) -> object:
        start.wait(30)
        try:
            return deed()
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [done.result(90) for done in [pool.submit(run, deed) for deed in deeds]]


def on(day: int) -> dict[str, Any]:
    """A lecture of a day: it has no number by which it would be another."""
    return LECTURE | {"on_date": date(2026, 1 + day % 9, 1 + day // 9)}


def all_right(app: Flask, there: list[Member], taken_back: int = 0) -> None:
    """Lines without gaps that add up to the awards, a certificate each (none of what was taken back), and every
    year as a new count makes it."""
    assert offences(app) == ({"an award without exactly one live certificate": taken_back} if taken_back else {})
    for member in there:
        lines = ledger(app, member)
        assert [number for number, _ in lines] == list(range(1, len(lines) + 1))
        is_right(app, member, 2026)


def test_overlapping_lists_of_one_project_give_it_once(app: Flask, cast: Cast) -> None:
    """The same project number: whoever comes second earns nothing by it, and is told so."""
    there = doctors(app, cast, 12)
    for number in range(4):
        facts = FACE | {"project_number": f"2026-14-00-01{number}"}
        parts = (there[:9], there[3:], there)
        answers = at_once(*(lambda part=part, facts=facts: enter(app, cast, part, **facts) for part in parts))
        assert [one for one in answers if isinstance(one, Conflict)] == []
    for member in there:
        given = awards(app, member)
        assert len(given) == 4
        lists = 2 + (member in there[3:9])
        assert len(refusals(app, member)) == (lists - 1) * 4
    all_right(app, there)


def test_one_form_sent_from_many_tabs_enters_its_people_once(app: Flask, cast: Cast) -> None:
    there, list_id = doctors(app, cast, 10), uuid4()
    answers = at_once(*(lambda: enter(app, cast, there, list_id) for _ in range(6)))
    awarded: set[tuple[UUID | None, ...]] = set()
    for one in answers:
        assert isinstance(one, commands.ListRecorded)
        awarded.add(tuple(listed.recorded.award_id for listed in one.people))
    assert len(awarded) == 1, "each answer tells of the same awards"
    assert all(ledger(app, member) == [(1, 500)] for member in there)
    all_right(app, there)


def test_lists_and_single_entries_at_once_leave_every_account_right(app: Flask, cast: Cast) -> None:
    there = doctors(app, cast, 8)
    first = [award_of(app, cast, member, **on(0)) for member in there[:3]]

    def alone() -> None:
        for day in range(1, 7):
            for member in reversed(there):
                record(app, cast, member, **on(day))

    def take_back() -> None:
        for award_id in first:
            with writing(app):
                commands.reverse_award(cast.county_auditor.actor, award_id, version=1, **WRONG)

    def lists(days: range, part: list[Member]) -> int:
        refused = 0
        for day in days:
            try:
                enter(app, cast, part, **on(day))
            except Conflict:
                refused += 1
        return refused

    answers = at_once(alone, take_back, lambda: lists(range(10, 16), there), lambda: lists(range(20, 26), there[2:]))
    whole, part = (one if isinstance(one, int) else 6 for one in answers[2:])
    for member in there:
        count = 6 + (6 - whole) + (6 - part) * (member in there[2:]) + (member in there[:3])
        assert len(awards(app, member)) == count
    assert whole + part <= 6, "a list is entered sooner or later"
    all_right(app, there, taken_back=len(first))


def test_lists_of_people_without_any_line_make_each_key_once(app: Flask, cast: Cast) -> None:
    there = doctors(app, cast, 12)
    singles = [lambda member=member: record(app, cast, member, **on(1)) for member in there[::4]]
    answers = at_once(*(lambda day=day: enter(app, cast, there, **on(day)) for day in (2, 3)), *singles)
    assert [one for one in answers if isinstance(one, Conflict)] == []
    for member in there:
        assert len(ledger(app, member)) == 2 + (member in there[::4])
    all_right(app, there)
