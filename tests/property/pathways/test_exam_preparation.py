"""What to prepare first: few answers say little, and more of the same say it more clearly."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.pathways.planner.exam_preparation import Answered, upper, weakest

counts = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
areas = st.lists(counts, max_size=12).map(
    lambda all_: [Answered(f"area{at}", answered, right) for at, (right, answered) in enumerate(all_)]
)


@given(areas)
def test_every_area_is_named_once_weakest_first_and_what_is_not_known_last(all_: list[Answered]):
    found = weakest(all_)
    assert sorted(one.area for one in found) == sorted(one.area for one in all_)
    known = [one.at_most for one in found if one.known]
    assert known == sorted(known)
    assert [one.known for one in found] == sorted((one.known for one in found), reverse=True)
    assert weakest(reversed(all_)) == found


@given(counts)
def test_the_bound_lies_above_the_share_and_below_one(count: tuple[int, int]):
    right, answered = count
    assert 0 < upper(right, answered) <= 1
    if answered:
        assert upper(right, answered) >= right / answered


@given(counts.filter(lambda count: count[1] > 0 and count[0] < count[1]), st.integers(2, 9))
def test_the_same_share_of_more_answers_is_weaker(count: tuple[int, int], times: int):
    right, answered = count
    assert upper(right * times, answered * times) < upper(right, answered)


@given(counts.filter(lambda count: count[0] < count[1]))
def test_one_more_right_is_never_weaker(count: tuple[int, int]):
    right, answered = count
    assert upper(right + 1, answered) > upper(right, answered) or upper(right, answered) == 1


def test_one_wrong_answer_is_not_yet_a_weakness():
    found = weakest([Answered("one", 1, 0), Answered("many", 30, 10), Answered("good", 30, 28), Answered("new", 0, 0)])
    assert [one.area for one in found] == ["many", "one", "good", "new"]
    assert found[-1].share is None


def test_of_two_alike_the_one_answered_longest_ago_comes_first():
    found = weakest([Answered("new", 10, 5, date(2025, 5, 1)), Answered("old", 10, 5, date(2024, 5, 1))])
    assert [one.area for one in found] == ["old", "new"]


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="3 right of 2"):
        Answered("a", 2, 3)
    with pytest.raises(ValueError, match="named twice: a"):
        weakest([Answered("a", 2, 1), Answered("a", 3, 1)])
