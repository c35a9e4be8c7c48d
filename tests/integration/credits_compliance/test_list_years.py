"""A list gives the same as entering its people one by one: twins, one on each way, have the same account."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from cast import Cast, Member
from compliance_stage import SELDOM, is_right
from credit_stage import FACE, LECTURE, SELF_STUDY, awards, ledger, record, refusals, writing
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from list_stage import doctors, enter
from two_persons import WRONG

from lms.credits import commands

PAIRS = 3
SERIALS = itertools.count(1000, 2 * PAIRS)
OWN = frozenset({"person_id"})
facts: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda month: LECTURE | {"on_date": date(2026, month, 3)}, st.integers(1, 9)),
    st.builds(lambda hours: SELF_STUDY | {"hours": Decimal(hours)}, st.integers(3, 40)),
    st.just(FACE),
    st.builds(
        lambda number, session, hours, assessed: FACE
        | {"project_number": f"2026-14-00-00{number}", "activity_code": session, "hours": Decimal(hours),
           "assessed": assessed},
        st.integers(1, 2), st.sampled_from([None, "morning"]), st.integers(3, 33), st.sampled_from([True, True, False]),
    ),
)  # fmt: skip
histories = st.lists(st.tuples(st.integers(0, PAIRS - 1), facts, st.booleans()), max_size=4)
lists = st.lists(st.tuples(st.sets(st.integers(0, PAIRS - 1), min_size=1), facts), min_size=1, max_size=3)


def account(app: Flask, member: Member) -> dict[str, Any]:
    """All that was decided and written for somebody, without ids and times."""
    year = {name: value for name, value in is_right(app, member, 2026).items() if name not in SELDOM | OWN}
    return {
        "awards": [
            (one.activity_code, one.kind, one.credit_class, one.computed_milli, one.awarded_milli, one.hours_milli,
             one.state, one.policy_version_id, one.decision)
            for one in awards(app, member)
        ],
        "refused": sorted((str(one.decision), one.computed_milli) for one in refusals(app, member)),
        "lines": ledger(app, member),
        "year": year,
    }  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(history=[(0, FACE, True)], steps=[({0, 1}, FACE)])
@example(history=[(0, FACE, False), (1, FACE | {"hours": Decimal(18)}, False)], steps=[({0, 1, 2}, FACE)])
@given(history=histories, steps=lists)
def test_a_list_gives_what_entering_one_by_one_gives(app: Flask, cast: Cast, history: Any, steps: Any) -> None:
    people = doctors(app, cast, 2 * PAIRS, next(SERIALS))
    listed, alone = people[:PAIRS], people[PAIRS:]
    for way in (listed, alone):
        for who, told, taken_back in [*((n, LECTURE, False) for n in range(PAIRS)), *history]:
            made = record(app, cast, way[who], **told)
            if taken_back and made.award_id:
                with writing(app):
                    commands.reverse_award(cast.county_auditor.actor, made.award_id, version=1, **WRONG)
    for present, told in steps:
        done = enter(app, cast, [listed[n] for n in present], **told)
        by_person = {one.person_id: one.recorded for one in done.people}
        for n in present:
            one = record(app, cast, alone[n], **told)
            same = by_person[listed[n].person_id]
            assert (same.awarded, same.reasons, bool(same.award_id)) == (one.awarded, one.reasons, bool(one.award_id))
    for left, right in zip(listed, alone, strict=True):
        assert account(app, left) == account(app, right)
