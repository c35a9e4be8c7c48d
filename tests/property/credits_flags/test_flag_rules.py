"""What the rules of flags promise: more evidence never lowers, a pair is symmetric, honest ways are left alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.credits.flags.measure import measure
from lms.credits.flags.population import county
from lms.credits.flags.rules.copies import collect, find_copies, likeness
from lms.credits.flags.rules.devices import find_devices
from lms.credits.flags.rules.facts import DeviceUse, Finished, Kind, Presence, Reply, Sitting
from lms.credits.flags.rules.limits import BURST_HOURS, CHARACTERS_A_SECOND, LEAST_SAME, LEAST_UNSEEN, MANY_PEOPLE
from lms.credits.flags.rules.others import clash, find_bursts, find_places
from lms.credits.flags.rules.paces import find_paces, too_fast

NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)


def who(number: int) -> UUID:
    return UUID(int=number + 1)


def sitting(person: int, *, course: str = "c", seconds: int = 600, start: datetime = NOON, wrong: str = "") -> Sitting:
    """Ten questions; `wrong` holds the digits of those missed, all with the answer w."""
    replies = tuple(Reply(f"q{n}", "w" if str(n) in wrong else "r", str(n) not in wrong) for n in range(10))
    return Sitting(
        id=UUID(int=hash((person, course, start)) & (2**128 - 1)), person_id=who(person), course=course, number=1,
        started_at=start, ended_at=start + timedelta(seconds=seconds), seconds=seconds, characters=1000, unseen=10,
        passed=True, replies=replies,
    )  # fmt: skip


marks = st.lists(st.sampled_from("rwvu"), min_size=12, max_size=40)


def answered(person: int, responses: list[str]) -> Sitting:
    replies = tuple(Reply(f"q{n}", one, one == "r") for n, one in enumerate(responses))
    return replace(sitting(person), replies=replies)


@given(st.lists(marks, min_size=2, max_size=6), st.booleans())
def test_a_pair_is_symmetric(sheets: list[list[str]], near: bool) -> None:
    found = collect(answered(n, one) for n, one in enumerate(sheets))
    first, second = (found.sheets[who(n)] for n in (0, 1))
    there, back = likeness(found, first, second, near=near), likeness(found, second, first, near=near)
    assert (there.weight, there.same, there.compared) == (back.weight, back.same, back.compared)


@given(marks, st.data())
def test_one_more_common_mistake_never_lowers(first: list[str], data: st.DataObject) -> None:
    """Of two against the same crowd: a question both missed with the same answer weighs no less than one both missed
    with different answers."""
    second = data.draw(st.lists(st.sampled_from("rwvu"), min_size=len(first), max_size=len(first)))
    apart = [n for n, (a, b) in enumerate(zip(first, second, strict=True)) if a != "r" != b and a != b]
    if not apart:
        return
    crowd = [answered(n + 2, ["wvurrrrr"[(n + q) % 8] for q in range(len(first))]) for n in range(40)]
    place = data.draw(st.sampled_from(apart))
    same = [*second[:place], first[place], *second[place + 1 :]]
    before, after = (
        likeness(found, found.sheets[who(0)], found.sheets[who(1)], near=False)
        for found in (collect([answered(0, first), answered(1, other), *crowd]) for other in (second, same))
    )
    assert after.weight >= before.weight - 0.7  # the crowd's shares move a little with her own answer
    assert len(after.same) == len(before.same) + 1


@given(st.lists(marks, min_size=2, max_size=8))
def test_few_common_mistakes_are_never_flagged(sheets: list[list[str]]) -> None:
    findings = find_copies((answered(n, one) for n, one in enumerate(sheets)), {}, 2026)
    assert all(len(one.evidence["same"]) >= LEAST_SAME for one in findings)


def test_two_who_know_everything_are_never_flagged() -> None:
    everybody = [sitting(n, course=f"c{c}") for n in range(50) for c in range(10)]
    assert find_copies(everybody, {}, 2026) == []


def test_somebody_who_copies_is_found_among_honest_people() -> None:
    made = county(200, 5)
    found = find_copies(made.sittings, made.workplaces, 2025)
    assert made.planted[Kind.COPY] & {person for one in found for person in one.people}


@pytest.mark.parametrize("size", [7, 60])
def test_pages_find_what_a_look_at_everybody_finds(size: int) -> None:
    made = county(120, 5)
    whole = find_copies(made.sittings, made.workplaces, 2025)
    new = sorted({one.person_id for one in made.sittings})
    pages = [set(new[at : at + size]) for at in range(0, len(new), size)]
    found = [find_copies(made.sittings, made.workplaces, 2025, page) for page in pages]
    assert {one.subject: one for page in found for one in page} == {one.subject: one for one in whole}
    assert whole


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_slower_is_never_more_suspect(fast: int, slow: int) -> None:
    fast, slow = sorted((fast, slow))
    assert too_fast(sitting(0, seconds=fast)) >= too_fast(sitting(0, seconds=slow))


@pytest.mark.parametrize(
    "harmless",
    [{"seconds": int(1000 / CHARACTERS_A_SECOND) + 1}, {"passed": False}, {"unseen": LEAST_UNSEEN - 1}],
)
def test_pace_leaves_alone(harmless: dict[str, object]) -> None:
    quick = sitting(0, seconds=5)
    assert too_fast(quick)
    assert not too_fast(replace(quick, **harmless))  # type: ignore[arg-type]


def test_pace_is_one_flag_a_year() -> None:
    quick = [sitting(0, course=f"c{n}", seconds=5, start=NOON + timedelta(days=n)) for n in range(3)]
    (found,) = find_paces(quick)
    assert (found.strength, len(found.evidence["sittings"])) == (3, 3)


def on_device(people: int, *, courses: int = 2, shared: bool = False, apart: int = 60) -> list[DeviceUse]:
    return [use for use, _ in _visits(people, courses, shared, apart)]


def _visits(people: int, courses: int, shared: bool, apart: int) -> list[tuple[DeviceUse, Sitting]]:
    found = []
    for n in range(people):
        for course in range(courses):
            start = NOON + timedelta(days=course, minutes=n * (10 + apart))
            taken = sitting(n, course=f"c{course}", start=start)
            use = DeviceUse("d", who(n), start - timedelta(minutes=1), taken.ended_at, shared)
            found.append((use, taken))
    return found


@pytest.mark.parametrize(
    ("people", "courses", "shared", "apart", "places", "flagged"),
    [
        (MANY_PEOPLE, 2, False, 60, "many", True),
        (MANY_PEOPLE, 2, False, 60, "one", False),  # colleagues through the day
        (MANY_PEOPLE, 2, False, 5, "one", True),  # one straight after the other
        (MANY_PEOPLE, 2, True, 5, "many", False),  # she said it is shared
        (MANY_PEOPLE - 1, 2, False, 5, "many", False),
        (30, 1, False, 5, "many", False),  # a training room, once
    ],
)
def test_devices(people: int, courses: int, shared: bool, apart: int, places: str, flagged: bool) -> None:
    visits = _visits(people, courses, shared, apart)
    work = {who(n): f"w{n}" if places == "many" else "w" for n in range(people)}
    found = find_devices([taken for _, taken in visits], [use for use, _ in visits], work, 2026)
    assert bool(found) == flagged


def presence(number: int, holder: str, first: date, last: date, hours: float) -> Presence:
    return Presence(who(100 + number), who(0), "further_study", holder, first, last, hours, {"zh": "进修", "en": "x"})


def test_two_places_need_other_hosts_common_days_and_too_many_hours() -> None:
    away = presence(0, "市医院", date(2026, 3, 1), date(2026, 3, 30), 240)
    inside = presence(1, "县医院", date(2026, 3, 10), date(2026, 3, 10), 6)
    assert clash(away, inside) == clash(inside, away) == [date(2026, 3, 10)]
    for honest in (
        replace(inside, holder="市医院"),
        replace(inside, hours=4),
        replace(inside, person_id=who(1)),
        replace(inside, first=date(2026, 4, 1), last=date(2026, 4, 1)),
    ):
        assert clash(away, honest) == []
    assert [one.kind for one in find_places([away, inside])] == [Kind.PLACES]


def finished(number: int, at: datetime, hours: float) -> Finished:
    return Finished(who(number), who(0), at, hours, {"zh": "课", "en": "Course"})


def test_a_burst_is_one_day_shortly_before_the_deadline() -> None:
    late = datetime(2026, 12, 30, 3, tzinfo=UTC)
    deadline = date(2026, 12, 31)
    much = [finished(n, late + timedelta(minutes=n), 4) for n in range(3)]
    assert sum(one.hours for one in much) > BURST_HOURS
    (found,) = find_bursts(much, deadline)
    assert found.evidence["days"][0]["hours"] == 12
    assert find_bursts(much[:2], deadline) == []
    assert find_bursts([replace(one, at=one.at - timedelta(days=60)) for one in much], deadline) == []


def test_the_planted_are_found_and_few_others() -> None:
    """The measure of `credits flags measure`, smaller."""
    measured = measure(1000, 7)
    assert measured.total.recall >= 0.9
    assert measured.total.precision >= 0.5
    assert measured.answer() == measure(1000, 7).answer()
