"""`credits decide`: one JSON object on standard output, faults on standard error, never a trace."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from credit_example_a import example_a

from lms.credits.cli import credits_group

POLICY = "content/policies/CN-2025.toml"


def decide(tmp_path: Path, case: Any, policy: str = POLICY) -> Result:
    facts = tmp_path / "facts.json"
    facts.write_text(case if isinstance(case, str) else json.dumps(case), "utf-8")
    arguments = ["decide", "--policy", policy, "--facts", str(facts), "--json"]
    return CliRunner().invoke(credits_group, arguments)


def test_it_works(tmp_path: Path):
    result = decide(tmp_path, example_a())
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["counted"], found["hours"], found["compliance"]) == ("31.2", "115", "pass")
    assert result.stderr == ""


def test_it_is_idempotent(tmp_path: Path):
    assert decide(tmp_path, example_a()).stdout == decide(tmp_path, example_a()).stdout


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr, (word, result.stderr)


def test_a_broken_facts_file_is_named_with_its_field(tmp_path: Path):
    case = example_a()
    case["facts"][1]["quantity"] = "lots"
    case["facts"][2]["date"] = "2025-13-01"
    result = decide(tmp_path, case)
    refused(result, "facts.json", "facts[1].quantity", "facts[2].date")
    refused(decide(tmp_path, "{"), "facts.json")


def test_a_kind_the_policy_does_not_know_is_named(tmp_path: Path):
    case = example_a()
    case["facts"][0]["kind"] = "degree_study"
    refused(decide(tmp_path, case), "facts.json", "online", "kind", "degree_study", "CN-2025")


def test_a_broken_policy_file_is_named_with_its_key(tmp_path: Path):
    policy = tmp_path / "mine.toml"
    text = Path(POLICY).read_text("utf-8")
    policy.write_text(text.replace('maximum = "10"', 'maximum = "ten"', 1), "utf-8")
    refused(decide(tmp_path, example_a(), str(policy)), "mine.toml", "caps[0].maximum")
    refused(decide(tmp_path, example_a(), str(tmp_path / "none.toml")), "none.toml")


def test_a_year_before_the_policy_is_refused(tmp_path: Path):
    refused(decide(tmp_path, example_a() | {"year": 2024}), "year", "2025")
