"""Years that are over for good: what still waits of them only the province decides."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, false, not_, or_

from lms.credits import policies
from lms.credits.claims.models import Claim
from lms.credits.policies import NATION
from lms.kernel import clock
from lms.organisations import queries as organisations
from lms.organisations.queries import under
from lms.people.rules import Population


def closed_now() -> ColumnElement[bool]:
    """SQL: the year of a claim is over for everybody at its place, the province left out. Where it is over for some
    only, `access.is_closed` tells of whom."""
    known = [one.policy for one in policies.library()]
    if not any(policy.windows for policy in known):
        return false()
    own = sorted({policy.jurisdiction for policy in known} - {NATION})
    first, codes = min(policy.first_year for policy in known), organisations.region_codes()
    at = {place: under(Claim.authority_path, [path for path, code in codes.items() if code == place]) for place in own}
    found = [
        and_(at[place], Claim.credit_year.in_(years)) for place in own if (years := list(_years(place, first)))
    ]
    if years := list(_years(NATION, first)):
        found.append(and_(not_(or_(false(), *at.values())), Claim.credit_year.in_(years)))
    return or_(false(), *found)


def _years(place: str, first: int) -> Iterator[int]:
    """The years from the first one on that are over for everybody at a place."""
    today = clock.today()
    for year in range(first, today.year):
        policy = policies.governing(place, year)
        if policy is not None:
            days = [policy.closing(year, population) for population in Population]
            if all(day is not None and day < today for day in days):
                yield year
