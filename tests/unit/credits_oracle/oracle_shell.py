"""The shell door of `credits decide`, opened in this process."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from lms.credits.cli import credits_group


def ask(policy: Path, facts: str | bytes, folder: Path) -> Result:
    """Run the command on a policy and the text of a facts file."""
    file = folder / "facts.json"
    file.write_bytes(facts if isinstance(facts, bytes) else facts.encode())
    return CliRunner().invoke(
        credits_group, ["decide", "--policy", str(policy), "--facts", str(file), "--json"], catch_exceptions=False
    )


def decided(policy: Path, question: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The answer to a question that must have one."""
    result = ask(policy, json.dumps(question), folder)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def amount(told: object) -> Decimal:
    """A decimal of an answer: a string in plain notation, as the contract says."""
    assert isinstance(told, str)
    assert set(told) <= set("0123456789."), told
    return Decimal(told)
