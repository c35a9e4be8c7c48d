"""Each shape a line of a policy may have, alone."""

from decimal import Decimal
from typing import Any

import pytest
from credit_example_a import fact
from credit_rules import case, conversion, line, policy

from lms.credits.rules.answers import answer
from lms.credits.rules.deciding import decide
from lms.credits.rules.facts import RefusedError
from lms.credits.rules.policy import Policy

STEPS = """shape = "steps"
unit = "hours"
steps = [ { above = "0", credits = "0.2" }, { from = "6", credits = "1" }, { above = "6", credits = "1.2" } ]"""
ONWARD = STEPS + '\nonward = { quantity = "3", credits = "0.5", rounding = "floor", decimals = 1 }'


def lines(rules: Policy, *facts: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer(decide(rules, case(*facts)))["lines"]
    return found


def worth(rules: Policy, quantity: str, unit: str = "hours", **more: Any) -> Decimal:
    hours = quantity if unit == "hours" else "1"
    found = lines(rules, fact("f", "self_study", "2025-03-01", quantity, unit=unit, hours=hours, **more))
    return Decimal(found[0]["awarded"])


@pytest.mark.parametrize(("hours", "credits"), [("1", "0.2"), ("6", "1"), ("6.5", "1.2"), ("600", "1.2")])
def test_steps_give_the_highest_step_reached(hours: str, credits: str):
    assert worth(policy(conversion(STEPS)), hours) == Decimal(credits)


@pytest.mark.parametrize(
    ("hours", "credits"), [("6", "1"), ("6.5", "1.2"), ("9", "1.7"), ("11.9", "2.1"), ("12", "2.2")]
)
def test_the_last_step_may_go_on_in_proportion(hours: str, credits: str):
    assert worth(policy(conversion(ONWARD)), hours) == Decimal(credits)


def test_below_the_first_step_is_too_little():
    rules = policy(conversion('shape = "steps"\nunit = "hours"\nsteps = [ { from = "6", credits = "1" } ]'))
    found = lines(rules, fact("f", "self_study", "2025-03-01", "5.9"))[0]
    assert (found["awarded"], found["hours"]) == ("0.0", "0")
    assert [reason["code"] for reason in found["reasons"]] == ["step_hours", "too_little"]


@pytest.mark.parametrize(
    ("unit", "word"), [("hours", "学时"), ("characters", "字"), ("items", "项"), ("months", "个月")]
)
@pytest.mark.parametrize("shape", ["linear", "steps", "deemed"])
def test_every_shape_with_a_unit_takes_every_unit_and_says_it(shape: str, unit: str, word: str):
    body = {
        "linear": 'quantity = "4"\ncredits = "1"\nrounding = "floor"\ndecimals = 1',
        "steps": 'steps = [ { from = "4", credits = "1" } ]',
        "deemed": 'quantity = "4"\ncredits = "1"',
    }[shape]
    rules = policy(conversion(f'shape = "{shape}"\nunit = "{unit}"\n{body}'))
    found = lines(rules, fact("f", "self_study", "2025-03-01", "4", unit=unit, hours="1"))[0]
    assert found["awarded"] == "1.0"
    assert f"4 {word}" in found["reasons"][0]["text"]
    other = "items" if unit == "hours" else "hours"
    with pytest.raises(RefusedError, match=other):
        worth(rules, "4", other)


def test_a_rate_by_role_gives_each_role_its_own():
    body = 'shape = "by_role"\nrates = { attendee = "0.5", lecturer = "2", author_1 = "10" }'
    rules = policy(conversion(body))
    assert [worth(rules, "3", role=role) for role in ("attendee", "lecturer", "author_1")] == [
        Decimal("0.5"), Decimal(2), Decimal(10),
    ]  # fmt: skip
    assert worth(rules, "3", "items", role="lecturer") == Decimal(6)
    with pytest.raises(RefusedError, match="author_2"):
        worth(rules, "1", role="author_2")


def deemed(*more: str) -> Policy:
    study = 'kinds = ["further_study"]\nshape = "deemed"\nunit = "months"\nquantity = "6"\ncredits = "25"'
    credits = 'shape = "annual_min"\nmeasure = "credits"\nminimum = "25"'
    hours = 'shape = "annual_min"\nmeasure = "hours"\nminimum = "90"'
    return policy(
        conversion(study, "study"), line("requirements", "a", credits), line("requirements", "h", hours), *more
    )


@pytest.mark.parametrize(
    ("months", "verdict", "counted", "gap"), [("6", "pass", "25.0", "0"), ("5.9", "fail", "0.0", "90")]
)
def test_what_is_deemed_sets_the_year_from_its_threshold_on(months: str, verdict: str, counted: str, gap: str):
    study = fact("f", "further_study", "2025-03-01", months, unit="months", hours="0")
    found = answer(decide(deemed(), case(study)))
    assert (found["compliance"], found["counted"], found["gap_hours"]) == (verdict, counted, gap)


def test_a_cap_per_day_limits_what_counts_on_each_day():
    linear = 'shape = "linear"\nunit = "hours"\nquantity = "1"\ncredits = "1"\nrounding = "floor"\ndecimals = 0'
    day = line("caps", "day", 'shape = "max_per_day"\nkinds = ["self_study"]\nmaximum = "4"')
    found = lines(
        policy(conversion(linear), day),
        fact("a", "self_study", "2025-03-01", "3"),
        fact("b", "self_study", "2025-03-01", "3"),
        fact("c", "self_study", "2025-03-02", "3"),
    )
    assert [one["awarded"] for one in found] == ["3.0", "3.0", "3.0"]
    assert [one["counted"] for one in found] == ["3.0", "1.0", "3.0"]
    assert found[1]["reasons"][-1]["text"] == "这类活动一天最多计 4 学分，这次得了 3.0，多出 2.0 不计入。"


def test_a_cap_per_award_binds_each_award_alone():
    linear = 'shape = "linear"\nunit = "hours"\nquantity = "4"\ncredits = "1"\nrounding = "floor"\ndecimals = 2'
    each = line("caps", "each", 'shape = "max_per_award"\nkinds = ["self_study"]\nmaximum = "1"')
    found = lines(
        policy(conversion(linear), each),
        fact("a", "self_study", "2025-03-01", "5"),
        fact("b", "self_study", "2025-03-01", "3"),
    )
    assert [one["awarded"] for one in found] == ["1.0", "0.75"]
    assert found[0]["reasons"][-1]["code"] == "max_per_award"


def test_a_condition_may_bind_one_role_only():
    rates = 'kinds = ["practice"]\nshape = "by_role"\nrates = { attendee = "1", lecturer = "2" }'
    bound = 'shape = "assessed"\nkinds = ["practice"]\nroles = ["attendee"]'
    rules = policy(conversion(rates), line("conditions", "passed", bound))
    found = lines(
        rules,
        fact("a", "practice", "2025-03-01", "1"),
        fact("b", "practice", "2025-03-01", "1", role="lecturer"),
    )
    assert [one["awarded"] for one in found] == ["0.0", "2.0"]


def test_a_category_without_a_maximum_still_needs_its_own_minimum():
    fixed = 'shape = "fixed"\ncredits = "10"\ncategory = "{}"\nkinds = ["{}"]'
    title = 'title = { zh = "类", en = "Class" }\nminimum = "5"'
    rules = policy(
        conversion(fixed.format("class_1", "practice"), "one"),
        conversion(fixed.format("class_2", "self_study"), "two"),
        line("categories", "class_1", title),
        line("categories", "class_2", title),
        line("requirements", "a", 'shape = "annual_min"\nmeasure = "credits"\nminimum = "15"'),
    )
    found = answer(decide(rules, case(fact("a", "self_study", "2025-03-01", "2", unit="items", hours="1"))))
    assert (found["counted"], found["compliance"], found["gap_credits"]) == ("20.0", "fail", "5.0")
    both = [
        fact("a", "self_study", "2025-03-01", "2", unit="items", hours="1"),
        fact("b", "practice", "2025-03-02", "1"),
    ]
    assert answer(decide(rules, case(*both)))["compliance"] == "pass"


def test_a_choice_gives_each_choice_its_own_and_refuses_others_by_name():
    rules = policy(conversion('shape = "choice"\nrates = { theory = "0.2", practice = "0.5" }'))
    assert worth(rules, "3", choice="theory") == Decimal("0.2")
    assert worth(rules, "3", "items", choice="practice") == Decimal("1.5")
    for other in (None, "other"):
        with pytest.raises(RefusedError, match="theory, practice") as caught:
            worth(rules, "3", choice=other)
        assert caught.value.field == "choice"


RANKS = """shape = "ranks"
rates = { foreign = { author_1 = "10", author_2 = "9" }, home = { author_1 = "6", host = "1" } }"""


def test_a_rank_table_goes_by_rank_and_role():
    rules = policy(conversion(RANKS + '\ndefault = "home"'))
    assert worth(rules, "1", role="author_2", choice="foreign") == 9
    assert worth(rules, "3", "items", role="author_1", choice="foreign") == 30
    assert [worth(rules, "1", role=role) for role in ("author_1", "host")] == [6, 1]
    with pytest.raises(RefusedError, match="author_2") as caught:
        worth(rules, "1", role="author_2")
    assert caught.value.field == "role"
    with pytest.raises(RefusedError, match="author_3"):
        worth(rules, "1", role="author_3", choice="foreign")
    for choice, table in (("other", rules), (None, policy(conversion(RANKS)))):
        with pytest.raises(RefusedError, match="foreign, home") as caught:
            worth(table, "1", role="author_1", choice=choice)
        assert caught.value.field == "choice"
