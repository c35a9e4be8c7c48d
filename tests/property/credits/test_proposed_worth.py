"""What is computed for a proposal is what the engine awards, under every policy in force, for any hours."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lms.credits import policies
from lms.credits.approvals.queries import COURSE_KINDS, ValidApproval
from lms.credits.proposals.computing import Counted, policies_in_force, worth
from lms.credits.rules.facts import Person
from lms.credits.suggestions import would_award

DAY = date(2026, 11, 21)


@given(st.integers(1, 60_000), st.sampled_from(COURSE_KINDS), st.sampled_from(policies_in_force(DAY.year)))
def test_it_is_what_an_award_would_be(milli: int, kind: str, policy: policies.Policy) -> None:
    hours = Decimal(milli) / 1000
    found = worth(policy, "XL-ANY", kind, hours, assessed=True, on=DAY)
    approval = ValidApproval("XL-ANY", kind, "2026-1", milli)
    award = would_award(policy, Person(policy.jurisdiction, None), approval, DAY)
    assert found.credits == (award.awarded if award else 0)
    assert found.why, "there is always a reason"
    assert award is None or found.credit_class == (award.category or policy.credit_class)


@given(st.integers(0, 2000), st.integers(0, 200), st.integers(0, 240))
def test_hours_are_never_more_than_the_minutes(lessons: int, checks: int, paper: int) -> None:
    found = Counted(lessons, checks, paper)
    assert found.hours * 45 <= found.minutes < (found.hours + Decimal("0.1")) * 45
    assert found.hours <= found.most
    assert found.most * 45 <= found.minutes * Decimal("1.2")
