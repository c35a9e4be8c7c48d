"""Tries, waits, time and grades, case by case."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from lms.assessments.rules import timing
from lms.assessments.rules.drawing import BankTooSmallError, FormItem, draw, fits
from lms.assessments.rules.grading import grade, grade_to_json, lines_from_json
from lms.assessments.rules.tries import State, Try, may_show_answers, standing
from lms.courses.packages.package import Assessment, DrawRule
from lms.items.base import Item
from lms.items.registry import parse_item
from lms.kernel.ids import new_id

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def words(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def item(code: str, topic: str = "t", difficulty: int = 1, use: str = "assessment") -> Item:
    return parse_item(
        {
            "code": code,
            "type": "true_false",
            "use": use,
            "topic": topic,
            "difficulty": difficulty,
            "objective": "o1",
            "sources": [],
            "stem": words("s"),
            "explanation": words("e"),
            "answer": True,
        }
    )


def paper(**changes: object) -> Assessment:
    values: dict[str, object] = {
        "title": words("测验"),
        "minutes": 30,
        "pass_mark": 80,
        "attempts": 3,
        "cooldown_minutes": 60,
        "show_answers": "after_pass",
        "draw": (DrawRule("t", None, 4),),
    }
    return Assessment(**{**values, **changes})  # type: ignore[arg-type]


def tried(number: int, passed: bool | None, at: datetime = NOON) -> Try:
    done = None if passed is None else at
    return Try(new_id(), number, at - timedelta(minutes=9), at, done, 90 if passed else 50, passed)


def test_it_waits_for_the_lessons() -> None:
    assert standing(paper(), [], NOON, lessons_finished=False).state is State.LOCKED
    assert standing(paper(), [], NOON, lessons_finished=True).may_start


def test_an_open_attempt_goes_on_before_anything_else() -> None:
    tries = [tried(1, False), tried(2, None)]
    now = standing(paper(attempts=2), tries, NOON, lessons_finished=False)
    assert now.state is State.OPEN
    assert now.attempt_id == tries[1].attempt_id


def test_a_failed_try_is_followed_by_a_wait() -> None:
    tries = [tried(1, False)]
    soon = standing(paper(), tries, NOON + timedelta(minutes=59), lessons_finished=True)
    assert soon.state is State.COOLING
    assert soon.next_at == NOON + timedelta(minutes=60)
    assert soon.reason() is not None
    later = standing(paper(), tries, NOON + timedelta(minutes=60), lessons_finished=True)
    assert later.may_start
    assert later.tries_left == 2


def test_tries_are_limited_and_a_pass_ends_them() -> None:
    used = standing(paper(attempts=1), [tried(1, False)], NOON, lessons_finished=True)
    assert used.state is State.USED_UP
    assert used.next_at == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    new_year = standing(paper(attempts=1), [tried(1, False)], used.next_at, lessons_finished=True)
    assert new_year.may_start
    won = standing(paper(), [tried(1, False), tried(2, True)], NOON, lessons_finished=True)
    assert won.state is State.PASSED
    assert won.best_percent == 90


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ("never", [False, False, False]),
        ("after_pass", [False, False, True]),
        ("after_last", [False, True, True]),
        ("after_submit", [True, True, True]),
        ("unheard-of", [False, False, False]),
    ],
)
def test_answers_are_shown_as_the_paper_says(rule: str, shown: list[bool]) -> None:
    failed = may_show_answers(rule, submitted=True, passed_ever=False, tries_left=1)
    last = may_show_answers(rule, submitted=True, passed_ever=False, tries_left=0)
    won = may_show_answers(rule, submitted=True, passed_ever=True, tries_left=1)
    assert [failed, last, won] == shown
    assert not may_show_answers(rule, submitted=False, passed_ever=True, tries_left=0)


def test_the_grace_takes_late_answers_but_shows_no_more_questions() -> None:
    end = timing.deadline(NOON, 30)
    assert end == NOON + timedelta(minutes=30)
    assert not timing.time_is_up(end, end - timedelta(seconds=1))
    assert timing.time_is_up(end, end)
    assert not timing.is_closed(end, end + timing.GRACE)
    assert timing.is_closed(end, end + timing.GRACE + timedelta(microseconds=1))
    assert timing.seconds_left(end, end - timedelta(seconds=90)) == 90
    assert timing.seconds_left(end, end + timedelta(hours=1)) == 0
    assert end < timing.closed_before(end + timing.GRACE + timedelta(seconds=1))


def test_narrow_rules_are_not_starved_by_wide_ones() -> None:
    bank = [item("A-1", difficulty=3), item("A-2"), item("A-3"), item("A-4")]
    rules = [DrawRule("t", None, 3), DrawRule("t", 3, 1)]
    for seed in range(30):
        assert {one.code for one in draw(bank, rules, seed)} == {"A-1", "A-2", "A-3", "A-4"}


def test_a_bank_that_is_too_small_is_refused() -> None:
    with pytest.raises(BankTooSmallError):
        draw([item("A-1"), item("A-2", use="check")], [DrawRule("t", None, 2)], 1)
    assert not fits(item("A-2", use="check"), DrawRule("t", None, 1))


def test_the_pass_mark_is_reached_exactly() -> None:
    items = {f"A-{n}": item(f"A-{n}") for n in range(1, 6)}
    form = tuple(FormItem(code, ()) for code in items)
    four = grade(form, items, {1: True, 2: True, 3: True, 4: True}, 80)
    assert (four.percent, four.passed, four.right_count, four.score_milli) == (80, True, 4, 4000)
    three = grade(form, items, {1: True, 2: True, 3: True, 4: False}, 80)
    assert (three.percent, three.passed) == (60, False)
    assert not grade((), {}, {}, 0).passed
    assert lines_from_json(grade_to_json(four)) == four.items
    assert [line.answered for line in four.items] == [True, True, True, True, False]


def test_three_thirds_are_one() -> None:
    pairs = [{"id": x, "left": words(f"l{x}"), "right": words(f"r{x}")} for x in "abc"]
    raw = {**item("M-1").as_dict(), "type": "matching", "pairs": pairs}
    del raw["answer"]
    matching = parse_item(raw)
    form = tuple(FormItem("M-1", ("a", "b", "c")) for _ in range(3))
    third = {"a": "a", "b": "c"}
    result = grade(form, {"M-1": matching}, {1: third, 2: third, 3: third}, 33)
    assert result.score == Fraction(1)
    assert (result.percent, result.passed) == (33, True)
