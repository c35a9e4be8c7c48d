"""What holds of clocks and judgements whatever is on record."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lms.pathways import catalogue
from lms.pathways.rules.clocks import Phase, clocks, words
from lms.pathways.rules.judging import judge
from lms.pathways.rules.records import Facts, Kind, Record, Standing
from lms.pathways.rules.schema import SCHEMAS
from lms.pathways.rules.shapes import Held, Served
from lms.pathways.rules.states import BEST_FIRST

START = date(2018, 1, 1)
DAYS = st.integers(0, 12 * 365).map(lambda n: START + timedelta(days=n))
WAYS = st.sampled_from(sorted(catalogue.library().values(), key=lambda one: one.id))
DUTIES = st.sampled_from([one for one in catalogue.library().values() if one.duty])
STANDINGS = st.sampled_from(Standing)
RANK = {state: place for place, state in enumerate(BEST_FIRST)}


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(Kind))
    on = draw(DAYS)
    until = draw(st.none() | st.integers(0, 2500).map(lambda n: on + timedelta(days=n)))
    fields = {
        one.name: draw(st.sampled_from(sorted(one.words)))
        for one in SCHEMAS[kind].fields
        if one.words
    }
    return Record(str(draw(st.uuids())), kind, on, until, draw(STANDINGS), fields)


FACTS = st.builds(
    Facts,
    st.lists(records(), max_size=12, unique_by=lambda one: one.id).map(tuple),
    st.dictionaries(st.integers(2018, 2030), st.sampled_from(("pass", "fail", "unknown", "not_required"))),
)


@settings(max_examples=60)
@given(WAYS, FACTS, DAYS, st.randoms())
def test_the_order_of_records_does_not_matter(way, facts, day, chance):  # type: ignore[no-untyped-def]
    shuffled = list(facts.records)
    chance.shuffle(shuffled)
    assert judge(way, facts, day) == judge(way, facts, day)
    assert judge(way, facts, day) == judge(way, Facts(tuple(shuffled), facts.years), day)


@settings(max_examples=60)
@given(WAYS, FACTS, DAYS, records())
def test_one_more_record_that_is_verified_and_holds_makes_nothing_worse(way, facts, day, more):  # type: ignore[no-untyped-def]
    holding = Record(more.id, more.kind, min(more.on, day), None, Standing.VERIFIED, more.fields)
    before = judge(way, facts, day)
    after = judge(way, Facts((*facts.records, holding), facts.years), day)
    for old, new in zip(before.states, after.states, strict=True):
        if isinstance(old.requirement.shape, (Held, Served)):
            assert RANK[new.state] <= RANK[old.state], old.code


@settings(max_examples=60)
@given(DUTIES, FACTS, DAYS)
def test_a_clock_counts_the_days_of_the_calendar(duty, facts, day):  # type: ignore[no-untyped-def]
    found = clocks([judge(duty, facts, day)])
    for one in found:
        assert words(one)
        if one.due is None:
            assert one.days_left is None
        else:
            assert one.due == day + timedelta(days=one.days_left)
        if one.ends is not None:
            assert one.due < one.ends
        if one.phase is Phase.KEPT and one.due is not None:
            assert one.days_left >= 0, "what is kept has not ended"


@settings(max_examples=60)
@given(WAYS, FACTS, DAYS)
def test_the_next_thing_is_one_that_can_be_done(way, facts, day):  # type: ignore[no-untyped-def]
    found = judge(way, facts, day)
    assert 0 <= found.share <= 1
    first = found.first
    if first is not None:
        assert not first.blocked_by or first.judged.urges(day)
        assert first.open or first.judged.urges(day)
    else:
        assert not any(one.open for one in found.states)
