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
from credit_stage import FACE, LECTURE, SAID, award_of, awards, ledger, reading, record, refusals, writing
from flask import Flask
from houses import House
from list_stage import doctors, enter
from sqlalchemy import select, update
from truth import offences
from two_persons import WRONG

from lms.credits import commands, recording
from lms.credits.entering import Told, fact_values
from lms.credits.listing import ListRecorded
from lms.credits.models import Activity, Award
from lms.credits.recording import Recorded
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.errors import Conflict
from lms.people import queries as people
from lms.people.privacy import closing
from lms.people.privacy.models import Closing

pytestmark = pytest.mark.races
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


def test_a_project_entered_by_list_and_one_by_one_is_given_once_and_nobody_waits_in_a_circle(
    app: Flask, cast: Cast
) -> None:
    """None of them has a key yet: both ways write award, key and line, in the same order."""
    for number in range(5):
        there = doctors(app, cast, 8, first=400 + 8 * number)

        def alone(there: list[Member] = there) -> None:
            for member in reversed(there):
                record(app, cast, member, **FACE)

        answers = at_once(alone, alone, lambda there=there: enter(app, cast, there, **FACE))
        assert [one for one in answers if isinstance(one, Conflict)] == []
        for member in there:
            assert ledger(app, member) == [(1, 10_000)]
            assert len(refusals(app, member)) == 2
        all_right(app, there)


def test_lists_entered_while_auditors_decide_count_what_they_decided(app: Flask, cast: Cast) -> None:
    """A returned award adds no line: only the version of the year tells the list that what it has read is old."""
    there = doctors(app, cast, 24)
    first = [award_of(app, cast, member, **on(0)) for member in there[::4]]
    for version in range(1, 7):

        def decide(version: int = version) -> None:
            for award_id in first:
                with writing(app):
                    if version % 2:
                        commands.return_award(cast.county_auditor.actor, award_id, version=version, **SAID)
                    else:
                        commands.approve_award(cast.county_auditor.actor, award_id, version=version)
                        session().execute(update(Award).where(Award.id == award_id).values(decided_level=0))

        _, answer = at_once(decide, lambda version=version: enter(app, cast, there, **on(version)))
        assert isinstance(answer, ListRecorded)
        # Right after each: the next list would make good what this one has missed.
        all_right(app, there)
    assert {len(awards(app, member)) for member in there[::4]} == {7}


def test_an_account_closed_at_the_same_moment_is_on_the_list_or_gone(app: Flask, cast: Cast) -> None:
    """Without credit she is erased at once; nothing is entered for her after that."""
    for number in range(6):
        there = doctors(app, cast, 5, first=400 + 5 * number)

        def close(person_id: UUID = there[2].person_id) -> None:
            with writing(app):
                closing.close(SYSTEM, person_id, "office")

        def by_the_house(there: list[Member] = there) -> ListRecorded:
            with writing(app):
                ids = [one.person_id for one in there]
                return commands.record_list(SYSTEM, person_ids=ids, list_id=uuid4(), **LECTURE)

        _, answer = at_once(close, by_the_house)
        entered = isinstance(answer, ListRecorded)
        assert [ledger(app, member) for member in there] == [[(1, 500)] if entered else []] * 5
        with reading(app):
            state = session().scalar(select(Closing.state).where(Closing.person_id == there[2].person_id))
        assert state == ("restricted" if entered else "erased")


def test_nothing_is_entered_for_somebody_whose_account_was_closed_after_she_was_read(app: Flask, cast: Cast) -> None:
    (member,) = doctors(app, cast, 1)
    with writing(app):
        card = people.person(member.person_id)
        assert card is not None
        values = fact_values(SYSTEM, Told(**LECTURE))

        def close() -> None:
            with writing(app):
                closing.close(SYSTEM, member.person_id, "office")

        at_once(close)
        with pytest.raises(Conflict, match="已经封存"), session().begin_nested():
            recording.record(SYSTEM, Activity(id=uuid4(), person_id=member.person_id, **values), card)
    assert ledger(app, member) == []
    with reading(app):
        assert session().scalar(select(Activity.id)) is None
        assert session().scalar(select(Closing.state).where(Closing.person_id == member.person_id)) == "erased"


def test_an_account_closed_at_the_same_moment_has_what_was_entered_or_is_gone(app: Flask, cast: Cast) -> None:
    for number in range(8):
        (member,) = doctors(app, cast, 1, first=400 + number)

        def close(person_id: UUID = member.person_id) -> None:
            with writing(app):
                closing.close(SYSTEM, person_id, "office")

        def by_the_house(person_id: UUID = member.person_id) -> Recorded | None:
            with writing(app):
                return commands.record_activity(SYSTEM, person_id=person_id, **LECTURE)

        _, answer = at_once(close, by_the_house)
        entered = isinstance(answer, Recorded)
        assert ledger(app, member) == ([(1, 500)] if entered else [])
        with reading(app):
            state = session().scalar(select(Closing.state).where(Closing.person_id == member.person_id))
        assert state == ("restricted" if entered else "erased")


def test_lists_of_people_without_any_line_make_each_key_once(app: Flask, cast: Cast) -> None:
    there = doctors(app, cast, 12)
    singles = [lambda member=member: record(app, cast, member, **on(1)) for member in there[::4]]
    answers = at_once(*(lambda day=day: enter(app, cast, there, **on(day)) for day in (2, 3)), *singles)
    assert [one for one in answers if isinstance(one, Conflict)] == []
    for member in there:
        assert len(ledger(app, member)) == 2 + (member in there[::4])
    all_right(app, there)
