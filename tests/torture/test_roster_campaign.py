"""Fifty thousand invented people by workbook, on both databases: `make roster`. Prints a line of JSON for each step.

Each step is worked off by a process of its own, so that its peak of memory is its own. The bars: rehearsal and commit
within 60 s each, 500 MB at most; every kind of file leaves the same people; taken back, nothing is left.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cast import Cast
from flask import Flask
from roster_files import roster
from roster_round import PLACES, there_and_back

MANY = int(os.environ.get("TORTURE_ROSTER", "50000"))
WORKER = Path(__file__).parent / "roster_worker.py"
ROOT = WORKER.parent.parent.parent
MOST_SECONDS, MOST_MB = 60, 500


@pytest.mark.timeout(7200)
def test_a_whole_province_by_workbook(app: Flask, cast: Cast) -> None:
    settings = app.extensions["xinglin.settings"]

    def work(_: Flask) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, str(WORKER), str(settings.data), settings.database_url], cwd=ROOT, check=True,
            capture_output=True, text=True, env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        )  # fmt: skip
        took: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        print(json.dumps(took), flush=True)
        return took

    log = there_and_back(app, cast, roster(MANY, PLACES), work, done=("xlsx",))
    for line in log:
        print(json.dumps({"database": settings.database_url.partition(":")[0], "people": MANY, **line}), flush=True)
    for line in log:
        if line["step"] != "undo":
            assert line["seconds"] <= MOST_SECONDS, line
        assert line["peak_mb"] <= MOST_MB, line
