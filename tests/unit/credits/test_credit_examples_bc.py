"""Worked examples B (two classes) and C (provincial steps), through the shell command."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from credit_example_a import fact
from credit_example_b import example_b, example_c

from lms.credits.cli import credits_group

HOUSE = Path("content/policies")
HERE = Path("tests/unit/credits/policies")


def run(tmp_path: Path, policy: Path, case: dict[str, Any]) -> Result:
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(case), "utf-8")
    return CliRunner().invoke(credits_group, ["decide", "--policy", str(policy), "--facts", str(facts), "--json"])


def decided(tmp_path: Path, policy: Path, case: dict[str, Any]) -> dict[str, Any]:
    result = run(tmp_path, policy, case)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def book(found: dict[str, Any], name: str) -> tuple[str, str]:
    return found["categories"][name]["awarded"], found["categories"][name]["counted"]


@pytest.mark.parametrize("policy", [HOUSE / "CN-2006.toml", HERE / "CN-2006-p1.toml", HERE / "CN-2006-p2.toml"])
def test_both_minima_are_met_and_the_year_still_fails_by_3_5(tmp_path: Path, policy: Path):
    found = decided(tmp_path, policy, example_b())
    assert (found["compliance"], found["counted"], found["gap_credits"]) == ("fail", "21.5", "3.5")
    assert book(found, "class_1") == ("6.5", "6.5")
    assert book(found, "class_2") == ("15.0", "15.0")
    assert [found["categories"][name]["gap_credits"] for name in ("class_1", "class_2")] == ["0.0", "0.0"]


@pytest.mark.parametrize("policy", [HOUSE / "CN-2006.toml", HERE / "CN-2006-p1.toml"])
def test_a_paper_in_class_2_makes_26_5(tmp_path: Path, policy: Path):
    found = decided(tmp_path, policy, example_b(paper=True))
    assert (found["compliance"], found["counted"], found["gap_credits"]) == ("pass", "26.5", "0.0")
    assert book(found, "class_2") == ("20.0", "20.0")


def test_a_paper_in_class_1_meets_its_ceiling_and_makes_exactly_25(tmp_path: Path):
    found = decided(tmp_path, HERE / "CN-2006-p2.toml", example_b(paper=True))
    assert (found["compliance"], found["awarded"], found["counted"]) == ("pass", "26.5", "25.0")
    assert book(found, "class_1") == ("11.5", "10.0")
    assert book(found, "class_2") == ("15.0", "15.0")
    paper = found["lines"][-1]
    assert (paper["awarded"], paper["counted"]) == ("5.0", "3.5")
    assert paper["reasons"][-1]["code"] == "max_per_category"
    assert paper["reasons"][-1]["text"] == "这一类学分一年最多计 10 学分，这次得了 5.0，多出 1.5 不计入。"


def test_one_class_never_fills_the_other(tmp_path: Path):
    case = example_b(paper=True)
    case["facts"] = [one for one in case["facts"] if one["id"] not in ("national", "provincial")]
    case["facts"].append(fact("more", "self_study_review", "2023-10-01", "20000", unit="characters", hours="0"))
    found = decided(tmp_path, HOUSE / "CN-2006.toml", case)
    assert book(found, "class_2") == ("30.0", "20.0")
    assert (found["compliance"], found["gap_credits"]) == ("fail", "5.0")
    assert found["categories"]["class_1"] == {
        "awarded": "0.0", "counted": "0.0", "minimum": "5.0", "maximum": "10.0", "gap_credits": "5.0",
    }  # fmt: skip


def test_degree_study_stands_for_the_year(tmp_path: Path):
    case = example_b()
    case["facts"] = [fact("study", "degree_study", "2023-09-01", "12", unit="months", hours="0")]
    found = decided(tmp_path, HOUSE / "CN-2006.toml", case)
    assert (found["compliance"], found["counted"], found["gap_credits"]) == ("pass", "25.0", "0.0")
    assert found["lines"][0]["reasons"][0]["code"] == "deemed"


def test_the_old_system_ends_with_2024(tmp_path: Path):
    result = run(tmp_path, HOUSE / "CN-2006.toml", example_b() | {"year": 2025})
    assert result.exit_code == 1
    assert "2024" in result.stderr


PLAIN = """
[[conversions]]
id = "unit-activity"
shape = "linear"
kinds = ["unit_activity"]
roles = ["attendee"]
unit = "hours"
quantity = "6"
credits = "1"
rounding = "half_up"
decimals = 2
source = "provincial-tables"
citation = { zh = "6 学时 1 学分", en = "6 hours, 1 credit" }
certainty = "assumed"
effective_from = 2025-01-01
populations = ["*"]
"""


@pytest.mark.parametrize(
    ("policy", "lines", "total"),
    [
        ("CN-HI-2025", ["0.2", "1.0", "1.2", "5.0"], "7.4"),
        ("CN-GD-2025", ["0.2", "1.0", "1.2", "5.0"], "7.4"),
        ("CN-HA-2025-code", ["0.2", "1.0", "1.2", "5.0"], "7.4"),
        ("CN-HA-2025-text", ["0.2", "1.0", "1.2", "2.0"], "4.4"),
        ("CN-GX-2025", ["0.2", "1.0", "1.0", "1.0"], "3.2"),
        ("CN-NX-2025", ["0.2", "1.0", "1.0", "1.0"], "3.2"),
        ("CN-HN-2025", ["1.0", "1.0", "1.0", "1.0"], "4.0"),
        ("CN-HB-2025", ["0.5", "0.5", "0.5", "0.5"], "2.0"),
    ],
)
def test_each_province_turns_the_same_hours_into_its_own_credits(
    tmp_path: Path, policy: str, lines: list[str], total: str
):
    found = decided(tmp_path, HOUSE / f"{policy}.toml", example_c(policy[:5]))
    assert [line["awarded"] for line in found["lines"]] == lines
    assert (found["policy"], found["counted"], found["hours"]) == (policy, total, "54")
    assert "categories" not in found


def test_a_plain_proportion_has_no_ceiling(tmp_path: Path):
    text = (HOUSE / "CN-2025.toml").read_text("utf-8") + PLAIN
    policy = tmp_path / "CN-2025.toml"
    policy.write_text(text, "utf-8")
    found = decided(tmp_path, policy, example_c())
    assert [line["awarded"] for line in found["lines"]] == ["0.83", "1.0", "1.5", "5.67"]
    assert found["counted"] == "9.0"


@pytest.mark.parametrize(
    ("hours", "credits"),
    [("0.5", "0.2"), ("5.999", "0.2"), ("6", "1.0"), ("6.001", "1.2"), ("12", "2.0"), ("17", "2.2"), ("18", "3.0"),
     ("23", "3.2"), ("24", "4.0"), ("29", "4.2"), ("30", "5.0"), ("300", "5.0")],
)  # fmt: skip
def test_hainan_steps_are_exact_at_their_edges(tmp_path: Path, hours: str, credits: str):
    case = example_c()
    case["facts"] = [fact("u", "unit_activity", "2025-03-01", hours)]
    assert decided(tmp_path, HOUSE / "CN-HI-2025.toml", case)["counted"] == credits


def test_a_province_keeps_the_rest_of_the_nations_rules(tmp_path: Path):
    case = example_c()
    case["facts"].append(fact("p", "promotion_project", "2025-05-01", "33", project="P", activity="A", assessed=True))
    found = decided(tmp_path, HOUSE / "CN-HI-2025.toml", case)
    assert found["lines"][-1]["awarded"] == "10.0"
    assert (found["compliance"], found["gap_credits"], found["gap_hours"]) == ("fail", "7.6", "3")


@pytest.mark.parametrize(
    ("policy", "choice", "counted"),
    [
        ("CN-FJ-2025", "1", "4.0"),
        ("CN-FJ-2025", "0.2", "0.8"),
        ("CN-ZJ-2025", "practice", "2.0"),
        ("CN-ZJ-2025", "theory", "0.8"),
    ],
)
def test_some_provinces_let_the_kind_be_chosen(tmp_path: Path, policy: str, choice: str, counted: str):
    case = example_c(policy[:5])
    refused = run(tmp_path, HOUSE / f"{policy}.toml", case)
    assert refused.exit_code == 1
    assert "facts[0].choice" in refused.stderr
    for one in case["facts"]:
        one["choice"] = choice
    assert decided(tmp_path, HOUSE / f"{policy}.toml", case)["counted"] == counted
