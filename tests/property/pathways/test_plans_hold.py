"""Plans of made-up doctors: each stands before the independent checker and is as short as trying everything finds.

The short form; all 300 and the times with 500 offers: `make plans`."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_campaign import SLACK, judged, timed
from plan_checker import check, least_hours
from plan_profiles import NATION, Profile, profile

from lms.credits.rules.facts import Fact, Person
from lms.credits.rules.policy import Cap, Per
from lms.pathways.planner.asking import Asked, Doing, Offer, Requirement, Year
from lms.pathways.planner.planning import plan

SHORT = 40
DAY = date(2025, 3, 1)
PERSON = Person("CN-HE", "village_doctor")
YEAR = Year(2025, NATION, PERSON)


def test_plans_are_accepted_and_no_longer_than_the_shortest_way():
    counts = judged((*range(SHORT), 518))  # of 518 the shortest way is found late
    assert counts.compared >= SHORT // 4
    assert counts.impossible >= SHORT // 8


def test_five_hundred_offers_are_planned_and_accepted():
    assert len(timed(range(3))) == 3


def offer(code: str, hours: int, **more: object) -> Offer:
    kind = str(more.pop("kind", "recommended_project"))
    amount = Decimal(hours)
    fact = Fact(code, kind, code, more.pop("project", None), DAY, amount, "hours", amount, assessed=True)  # type: ignore[arg-type]
    return Offer(code, Doing.LEARN, fact, Decimal(more.pop("work", hours)), **more)  # type: ignore[arg-type]


offered = st.lists(st.tuples(st.sampled_from([6, 9, 15, 24, 30, 36]), st.booleans()), min_size=1, max_size=8)


@given(offered, st.tuples(st.sampled_from([6, 9, 15, 24, 30, 36]), st.booleans()))
@settings(max_examples=40, deadline=None)
def test_another_offer_never_makes_the_least_hours_more(found: list[tuple[int, bool]], another: tuple[int, bool]):
    offers = [
        offer(f"c{n}", hours, begun=begun, work=hours // 3 if begun else hours)
        for n, (hours, begun) in enumerate(found)
    ]
    hours, begun = another
    one_more = offer("z", hours, begun=begun, work=hours // 3 if begun else hours)
    first = plan(Asked(DAY, YEAR, tuple(offers)))
    second = plan(Asked(DAY, YEAR, (*offers, one_more)))
    if first.feasible:
        assert second.feasible
        assert second.work <= first.work


@given(st.integers(1000, 100_000))
@settings(max_examples=25, deadline=None)
def test_any_seed_gives_a_plan_that_holds_and_the_same_whatever_the_order(seed: int):
    made = profile(seed)
    found = plan(made.asked)
    check(made, found)
    turned = replace(
        made.asked,
        offers=tuple(reversed(made.asked.offers)),
        requirements=tuple(reversed(made.asked.requirements)),
    )
    assert plan(turned) == found


@given(st.lists(st.sampled_from(["same", "other", None]), min_size=2, max_size=7))
@settings(max_examples=30, deadline=None)
def test_no_activity_is_counted_twice(activities: list[str | None]):
    offers = []
    for n, activity in enumerate(activities):
        one = offer(f"c{n}", 30)
        offers.append(replace(one, fact=replace(one.fact, activity=activity)))
    found = plan(Asked(DAY, YEAR, tuple(offers)))
    by_code = {one.code: one.fact.activity for one in offers}
    named = [by_code[step.code] for step in found.steps if by_code[step.code]]
    assert len(named) == len(set(named))
    check(Profile(0, Asked(DAY, YEAR, tuple(offers)), ()), found)


def test_what_is_begun_and_few_steps_come_first_where_hours_are_the_same():
    offers = (
        *(offer(f"short{n}", 15) for n in range(6)),
        *(offer(f"long{n}", 30) for n in range(3)),
        offer("begun", 36, work=30, begun=True),
    )
    found = plan(Asked(DAY, YEAR, offers))
    assert found.feasible
    assert [step.code for step in found.steps] == ["begun", *[step.code for step in found.steps[1:]]]
    assert len(found.steps) == 3


def test_a_prerequisite_comes_first_and_its_hours_are_reckoned():
    offers = (offer("a", 30), offer("b", 30, prerequisites=("base",)), offer("base", 30), offer("d", 1))
    found = plan(Asked(DAY, YEAR, offers))
    assert found.feasible
    codes = [step.code for step in found.steps]
    assert codes.index("base") < codes.index("b")
    assert found.work == Decimal(90)
    reasons = [str(one.reason) for step in found.steps if step.code == "base" for one in step.closes]
    assert "学完它，才能学“b”" in reasons


def test_where_so_much_counts_a_day_lectures_are_put_on_different_days():
    a_day = Cap("a-day", Per.DAY, ("unit_lecture",), Decimal("0.5"), NATION.caps[0].grounds)
    policy = replace(NATION, caps=(*NATION.caps, a_day), requirements=NATION.requirements[:1])
    lecture = Fact("l", "unit_lecture", None, None, DAY, Decimal(1), "items", Decimal(1))
    offers = (offer("base", 30), offer("more", 30), Offer("l", Doing.TELL, lecture, Decimal(1), times=20))
    asked = Asked(DAY, Year(2025, policy, PERSON), offers)
    found = plan(asked)
    assert found.feasible
    assert len([step for step in found.steps if step.code == "l"]) == 10
    check(Profile(0, asked, ()), found)


def held(code: str, hours: int, first: date, last: date) -> Offer:
    """A lecture series of so many hours, from a day to a day."""
    fact = Fact(code, "recommended_project", code, None, DAY, Decimal(hours), "hours", Decimal(hours), assessed=True)
    return Offer(code, Doing.JOIN, fact, Decimal(hours), opens=first, closes=last)


def test_activities_are_joined_on_their_days_and_take_nothing_from_the_evenings():
    """Three of two days with thirty hours each, though she learns two hours a day."""
    firsts = [DAY + timedelta(days=2 * n + 2) for n in range(3)]
    days = tuple(held(f"a{n}", 30, first, first + timedelta(days=1)) for n, first in enumerate(firsts))
    asked = Asked(DAY, YEAR, days, hours_a_day=Decimal(2))
    found = plan(asked)
    assert [(one.doing, one.begins, one.ends, one.latest_begin, one.latest_end, one.now) for one in found.steps] == [
        (Doing.JOIN, one.opens, one.closes, one.opens, one.closes, False) for one in days
    ]
    assert found.feasible
    check(Profile(0, asked, ()), found)


def test_of_two_activities_on_one_day_she_joins_one():
    first, last = DAY + timedelta(days=2), DAY + timedelta(days=3)
    two = (held("a", 30, first, last), held("b", 30, last, last + timedelta(days=1)))
    together = Asked(DAY, YEAR, (*two, offer("c", 30)))
    found = plan(together)
    assert sorted(one.code for one in found.steps) in (["a", "c"], ["b", "c"])
    assert not found.feasible
    apart = Asked(DAY, YEAR, (two[0], replace(two[1], opens=last + timedelta(days=1)), offer("c", 30)))
    assert plan(apart).feasible
    for one in (together, apart):
        check(Profile(0, one, ()), plan(one))


def test_what_activities_on_one_day_leave_lacking_is_not_laid_to_her_hours_alone():
    days = (held("a", 30, DAY, DAY), held("b", 30, DAY, DAY), held("c", 30, DAY, DAY))
    whys = {str(one.why) for one in plan(Asked(DAY, YEAR, days, hours_a_day=Decimal(24))).unclosed}
    assert whys
    assert all("只能去一个" in why for why in whys)


def test_activities_on_one_day_that_bring_her_nothing_are_not_blamed():
    nothing = [held(code, 0, DAY, DAY) for code in "xy"]
    courses = (offer("a", 30), offer("b", 30), offer("c", 30))
    whys = {str(one.why) for one in plan(Asked(DAY, YEAR, (*nothing, *courses), hours_a_day=Decimal("0.1"))).unclosed}
    assert whys
    assert all("时间也不够" in why for why in whys)


@pytest.mark.parametrize("seed", [247, 1016, 1022])
def test_what_is_done_several_times_is_done_a_first_time(seed: int):
    steps = plan(profile(seed).asked).steps
    again = {(one.code, one.time) for one in steps}
    assert all((code, time - 1) in again for code, time in again if time > 1)


def test_an_activity_that_has_begun_is_not_joined():
    yesterday = DAY - timedelta(days=1)
    assert not plan(Asked(DAY, YEAR, (held("a", 30, yesterday, DAY + timedelta(days=3)),))).steps
    assert plan(Asked(DAY, YEAR, (held("a", 30, DAY, DAY),))).steps[0].now


some_held = st.lists(
    st.tuples(st.sampled_from([15, 30, 45, 60]), st.integers(-1, 12), st.integers(0, 4)), min_size=1, max_size=9
)


@given(some_held)
@settings(max_examples=40, deadline=None)
def test_the_activities_joined_are_the_same_however_little_she_can_learn_in_a_day(days: list[tuple[int, int, int]]):
    """And there are no fewer hours in any choice of activities that do not meet."""
    offers = []
    for n, (hours, in_days, more) in enumerate(days):
        first = DAY + timedelta(days=in_days)
        offers.append(held(f"a{n}", hours, first, first + timedelta(days=more)))
    little = Asked(DAY, YEAR, tuple(offers), hours_a_day=Decimal("0.1"))
    found = plan(little)
    assert found.steps == plan(replace(little, hours_a_day=Decimal(24))).steps
    check(Profile(0, little, ()), found)
    least = least_hours(Profile(0, little, ()))
    assert found.feasible == (least is not None)
    assert least is None or found.work <= least * SLACK


@pytest.mark.parametrize(
    "wrong", [{"opens": None}, {"closes": None}, {"times": 2}, {"begun": True}, {"prerequisites": ("b",)}]
)
def test_an_activity_has_its_days_and_nothing_before_it(wrong: dict[str, Any]):
    with pytest.raises(ValueError, match="an activity is held once"):
        replace(held("a", 6, DAY, DAY), **wrong)


@pytest.mark.parametrize(("due", "possible"), [(date(2025, 12, 31), False), (date(2026, 6, 1), True)])
def test_training_may_come_after_the_year_where_it_is_not_due_earlier(due: date, possible: bool):
    """On the last day of the year twelve hours can no longer be finished."""
    late = Asked(
        date(2025, 12, 31),
        Year(2025, NATION, Person("CN-HE", "staff")),
        (offer("long", 12),),
        (Requirement("V2", Doing.BE_TRAINED, "county", due), Requirement("E5", Doing.SIT_EXAM, None, None, ("V2",), 1)),
    )
    found = plan(late)
    assert found.feasible is possible
    check(Profile(0, late, ()), found)
    if possible:
        assert [step.code for step in found.steps] == ["long", "E5"]
        assert found.steps[1].after == ("long",)
    else:
        assert {one.rule for one in found.unclosed} == {"V2", "E5"}


def test_requirements_that_need_each_other_are_said_to():
    wanted = (
        Requirement("A", Doing.HAND_IN, needs=("B",)),
        Requirement("B", Doing.HAND_IN, needs=("A",)),
        Requirement("C", Doing.HAND_IN, "county", DAY + timedelta(days=9), (), 10),
    )
    found = plan(Asked(DAY, None, (), wanted))
    assert not found.feasible
    assert {one.rule for one in found.unclosed} == {"A", "B", "C"}
    assert found.steps == ()


def test_codes_used_twice_are_refused():
    with pytest.raises(ValueError, match="used twice: a"):
        Asked(DAY, YEAR, (offer("a", 3), offer("a", 6)))


def test_brute_force_and_checker_see_a_plan_that_is_not_the_shortest():
    """The measure itself: a plan with one offer too many is seen."""
    asked = Asked(DAY, YEAR, tuple(offer(f"c{n}", 30) for n in range(4)))
    made = Profile(0, asked, ())
    assert least_hours(made) == Decimal(90)
    found = plan(asked)
    assert found.work == Decimal(90)
    with pytest.raises(AssertionError):
        check(made, replace(found, steps=found.steps[:2]))
    step = replace(found.steps[0], credits=found.steps[0].credits + 1)
    with pytest.raises(AssertionError):
        check(made, replace(found, steps=(step, *found.steps[1:])))
