"""Exact amounts: what goes into the database comes out of it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.quantities import format_credits, from_milli, to_milli

MILLI = st.integers(min_value=-(10**12), max_value=10**12)


@given(MILLI)
def test_thousandths_come_back(milli: int) -> None:
    assert to_milli(from_milli(milli)) == milli


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3))
def test_amounts_come_back(amount: Decimal) -> None:
    assert from_milli(to_milli(amount)) == amount


@given(MILLI, MILLI)
def test_sums_are_exact(one: int, other: int) -> None:
    assert to_milli(from_milli(one) + from_milli(other)) == one + other


@given(MILLI)
def test_what_is_shown_says_the_amount(milli: int) -> None:
    shown = format_credits(from_milli(milli))
    assert Decimal(shown.replace(",", "")) == from_milli(milli)
    assert len(shown.partition(".")[2]) >= 1


@given(st.integers(min_value=1, max_value=9))
def test_nothing_finer_than_a_thousandth_is_taken(digit: int) -> None:
    with pytest.raises(ValueError):
        to_milli(Decimal(digit) / 10000)


@pytest.mark.parametrize(
    ("amount", "shown"), [("25", "25.0"), ("31.20", "31.2"), ("0.125", "0.125"), ("1234.5", "1,234.5"), ("0", "0.0")]
)
def test_credits_show_one_decimal_unless_they_have_more(amount: str, shown: str) -> None:
    assert format_credits(Decimal(amount)) == shown
