"""Lots: every award is as likely as any other, the same seed draws the same, and a later award changes nothing."""

from collections import Counter
from hashlib import sha256
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from lms.credits.rules.sampling import (
    LOTS,
    OUTCOMES,
    UNDECIDED,
    multipliers,
    outcome,
    progress,
)

SEEDS = st.text(min_size=1, max_size=40)
STATES = st.sampled_from(("granted", "returned", "approved", "reversed"))


def lot(number: int) -> int:
    """As an award's lot: spread evenly by a hash."""
    return int.from_bytes(sha256(number.to_bytes(16)).digest()[:6], "big") % LOTS


def drawn(seed: str, lots: list[int], size: int) -> list[int]:
    a, b = multipliers(seed)
    return sorted(range(len(lots)), key=lambda one: ((a * lots[one] + b) % LOTS, one))[:size]


@given(SEEDS)
def test_a_seed_permutes_the_lots(seed: str) -> None:
    a, b = multipliers(seed)
    assert 0 < a < LOTS
    assert 0 <= b < LOTS
    assert len({(a * one + b) % LOTS for one in range(0, LOTS, LOTS // 500)}) == len(range(0, LOTS, LOTS // 500))
    assert a * (LOTS - 1) + b < 2**63  # what a database can multiply


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from((1, 5, 20)), st.text(max_size=10))
def test_every_award_is_drawn_as_often_as_any_other(start: int, size: int, stem: str) -> None:
    """χ² over 3,000 seeds and 40 awards: with 39 degrees of freedom more than 105 happens once in 10^7."""
    lots = [lot(start + number) for number in range(40)]
    seeds = 3000
    times = Counter(one for number in range(seeds) for one in drawn(f"{stem}{number}", lots, size))
    expected = seeds * size / 40
    chi = sum((times[one] - expected) ** 2 / expected for one in range(40)) / (1 - size / 40)
    assert chi < 105, (chi, times)


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10**9))
def test_two_awards_are_drawn_together_as_often_as_any_other_two(start: int) -> None:
    lots = [lot(start + number) for number in range(8)]
    seeds = 6000
    pairs = Counter(pair for number in range(seeds) for pair in combinations(sorted(drawn(f"s{number}", lots, 2)), 2))
    expected = seeds / 28
    assert len(pairs) == 28
    assert all(abs(times - expected) < expected * 0.75 for times in pairs.values()), pairs


@given(SEEDS, st.lists(st.integers(0, LOTS - 1), min_size=1, max_size=60), st.integers(1, 70), st.integers(0, LOTS - 1))
def test_the_same_seed_draws_the_same_and_one_more_award_displaces_one_at_most(
    seed: str, lots: list[int], size: int, more: int
) -> None:
    first = drawn(seed, lots, size)
    assert first == drawn(seed, lots, size)
    assert len(first) == len(set(first)) == min(size, len(lots))
    assert len(set(first) - set(drawn(seed, [*lots, more], size))) <= 1


@given(
    STATES, st.booleans(), st.booleans(), st.booleans(), st.integers(0, 3), st.integers(1, 3),
)  # fmt: skip
def test_an_outcome_is_wrong_only_where_it_was_reversed_since(
    state: str, answered: bool, touched: bool, second: bool, decided: int, level: int
) -> None:
    found = outcome(state, answered=answered, touched=touched, second=second, decided_level=decided, level=level)
    assert found in OUTCOMES
    if found == "wrong":
        assert (state, touched, second) == ("reversed", True, False)
    if found in ("right", "before"):
        assert state in ("approved", "reversed")
    if found in UNDECIDED:
        assert second or not touched or answered or state == "granted"


@given(st.lists(st.sampled_from(tuple(OUTCOMES)), max_size=100))
def test_progress_adds_up(outcomes: list[str]) -> None:
    found = progress(outcomes)
    assert found.drawn == len(outcomes)
    assert found.wrong <= found.judged <= found.decided <= found.drawn
    if found.share_wrong is None:
        assert found.judged == 0
    else:
        assert abs(float(found.percent_wrong) - 100 * float(found.share_wrong)) <= 0.05 + 1e-9
