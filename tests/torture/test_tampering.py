"""The campaign against the verifier: every tampering that policy and one kept checkpoint can show is found,
no honest log raises an alarm, and the log of a year is checked in time. Prints one line of JSON each."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "verifier"))

import honest_log
from campaign import attack, honest_one

TAMPERINGS = int(os.environ.get("TORTURE_TAMPERINGS", "10000"))
SMALL, LOGS = 2_000, 20
LARGE, LARGE_TAMPERINGS, LARGE_LOGS = 100_000, max(2, TAMPERINGS // 100), 2
HONEST = max(10, TAMPERINGS // 50)
YEAR, DOCTORS, SECONDS, MEGABYTES = 945_000, 62_982, 30, 500


def seed() -> int:
    return int(os.environ.get("TEST_SEED", "0")) or random.randrange(1, 10**6)


def summary(counts: Counter[str], logs: int) -> dict[str, object]:
    return {
        "tamperings": counts["tamperings"],
        "kinds": {key[6:]: many for key, many in sorted(counts.items()) if key.startswith("kind: ")},
        "must_be_found": counts["must be found"],
        "found": counts["found"],
        "invalid": counts["invalid"],
        "cannot_decide": counts["cannot decide"],
        "missed": {key[8:]: many for key, many in counts.items() if key.startswith("missed: ") and many},
        "uncovered_window": {
            "entries_above_the_last_witnessed_checkpoint": round(counts["window entries"] / logs),
            "rewritten_there_by_a_thief_of_the_log_key": counts["in the uncovered window"],
            "accepted": counts["in the uncovered window, accepted"],
        },
    }


@pytest.mark.timeout(3600)
def test_no_tampering_below_a_witnessed_checkpoint_stays_hidden() -> None:
    chosen, began = seed(), time.monotonic()
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        large = [
            pool.submit(attack, f"{chosen} large {n}", LARGE, LARGE_TAMPERINGS // LARGE_LOGS) for n in range(LARGE_LOGS)
        ]
        small = [pool.submit(attack, f"{chosen} small {n}", SMALL, TAMPERINGS // LOGS) for n in range(LOGS)]
        honest = list(pool.map(honest_one, [f"{chosen} honest {n}" for n in range(HONEST)]))
        of_large = sum((one.result() for one in large), Counter[str]())
        of_small = sum((one.result() for one in small), Counter[str]())
    alarms = sum(verdict != "valid" for verdict in honest)
    said: dict[str, object] = {"seed": chosen, "honest": HONEST, "false_alarms": alarms}
    said |= {f"logs_of_{SMALL}": summary(of_small, LOGS), f"logs_of_{LARGE}": summary(of_large, LARGE_LOGS)}
    print(json.dumps(said | {"seconds": round(time.monotonic() - began)}))
    for counts in (of_small, of_large):
        assert counts["found"] == counts["must be found"]
        assert counts["in the uncovered window, accepted"] == counts["in the uncovered window"]
    assert alarms == 0


@pytest.mark.timeout(1800)
def test_the_log_of_a_year_is_verified_in_time(tmp_path: Path) -> None:
    chosen = seed()
    writer = (tmp_path / "log", random.Random(chosen), YEAR, DOCTORS)
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:  # a child is said to use what its parent does
        pool.submit(honest_log.write_year, *writer).result()
    honest_log.put(tmp_path, "policy", honest_log.policy_text().encode())
    command = [sys.executable, "-m", "verifier", "log", str(tmp_path / "log"), "--policy", str(tmp_path / "policy")]
    began = time.monotonic()
    with (tmp_path / "answer").open("wb") as answer:
        process = subprocess.Popen([*command, "--json"], cwd=ROOT, stdout=answer)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    shutil.rmtree(tmp_path / "log")  # most of a gigabyte
    spent, cpu, megabytes = time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    said = {"seed": chosen, "entries": YEAR, "seconds": round(spent, 1), "cpu_seconds": round(cpu, 1)}
    print(json.dumps(said | {"megabytes": round(megabytes)}))
    assert (process.returncode, json.loads((tmp_path / "answer").read_bytes())["size"]) == (0, YEAR)
    assert cpu <= SECONDS  # one thread: the same as time on a core of its own
    assert megabytes <= MEGABYTES
