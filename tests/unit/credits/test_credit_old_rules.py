"""What the old national rules say beyond a single year, and by rank, through the shell command."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from credit_example_a import fact
from credit_example_b import example_b

from lms.credits.cli import credits_group

HOUSE = Path("content/policies")


def run(tmp_path: Path, case: dict[str, Any], policy: str = "CN-2006") -> Result:
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(case), "utf-8")
    file = str(HOUSE / f"{policy}.toml")
    return CliRunner().invoke(credits_group, ["decide", "--policy", file, "--facts", str(facts), "--json"])


def decided(tmp_path: Path, case: dict[str, Any], policy: str = "CN-2006") -> dict[str, Any]:
    result = run(tmp_path, case, policy)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def of(population: str, *, history: list[dict[str, Any]] | None = None, **person: Any) -> dict[str, Any]:
    case = example_b(paper=True)
    return case | {"person": case["person"] | {"population": population} | person, "history": history or []}


def periods(found: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    return {one["id"]: (one["have"], one["gap"], one["state"]) for one in found.get("periods", [])}


@pytest.mark.parametrize("population", ["provincial_unit_staff", "tertiary_hospital_staff"])
def test_staff_of_large_hospitals_need_ten_national_credits_in_five_years(tmp_path: Path, population: str):
    national = {"year": 2021, "kind": "national_project", "credits": "5.9"}
    provincial = {"year": 2019, "kind": "provincial_project", "credits": "20"}
    found = decided(tmp_path, of(population, history=[national, provincial]))
    assert periods(found) == {"national-5-years": ("9.9", "0.1", "fail")}
    assert (found["compliance"], found["counted"]) == ("pass", "26.5")
    enough = [national | {"credits": "6"}]
    assert periods(decided(tmp_path, of(population, history=enough))) == {"national-5-years": ("10.0", "0.0", "pass")}
    assert periods(decided(tmp_path, of(population))) == {"national-5-years": ("4.0", "6.0", "unknown")}


def test_village_doctors_need_one_training_in_two_years_and_no_national_credits(tmp_path: Path):
    assert periods(decided(tmp_path, of("village_doctor"))) == {"village-training-2-years": ("16", "0", "pass")}
    idle = of("village_doctor", history=[{"year": 2022, "awards": 3, "kind": "ward_round"}]) | {"facts": []}
    assert periods(decided(tmp_path, idle)) == {"village-training-2-years": ("0", "1", "fail")}
    assert periods(decided(tmp_path, of("physician"))) == {}


def test_one_province_takes_the_average_of_the_appointment(tmp_path: Path):
    history = [{"year": 2021, "credits": "30"}, {"year": 2022, "credits": "25"}]
    case = of("physician", history=history, appointed_on="2021-07-01") | {"facts": example_b()["facts"]}
    found = decided(tmp_path, case, "CN-2006-appointment")
    assert (found["compliance"], found["counted"]) == ("pass", "21.5")
    assert periods(found) == {"appointment-average": ("76.5", "0.0", "pass")}
    assert decided(tmp_path, case)["compliance"] == "fail"


@pytest.mark.parametrize(
    ("kind", "choice", "credits"),
    [
        ("paper", "foreign", ["10.0", "9.0", "8.0"]),
        ("paper", "issn_cn", ["6.0", "5.0", "4.0"]),
        ("paper", "provincial", ["5.0", "4.0", "3.0"]),
        ("paper", None, ["6.0", "5.0", "4.0"]),
        ("research", "national", ["15.0", "13.0", "11.0", "9.0", "7.0"]),
        ("research", "provincial_ministerial", ["10.0", "8.0", "7.0", "6.0", "5.0"]),
        ("research", "municipal", ["8.0", "6.0", "5.0", "4.0", "3.0"]),
    ],
)
def test_papers_and_research_go_by_rank_and_order(tmp_path: Path, kind: str, choice: str | None, credits: list[str]):
    authors = enumerate(credits, 1)
    facts = [
        fact(f"a{n}", kind, "2023-05-01", "1", unit="items", hours="0", role=f"author_{n}", choice=choice)
        for n, _ in authors
    ]
    found = decided(tmp_path, example_b() | {"facts": facts})
    assert [one["awarded"] for one in found["lines"]] == credits


def test_research_needs_its_level_and_papers_have_three_authors(tmp_path: Path):
    research = fact("r", "research", "2023-05-01", "1", unit="items", hours="0", role="author_1")
    said = run(tmp_path, example_b() | {"facts": [research]}).stderr
    assert "facts[0].choice" in said
    assert "national, provincial_ministerial, municipal" in said
    paper = research | {"kind": "paper", "role": "author_4"}
    assert "facts[0].role" in run(tmp_path, example_b() | {"facts": [paper]}).stderr
