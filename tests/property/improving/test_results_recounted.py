"""What the database counts is what somebody with paper and pencil counts; and no difference tells on few people."""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from uuid import UUID

from course_packages import good_files
from houses import House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "integration" / "improving"))

from improving_stage import answer, begin, read

from lms.courses import commands, editions
from lms.courses.counting import EDGES
from lms.improving import counting
from lms.improving.rules import LEAST, STOPPED_DAYS, pooled
from lms.kernel.uow import unit_of_work

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
CODES = ("TST-C01", "TST-C02", "TST-C03")
# A touch: lesson 1-3, seconds after the beginning, and for a self-check whether it was right.
TOUCHES = st.lists(
    st.tuples(
        st.integers(1, 3), st.sampled_from([0, 1, *EDGES, 59, 61]) | st.integers(0, 900_000),
        st.sampled_from([None, True, False]),
    ),
    max_size=6, unique_by=lambda one: one[:2],
)  # fmt: skip
HISTORIES = st.lists(st.tuples(st.integers(1, 60), st.booleans(), TOUCHES), max_size=8)


def bucket(seconds: float) -> int:
    return sum(round(seconds) >= edge for edge in EDGES)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=HISTORIES)
def test_counts_are_those_of_a_recount(sqlite_house: House, tmp_path: Path, histories) -> None:
    sqlite_house.restore()
    app, cast = sqlite_house.app, sqlite_house.cast
    for path, text in good_files(lessons=3, assessment=False).items():
        target = tmp_path / "sample" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    with app.app_context(), unit_of_work():
        edition_id, _ = commands.publish_folder(tmp_path / "sample")
        for member, (days, done, touches) in zip(cast.members, histories, strict=False):
            _live(member.person_id, edition_id, days, done, touches)
        found = counting.numbers_of(editions.edition(edition_id), NOW)
    stops, reached, read_by, tries = Counter(), Counter(), Counter(), {code: [] for code in CODES}
    spans = {lesson: Counter() for lesson in range(4)}
    for days, done, touches in histories:
        start = NOW - timedelta(days=days)
        seen = _once(touches)
        last = max(seen, key=lambda one: (one[1], one[0]), default=None)
        if not done and (start if last is None else start + timedelta(seconds=last[1])) < NOW - timedelta(
            days=STOPPED_DAYS
        ):
            stops[last[0] if last else 0] += 1
        if last:
            spans[0][bucket(last[1])] += 1
        for lesson in {one[0] for one in seen}:
            times = [one[1] for one in seen if one[0] == lesson]
            reached[lesson] += 1
            read_by[lesson] += any(one[0] == lesson and one[2] is None for one in seen)
            if len(times) > 1:
                spans[lesson][bucket(max(times) - min(times))] += 1
            checks = [one for one in seen if one[0] == lesson and one[2] is not None]
            if checks:
                tries[CODES[lesson - 1]].append(min(checks, key=lambda one: one[1])[2])
    assert (found.started, found.finished) == (len(histories), sum(one[1] for one in histories))
    assert (found.stopped, found.idle) == (stops.total(), stops[0])
    assert found.times == tuple(spans[0][place] for place in range(len(EDGES) + 1))
    for number, one in enumerate(found.lessons, 1):
        assert (one.touched, one.finished, one.stopped) == (reached[number], read_by[number], stops[number])
        assert one.times == tuple(spans[number][place] for place in range(len(EDGES) + 1))
    assert {one.key: one.counts for one in found.checks} == {
        code: (sum(right), len(right) - sum(right)) for code, right in tries.items()
    }


def _once(touches):
    """A lesson is finished once."""
    seen, finished = [], set()
    for one in touches:
        if one[2] is None and one[0] in finished:
            continue
        if one[2] is None:
            finished.add(one[0])
        seen.append(one)
    return seen


def _live(person: UUID, edition_id: UUID, days: int, done: bool, touches) -> None:
    start = NOW - timedelta(days=days)
    one = begin(person, edition_id, start, finished_at=NOW if done else None)
    for lesson, seconds, right in _once(touches):
        at = start + timedelta(seconds=seconds)
        if right is None:
            read(one, edition_id, lesson, at)
        else:
            answer(one, CODES[lesson - 1], right, at)


@given(st.lists(st.integers(0, 12), max_size=6))
def test_no_difference_of_what_is_shown_is_about_few(numbers: list[int]) -> None:
    """Whatever editions somebody takes away from the whole, who is left is nobody or at least LEAST."""
    put = pooled(numbers)
    whole = sum(number for number, kept in zip(numbers, put, strict=True) if kept)
    if whole < LEAST:
        return
    shown = [number for number in numbers if number >= LEAST]
    for size in range(len(shown) + 1):
        for some in combinations(shown, size):
            rest = whole - sum(some)
            assert rest == 0 or rest >= LEAST
