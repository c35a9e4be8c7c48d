"""A higher level may act on a claim before a lower one has: the lower is then locked, and two persons stay two."""

import pytest

from lms.credits.claims import rules
from lms.credits.claims.rules import COUNTY, PROVINCE, UNIT, Decider, Standing

CHAIN = (UNIT, COUNTY, PROVINCE)


@pytest.mark.parametrize("level", [COUNTY, PROVINCE])
def test_a_higher_level_need_not_wait_and_locks_those_below(level: int) -> None:
    waiting = rules.handed_in(Standing("draft", CHAIN))
    assert rules.hindrance(waiting, Decider("above", level), closed=False) is None
    after = rules.decided(waiting, "approve", level, "above")
    assert (after.state, after.decided) == ("approved" if level == PROVINCE else "waiting", level)
    assert rules.hindrance(after, Decider("below", UNIT, unit=True), closed=False) is not None


def test_a_higher_level_alone_is_not_two_persons() -> None:
    waiting = rules.handed_in(Standing("draft", CHAIN, two=True))
    after = rules.decided(waiting, "approve", PROVINCE, "one")
    assert after.state == "waiting"
    assert rules.hindrance(after, Decider("one", PROVINCE), closed=False) is not None
    assert rules.hindrance(after, Decider("other", PROVINCE), closed=False) is None
    assert rules.decided(after, "approve", PROVINCE, "other").state == "approved"


def test_after_the_closing_only_the_province_acts() -> None:
    waiting = rules.handed_in(Standing("draft", CHAIN))
    assert rules.hindrance(waiting, Decider("county", COUNTY), closed=True) is not None
    assert rules.hindrance(waiting, Decider("province", PROVINCE), closed=True) is None
