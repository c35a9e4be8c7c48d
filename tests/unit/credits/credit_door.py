"""Ask `credits decide` under a small policy, as one would at the shell."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from credit_example_a import fact
from credit_rules import HEAD, conversion, line

from lms.credits.cli import credits_group

HOUR = 'shape = "linear"\nunit = "hours"\nquantity = "1"\ncredits = "1"\nrounding = "floor"\ndecimals = 3'
STUDY = conversion(HOUR, "study")
# One credit an hour for these three, into no category.
THREE = conversion(HOUR + '\nkinds = ["self_study", "practice", "promotion_project"]', "three")


def run(tmp_path: Path, rules: str, case: dict[str, Any]) -> Result:
    policy, facts = tmp_path / "CN-2025.toml", tmp_path / "facts.json"
    policy.write_text(HEAD + rules, "utf-8")
    facts.write_text(json.dumps(case), "utf-8")
    return CliRunner().invoke(credits_group, ["decide", "--policy", str(policy), "--facts", str(facts), "--json"])


def ask(tmp_path: Path, rules: str, case: dict[str, Any]) -> dict[str, Any]:
    """The answer; the test fails if there is none."""
    result = run(tmp_path, rules, case)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refused(tmp_path: Path, rules: str, case: dict[str, Any]) -> str:
    """What is said on standard error; the test fails if there is an answer."""
    result = run(tmp_path, rules, case)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Traceback" not in result.stderr
    return result.stderr


def year(*facts: dict[str, Any], as_of: str = "2025-12-31", **more: Any) -> dict[str, Any]:
    """A case of 2025; `person` and `history` may be given, the person is added to."""
    person = {"jurisdiction": "CN", "population": "village_doctor"} | more.pop("person", {})
    return {"year": 2025, "as_of": as_of, "person": person, "facts": list(facts)} | more


def study(identity: str = "f", hours: str = "10", day: str = "2025-03-01", **more: Any) -> dict[str, Any]:
    return fact(identity, more.pop("kind", "self_study"), day, hours, **more)


def annual(minimum: str, measure: str = "credits") -> str:
    body = f'shape = "annual_min"\nmeasure = "{measure}"\nminimum = "{minimum}"'
    return line("requirements", f"annual-{measure}", body)


def codes(found: dict[str, Any], index: int = 0) -> list[str]:
    return [reason["code"] for reason in found["lines"][index]["reasons"]]
