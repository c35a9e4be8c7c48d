"""Which limit holds: the policy's where it names one, else the house's; the limit itself takes one person."""

from decimal import Decimal
from typing import Any

import pytest

from lms.credits.rules.audits import Audit, takes_two


@pytest.mark.parametrize(
    ("policy", "credits", "two"),
    [(None, "10", False), (None, "10.001", True), ("20", "15", False), ("20", "20.5", True), ("0", "0.001", True)],
)
def test_a_limit_takes_two_above_it(policy: str | None, credits: str, two: bool) -> None:
    grounds: Any = None  # where and when a line holds has been asked before
    limit = Decimal(policy) if policy else None
    line = Audit("two", ("paper",), (), grounds, second_person_above=limit)
    assert takes_two(line, Decimal(credits), Decimal(10)) is two
    if policy is None:
        assert takes_two(None, Decimal(credits), Decimal(10)) is two
