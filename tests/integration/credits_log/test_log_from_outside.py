"""The house's log as outsiders meet it: the verifier and the witness of this repository, as processes of their own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from credit_stage import writing
from log_stage import LogHouse, LogHouses
from servers import free_port

from lms.credits import commands

ROOT = Path(__file__).parents[3]


def verifier(log: Path, policy: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and answer of `python -m verifier log`."""
    asked = [sys.executable, "-m", "verifier", "log", str(log), "--policy", str(policy), *words, "--json"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    answer: dict[str, Any] = json.loads(done.stdout) if done.stdout else {"stderr": done.stderr}
    return done.returncode, answer


@contextmanager
def witness(folder: Path, house: LogHouse) -> Iterator[str]:
    """A province's witness of this house; its setting, as the house must have it."""
    key, port = folder / "witness.key", free_port()
    run = [sys.executable, "-m", "witness"]
    made = [*run, "keygen", "province.example/w1", "--out", str(key)]
    subprocess.run(made, cwd=ROOT, check=True, capture_output=True, timeout=60)
    logs = next(line.split()[1] for line in (house.log / "policy").read_text().splitlines() if line.startswith("log "))
    serve = [*run, "serve", "--state", str(folder / "seen"), "--new", "--key", str(key), "--log", logs]
    serve += ["--listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(serve, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout
        vkey = process.stdout.readline().strip()
        assert "ready" in process.stdout.readline()
        yield f"{vkey} http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)
        assert process.stdout
        process.stdout.close()


def reverse(house: LogHouse) -> None:
    award_id = house.award()
    with writing(house.app):
        commands.reverse_award(
            house.cast.county_auditor.actor, award_id, version=1, reason_code="absent", text="没有这次讲座"
        )


def test_an_outsider_verifies_what_the_house_published(log_house: LogHouse, tmp_path: Path) -> None:
    log_house.awards(6)
    assert log_house.write()
    shutil.copy(log_house.log / "policy", tmp_path / "policy")
    shutil.copy(log_house.log / "checkpoint", tmp_path / "since")
    reverse(log_house)
    assert log_house.write()
    status, told = verifier(log_house.log, tmp_path / "policy", "--since", str(tmp_path / "since"), "--entry", "7")
    assert (status, told["size"], told["since"], told["entry"]) == (0, 8, "consistent", 7), told
    [totals] = told["totals"].values()
    assert (totals["awards"], totals["reversals"]) == (7, 1)
    bundle = next((log_house.log / "tile/entries").rglob("8"))
    data = bytearray(bundle.read_bytes())
    data[-20] ^= 1
    bundle.write_bytes(bytes(data))
    status, told = verifier(log_house.log, tmp_path / "policy")
    assert status == 1, told


def test_a_provinces_witness_cosigns_and_the_verifier_asks_for_it(log_houses: LogHouses, tmp_path: Path) -> None:
    house = log_houses.keyed()
    house.award()
    assert house.write()
    with witness(tmp_path, house) as setting:
        watched = log_houses.again(house, log_witnesses=setting, log_quorum=1)
        watched.awards(3)
        assert watched.write()
        status, told = verifier(watched.log, watched.log / "policy")
    assert (status, told["size"]) == (0, 4), told
    assert list(told["cosigned"]) == ["w1"], "the name that the policy gives it"
    house.awards(2)
    with house.app.app_context():
        assert house.tick()
    shutil.copy(watched.log / "policy", tmp_path / "policy")
    # Whoever asks for the witness is not content with the house's word alone.
    alone = tmp_path / "alone"
    shutil.copytree(watched.log, alone)
    note = (alone / "checkpoint").read_text().splitlines(keepends=True)
    for name in ("checkpoint", "checkpoints/4"):
        (alone / name).write_text("".join(line for line in note if "province.example" not in line))
    assert verifier(alone, tmp_path / "policy")[0] == 1
