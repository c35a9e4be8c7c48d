"""Worked example A of the domain brief, through the files the shell command reads."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from credit_example_a import example_a, fact

from lms.credits.rules.answers import answer
from lms.credits.rules.deciding import decide
from lms.credits.rules.facts import RefusedError, load_case
from lms.credits.rules.loading import load_policy

POLICY = load_policy(Path("content/policies/CN-2025.toml").read_bytes(), "CN-2025.toml")


def decided(case: dict[str, Any]) -> dict[str, Any]:
    return answer(decide(POLICY, load_case(json.dumps(case).encode(), "facts.json")))


def one(**more: Any) -> dict[str, Any]:
    """The only line of a case with one fact."""
    case = example_a()
    base = fact("f", "recommended_project", "2025-03-01", "18", assessed=True, activity="A")
    case["facts"] = [base | more]
    line: dict[str, Any] = decided(case)["lines"][0]
    return line


def test_it_passes_with_31_2_counted_credits_and_115_hours():
    found = decided(example_a())
    assert {name: found[name] for name in found if name != "lines"} == {
        "policy": "CN-2025",
        "year": 2025,
        "compliance": "pass",
        "computed": "42.2",
        "awarded": "35.2",
        "counted": "31.2",
        "hours": "115",
        "gap_credits": "0.0",
        "gap_hours": "0",
        "deadline": "2025-12-31",
    }


def test_it_fails_without_self_study_by_3_8_credits_and_17_hours():
    found = decided(example_a(self_study=False))
    assert (found["compliance"], found["counted"]) == ("fail", "21.2")
    assert (found["gap_credits"], found["gap_hours"]) == ("3.8", "17")


def test_its_lines_are_in_order_of_date_and_id_and_say_why():
    lines = decided(example_a())["lines"]
    assert [line["fact"] for line in lines][:2] == ["online", "face"]
    assert [line["fact"] for line in lines][-2:] == ["again", "self"]
    table = {line["fact"]: line for line in lines}
    rows = {name: [table[name][k] for k in ("computed", "awarded", "counted", "hours")]
            for name in ("online", "face", "again", "self")}  # fmt: skip
    assert rows == {
        "online": ["6.0", "6.0", "6.0", "18"],
        "face": ["11.0", "10.0", "10.0", "33"],
        "again": ["6.0", "0.0", "0.0", "0"],
        "self": ["14.0", "14.0", "10.0", "42"],
    }
    assert [r["code"] for r in table["face"]["reasons"]] == ["per_hours", "max_per_project"]
    assert [r["code"] for r in table["again"]["reasons"]] == ["per_hours", "already_awarded"]
    assert [r["code"] for r in table["self"]["reasons"]] == ["per_hours", "max_per_year"]
    assert table["face"]["reasons"][1]["text"] == ("每个项目最多计 10 学分，折算 11.0，多出 1.0 不计入。")


def test_eight_lectures_may_be_one_fact_of_eight_items():
    line = one(kind="unit_lecture", activity=None, quantity="8", unit="items", hours="16")
    assert (line["computed"], line["hours"]) == ("4.0", "16")


def test_a_lecture_in_hours_is_one_event():
    line = one(kind="unit_lecture", activity=None, quantity="2", unit="hours", hours="2")
    assert (line["computed"], line["hours"]) == ("0.5", "2")


def test_a_project_without_assessment_earns_nothing():
    line = one(assessed=False)
    assert (line["computed"], line["awarded"], line["hours"]) == ("6.0", "0.0", "0")
    assert line["reasons"][-1]["code"] == "not_assessed"


def test_a_failed_project_does_not_stand_in_the_way_of_a_passed_one():
    case = example_a()
    case["facts"] = [
        fact("a", "recommended_project", "2025-03-01", "18", activity="A"),
        fact("b", "recommended_project", "2025-03-02", "18", activity="A", assessed=True),
    ]
    assert [line["awarded"] for line in decided(case)["lines"]] == ["0.0", "6.0"]


def test_two_sessions_of_one_project_share_its_cap():
    case = example_a()
    case["facts"] = [
        fact(n, "promotion_project", f"2025-03-0{n}", "18", project="P", assessed=True) for n in ("1", "2", "3")
    ]
    lines = decided(case)["lines"]
    assert [line["awarded"] for line in lines] == ["6.0", "4.0", "0.0"]
    assert lines[1]["reasons"][1]["code"] == "max_per_project_shared"


def test_thirds_are_rounded_as_the_policy_says():
    assert one(quantity="2")["computed"] == "0.67"
    assert one(quantity="1")["computed"] == "0.33"


def test_another_year_is_left_to_that_year():
    line = one(date="2026-01-01")
    assert (line["computed"], line["hours"]) == ("0.0", "0")
    assert line["reasons"][0]["code"] == "other_year"


def test_what_comes_after_the_day_asked_about_is_not_yet_there():
    case = example_a()
    case["as_of"] = "2025-05-31"
    found = decided(case)
    assert Decimal(found["counted"]) == Decimal("16")
    assert found["lines"][-1]["reasons"][0]["code"] == "after_as_of"


@pytest.mark.parametrize("kind", ["ward_round", "national_project", "degree_study"])
def test_it_refuses_a_kind_the_policy_does_not_know_by_name(kind: str):
    with pytest.raises(RefusedError, match=kind):
        one(kind=kind)


def test_it_refuses_a_role_and_a_unit_without_a_rate():
    with pytest.raises(RefusedError, match="lecturer"):
        one(role="lecturer")
    with pytest.raises(RefusedError, match="characters"):
        one(kind="self_study", unit="characters", quantity="8000")


@pytest.mark.parametrize(
    ("person", "verdict"),
    [
        ({"jurisdiction": "CN-HE", "population": "physician"}, "pass"),
        ({"jurisdiction": "CN", "population": "village_doctor"}, "pass"),
        ({"jurisdiction": "CN-HE", "population": "staff"}, "not_required"),
        ({"jurisdiction": "CN-HE", "population": None}, "unknown"),
        ({"jurisdiction": "VN", "population": "village_doctor"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_compliance_depends_on_who_and_where(person: dict[str, Any], verdict: str):
    assert decided(example_a() | {"person": person})["compliance"] == verdict


def test_an_empty_year_lacks_everything():
    found = decided(example_a() | {"facts": []})
    assert (found["gap_credits"], found["gap_hours"], found["lines"]) == ("25.0", "90", [])
