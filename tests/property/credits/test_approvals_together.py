"""Approvals judged one after the other: those without a fault never hold for one edition on one day, and which of them
have faults is what looking at every pair says."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from lms.courses.queries import TaughtEdition
from lms.credits.approvals.judging import Known, Wanted, faults
from lms.organisations.queries import OrganisationCard
from lms.organisations.rules import Kind

START = date(2027, 1, 1)
COUNTY = UUID(int=1)
CARD = OrganisationCard(COUNTY, Kind.COUNTY, "县", "", "C", "/c/", None, "", "", None, None, None)
EDITIONS = [None, UUID(int=11), UUID(int=12)]
CODES = {"XL-A": UUID(int=21), "XL-B": UUID(int=22)}

wanted = st.builds(
    lambda code, edition, first, length, milli: Wanted(
        code, edition, COUNTY, "N-1", "recommended_project", Decimal(milli) / 1000, START + timedelta(first),
        START + timedelta(first + length),
    ),
    st.sampled_from(sorted(CODES)), st.sampled_from(EDITIONS), st.integers(0, 40), st.integers(-3, 20),
    st.integers(0, 7000),
)  # fmt: skip


def known() -> Known:
    editions = {
        (code, edition): TaughtEdition(course, COUNTY, Decimal(6), reviewed=True, closed=False)
        for code, course in CODES.items()
        for edition in EDITIONS
    }
    return Known(editions, {COUNTY: CARD}, [], {2027: "general"}, unreviewed_may=False, today=START)


def days(one: Wanted) -> set[date]:
    return {one.valid_from + timedelta(n) for n in range((one.valid_until - one.valid_from).days + 1)}


def together(one: Wanted, other: Wanted) -> bool:
    """Whether both hold for one edition on one day, day by day."""
    same = one.edition_id == other.edition_id or None in (one.edition_id, other.edition_id)
    return one.course_code == other.course_code and same and bool(days(one) & days(other))


@given(st.lists(wanted, max_size=12))
def test_what_is_entered_together_never_overlaps(several: list[Wanted]) -> None:
    house, entered = known(), list[Wanted]()
    for one in several:
        found = faults(house, one)
        assert ("hours" in found) == (not 0 < one.hours <= 6)
        assert ("valid_until" in found) == (one.valid_until < one.valid_from)
        assert ("valid_from" in found) == any(together(one, other) for other in entered)
        if not found:
            house.hold(one)
            entered.append(one)
