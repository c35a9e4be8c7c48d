"""The last day of what was verified and goes on."""

from datetime import date

import pytest

from lms.pathways.rules.ending import fault
from lms.pathways.rules.records import Facts, Kind, Record, Standing
from lms.pathways.rules.schema import SCHEMAS
from lms.pathways.rules.shapes import Held, Served, Wanted
from lms.pathways.rules.states import State

TODAY, SINCE = date(2026, 11, 23), date(2015, 3, 1)


@pytest.mark.parametrize(
    ("before", "until", "fine"),
    [
        (None, date(2016, 2, 29), True),
        (None, SINCE, True),
        (None, TODAY, True),
        (None, date(2015, 2, 28), False),
        (None, date(2026, 11, 24), False),
        (None, None, False),
        (date(2016, 2, 29), None, True),
        (date(2016, 2, 29), date(2016, 3, 1), True),
        (date(2016, 2, 29), date(2016, 2, 29), False),
        (date(2030, 1, 1), TODAY, True),
    ],
)
def test_a_last_day_lies_between_the_first_and_today(before: date | None, until: date | None, fine: bool) -> None:
    assert (fault(SCHEMAS[Kind.EMPLOYMENT], SINCE, before, until, TODAY) is None) is fine


def test_what_goes_on_has_a_last_day_that_need_not_be_said() -> None:
    going = {kind for kind, schema in SCHEMAS.items() if schema.goes_on}
    assert going == {Kind.EMPLOYMENT, Kind.SERVICE, Kind.REGISTRATION}
    assert all(SCHEMAS[kind].until and not SCHEMAS[kind].until_needed for kind in going)


def spans(kind: Kind, *until: date | None, **fields: str) -> Facts:
    return Facts(
        tuple(
            Record(str(number), kind, SINCE, end, Standing.VERIFIED, dict(fields)) for number, end in enumerate(until)
        )
    )


def test_what_has_ended_stands_no_more_and_still_counts_until_then() -> None:
    held = Held(Wanted(Kind.EMPLOYMENT, {"place_kind": ("village_clinic", "township")}))
    before, after = (spans(Kind.EMPLOYMENT, end, place_kind="village_clinic") for end in (None, date(2016, 2, 29)))
    assert held.judge(before, TODAY).state is State.VERIFIED
    assert held.judge(after, TODAY).state is State.EXPIRED
    assert held.judge(after, date(2016, 2, 29)).state is State.VERIFIED
    served = Served(Wanted(Kind.SERVICE), 12)
    assert served.judge(spans(Kind.SERVICE, date(2016, 2, 29)), TODAY).state is State.VERIFIED
    short = served.judge(spans(Kind.SERVICE, date(2016, 2, 28)), TODAY)
    assert (short.state, short.lacking) == (State.MISSING, (0, 2))
