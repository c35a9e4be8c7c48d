"""A new house makes its log's key once, however many of its processes begin at the same moment."""

import multiprocessing
from pathlib import Path
from typing import Any

from houses import build_app

from lms.credits.log.keys import log_key

PROCESSES = 6


def _begin(folder: Path, together: Any, told: Any) -> None:
    with build_app(folder, demo=True).app_context():
        together.wait()
        try:
            key = log_key()
            told.put(key.vkey if key else "none")
        except Exception as error:
            told.put(repr(error))


def test_processes_that_begin_together_make_one_key(tmp_path: Path) -> None:
    several = multiprocessing.get_context("forkserver")
    # The code is read once, not by each of them; what they begin at the same moment comes after that.
    several.set_forkserver_preload(["lms.app"])
    together, told = several.Barrier(PROCESSES), several.Queue()
    started = [several.Process(target=_begin, args=(tmp_path, together, told)) for _ in range(PROCESSES)]
    for one in started:
        one.start()
    keys = {told.get(timeout=60) for _ in started}
    for one in started:
        one.join(10)
    assert len(keys) == 1
    assert "+" in keys.pop()
