"""How the tests ask the verifier: as a command of its own, or the same command without a new process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from verifier.__main__ import ask

ROOT = Path(__file__).parent.parent.parent


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """`python -m verifier log …`, as an auditor types it."""
    command = [sys.executable, "-m", "verifier", "log", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def verify(*words: object) -> tuple[int, dict[str, Any]]:
    """Exit status and answer."""
    status, answer = ask(["log", *map(str, words)])
    told: dict[str, Any] = json.loads(json.dumps(answer))
    return status, told
