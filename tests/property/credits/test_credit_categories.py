"""What must hold for every year under two classes and under provincial steps."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.credits.rules.answers import answer
from lms.credits.rules.counting import Compliance, Held, count
from lms.credits.rules.deciding import Decision, decide
from lms.credits.rules.facts import Case, Fact, Person
from lms.credits.rules.loading import load_policy
from lms.credits.rules.policy import Policy

HOUSE, TESTS = Path("content/policies"), Path("tests/unit/credits/policies")


def load(file: Path) -> Policy:
    return load_policy(file.read_bytes(), file.name, lambda name: (HOUSE / f"{name}.toml").read_bytes())


OLD = [load(HOUSE / "CN-2006.toml"), load(TESTS / "CN-2006-p1.toml"), load(TESTS / "CN-2006-p2.toml")]
# Fujian's choices are numbers, Zhejiang's words: one of the two is enough here.
CHOICES_OF: dict[str, list[str | None]] = {
    "unit_activity": ["theory", "practice"],
    "paper": [None, "foreign", "issn_cn", "provincial"],
    "research": ["national", "provincial_ministerial", "municipal"],
}
PROVINCES = [load(file) for file in sorted(HOUSE.glob("CN-??-2025*.toml")) if file.stem != "CN-FJ-2025"]
PERSON = Person("CN-HI", "village_doctor")
# Kind, role and unit together, as the old rules know them.
OLD_KINDS = [
    ("national_project", "attendee", "hours"), ("national_project", "lecturer", "hours"),
    ("provincial_project", "attendee", "hours"), ("municipal_project", "attendee", "hours"),
    ("self_study_review", "attendee", "characters"), ("paper", "author_1", "items"), ("paper", "author_3", "items"),
    ("research", "author_5", "items"),
    ("unit_lecture", "attendee", "items"), ("ward_round", "attendee", "items"), ("degree_study", "attendee", "months"),
]  # fmt: skip
NEW_KINDS = [
    ("unit_activity", "attendee", "hours"), ("self_study", "attendee", "hours"),
    ("promotion_project", "attendee", "hours"), ("case_discussion", "attendee", "items"),
]  # fmt: skip


@st.composite
def facts(draw: st.DrawFn, year: int, kinds: list[tuple[str, str, str]]) -> Fact:
    kind, role, unit = draw(st.sampled_from(kinds))
    return Fact(
        id=str(draw(st.uuids())),
        kind=kind,
        activity=draw(st.sampled_from([None, "A", "B", "C"])),
        project=draw(st.sampled_from([None, "P", "Q"])),
        date=date(year, 1, 1) + timedelta(days=draw(st.integers(0, 364))),
        quantity=Decimal(draw(st.integers(1, 9000 if unit == "characters" else 60))),
        unit=unit,
        hours=Decimal(draw(st.integers(0, 60))),
        role=role,
        assessed=draw(st.booleans()),
        choice=draw(st.sampled_from(CHOICES_OF.get(kind, [None]))),
    )


def years(year: int, kinds: list[tuple[str, str, str]]) -> st.SearchStrategy[list[Fact]]:
    return st.lists(facts(year, kinds), max_size=12, unique_by=lambda fact: fact.id)


old_years, new_years = years(2023, OLD_KINDS), years(2025, NEW_KINDS)


def decided(policy: Policy, found: list[Fact]) -> Decision:
    year = policy.first_year if policy.first_year == 2025 else 2023
    return decide(policy, Case(year, date(year, 12, 31), PERSON, tuple(found)))


@pytest.mark.parametrize("policy", OLD, ids=lambda policy: policy.id)
@given(found=old_years)
def test_no_category_counts_more_than_its_maximum(policy: Policy, found: list[Fact]):
    decision = decided(policy, found)
    by_id = {fact.id: fact for fact in found}
    books = {line.id: Decimal(0) for line in policy.categories}
    for line in decision.lines:
        assert 0 <= line.counted <= line.awarded <= line.computed
        fact = by_id[line.fact]
        rule = next(one for one in policy.conversions if fact.kind in one.kinds and fact.role in one.roles)
        if rule.category:
            books[rule.category] += line.counted
    assert books["class_1"] <= 10
    assert books["class_2"] <= 20
    assert {one.id: one.counted for one in decision.categories} == books


@pytest.mark.parametrize("policy", OLD, ids=lambda policy: policy.id)
@given(found=old_years)
def test_a_year_passes_when_the_total_and_every_class_do_or_something_stands_for_it(policy: Policy, found: list[Fact]):
    decision = decided(policy, found)
    studies = {one.id for one in found if one.kind == "degree_study"}
    deemed = any(line.awarded for line in decision.lines if line.fact in studies)
    books = {one.id: one.counted for one in decision.categories}
    met = decision.counted >= 25 and books["class_1"] >= 5 and books["class_2"] >= 15
    assert (decision.compliance is Compliance.PASS) == (deemed or met)
    assert bool(decision.gap_credits) == (decision.compliance is Compliance.FAIL)


@given(st.sampled_from(OLD), old_years, st.randoms())
def test_two_classes_decide_the_same_in_any_order_and_again(policy: Policy, found: list[Fact], chance):
    shuffled = list(found)
    chance.shuffle(shuffled)
    first = json.dumps(answer(decided(policy, found)), ensure_ascii=False)
    assert json.dumps(answer(decided(policy, shuffled)), ensure_ascii=False) == first
    assert json.dumps(answer(decided(policy, found)), ensure_ascii=False) == first


@given(st.sampled_from(PROVINCES), new_years, st.randoms())
def test_provincial_steps_hold_the_same(policy: Policy, found: list[Fact], chance):
    shuffled = list(found)
    chance.shuffle(shuffled)
    decision = decided(policy, found)
    assert decided(policy, shuffled) == decision
    by_id = {fact.id: fact for fact in found}
    for line in decision.lines:
        assert 0 <= line.counted <= line.awarded <= line.computed
        if by_id[line.fact].kind == "unit_activity":
            assert line.computed <= (15 if policy.id == "CN-HN-2025" else 5)
            assert line.awarded <= (1 if policy.id in ("CN-HN-2025", "CN-GX-2025", "CN-NX-2025") else 5)


@given(st.sampled_from(PROVINCES), st.integers(1, 60), st.integers(1, 60))
def test_more_hours_never_bring_less(policy: Policy, one: int, other: int):
    def worth(hours: int) -> Decimal:
        amount = Decimal(hours)
        day = date(2025, 3, 1)
        fact = Fact("f", "unit_activity", None, None, day, amount, "hours", amount, choice="theory")
        return decided(policy, [fact]).awarded

    assert worth(min(one, other)) <= worth(max(one, other))


HELD = st.builds(
    Held,
    id=st.uuids().map(str),
    kind=st.sampled_from(["national_project", "unit_lecture", "self_study_review"]),
    date=st.integers(0, 20).map(lambda days: date(2023, 5, 1) + timedelta(days=days)),
    awarded=st.integers(1, 80).map(lambda tenths: Decimal(tenths) / 10),
    hours=st.just(Decimal(1)),
    category=st.sampled_from(["class_1", "class_2"]),
)


@given(st.sampled_from(OLD), st.lists(HELD, max_size=10, unique_by=lambda one: one.id), st.randoms())
def test_awards_count_the_same_in_whatever_order_they_are_read(policy: Policy, awards: list[Held], chance):
    shuffled = list(awards)
    chance.shuffle(shuffled)
    found = count(policy, PERSON, 2023, awards)
    assert count(policy, PERSON, 2023, shuffled) == found
    assert [one.counted <= (one.maximum or 0) for one in found.categories] == [True, True]
