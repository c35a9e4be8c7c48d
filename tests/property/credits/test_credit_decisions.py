"""What must hold for every year anybody could have."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lms.credits.rules.answers import answer
from lms.credits.rules.counting import Compliance
from lms.credits.rules.deciding import decide
from lms.credits.rules.facts import Case, Fact, Person
from lms.credits.rules.loading import load_policy

POLICY = load_policy(Path("content/policies/CN-2025.toml").read_bytes(), "CN-2025.toml")
ROUND = {"recommended_project", "promotion_project"}
PERSON = Person("CN-HE", "village_doctor")

KINDS = st.sampled_from(["recommended_project", "promotion_project", "unit_lecture", "case_discussion", "self_study"])


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    kind = draw(KINDS)
    unit = "items" if kind in ("unit_lecture", "case_discussion") else "hours"
    quantity = Decimal(draw(st.integers(1, 60)))
    return Fact(
        id=str(draw(st.uuids())),
        kind=kind,
        activity=draw(st.sampled_from([None, "A", "B", "C", "D"])),
        project=draw(st.sampled_from([None, "P", "Q"])),
        date=date(2025, 1, 1) + timedelta(days=draw(st.integers(0, 364))),
        quantity=quantity,
        unit=unit,
        hours=draw(st.integers(1, 60).map(Decimal)),
        assessed=draw(st.booleans()),
    )


years = st.lists(facts(), max_size=12, unique_by=lambda fact: fact.id)


def case(found: list[Fact]) -> Case:
    return Case(2025, date(2025, 12, 31), PERSON, tuple(found))


@given(years)
def test_no_cap_is_exceeded(found: list[Fact]):
    decision = decide(POLICY, case(found))
    by_id = {fact.id: fact for fact in found}
    self_study = Decimal(0)
    projects: dict[str, Decimal] = {}
    for line in decision.lines:
        fact = by_id[line.fact]
        assert 0 <= line.counted <= line.awarded <= line.computed
        if fact.kind == "self_study":
            self_study += line.counted
        if fact.kind in ROUND:
            assert line.awarded <= 10
            key = fact.project or fact.id
            projects[key] = projects.get(key, Decimal(0)) + line.awarded
    assert self_study <= 10
    assert all(sum_ <= 10 for sum_ in projects.values())


@given(years)
def test_an_activity_is_awarded_at_most_once_a_year(found: list[Fact]):
    by_id = {fact.id: fact for fact in found}
    lines = decide(POLICY, case(found)).lines
    paid = [by_id[line.fact].activity for line in lines if line.awarded]
    named = [activity for activity in paid if activity is not None]
    assert len(named) == len(set(named))


@given(years)
def test_totals_are_the_sums_of_the_lines(found: list[Fact]):
    decision = decide(POLICY, case(found))
    for name in ("computed", "awarded", "counted", "hours"):
        total = sum((getattr(line, name) for line in decision.lines), Decimal(0))
        assert getattr(decision, name) == total
    assert decision.gap_credits == max(Decimal(0), 25 - decision.counted)
    assert decision.gap_hours == max(Decimal(0), 90 - decision.hours)
    met = not decision.gap_credits and not decision.gap_hours
    assert decision.compliance is (Compliance.PASS if met else Compliance.FAIL)


@given(years, st.randoms())
def test_a_replay_in_any_order_is_the_same_byte_for_byte(found: list[Fact], chance):
    shuffled = list(found)
    chance.shuffle(shuffled)
    first = json.dumps(answer(decide(POLICY, case(found))), ensure_ascii=False)
    assert json.dumps(answer(decide(POLICY, case(shuffled))), ensure_ascii=False) == first


@given(years, facts())
def test_one_more_fact_at_the_end_lowers_nothing(found: list[Fact], extra: Fact):
    found = [fact for fact in found if fact.id != extra.id]
    last = max((fact.date for fact in found), default=date(2025, 1, 1))
    late = Fact(**{name: getattr(extra, name) for name in Fact.__slots__} | {"id": "~", "date": last})
    before, after = decide(POLICY, case(found)), decide(POLICY, case([*found, late]))
    assert after.counted >= before.counted
    assert after.awarded >= before.awarded
    assert after.hours >= before.hours
    assert after.lines[: len(before.lines)] == before.lines


@given(years, facts())
def test_a_fact_of_its_own_activity_never_lowers_what_counts(found: list[Fact], extra: Fact):
    found = [fact for fact in found if fact.id != extra.id]
    own = replace(extra, activity="own")
    before, after = decide(POLICY, case(found)), decide(POLICY, case([*found, own]))
    assert after.counted >= before.counted
    assert after.hours >= before.hours


@given(years)
def test_every_line_that_counts_less_than_it_computes_says_why(found: list[Fact]):
    for line in decide(POLICY, case(found)).lines:
        if line.counted < line.computed or not line.hours:
            assert len(line.reasons) >= 2
