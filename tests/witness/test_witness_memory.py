"""What a witness remembers: one state file, never two pasts, not after two requests at once, a kill or a loss."""

import http.client
import json
import os
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from honest_log import LOG, policy_text
from witnessed_log import ROOT, Running, command, grown, request, running, witness

from verifier.notes import parse_checkpoint

WORLDS = [grown(64, seed) for seed in range(8)]
DYING = Path(__file__).parent / "dying_witness.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert witness("keygen", "province.example/witness", "--out", f"{tmp_path}/key").returncode == 0
    return tmp_path


def remembered(folder: Path) -> int:
    """The size in the state file."""
    note = json.loads((folder / "state").read_text(encoding="utf-8"))["logs"][LOG.name]
    return parse_checkpoint(note.encode()).size


def refusal(folder: Path, *more: str) -> str:
    """What a witness says that does not start."""
    words = command(folder, "--log", LOG.vkey, *more)
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_key_is_made_once_and_read_by_its_owner_only(folder: Path) -> None:
    made = witness("keygen", "city.example/witness", "--out", f"{folder}/other")
    assert made.stdout.startswith("city.example/witness+")
    assert stat.S_IMODE((folder / "other").stat().st_mode) == 0o600
    kept = (folder / "other").read_bytes()
    again = witness("keygen", "city.example/witness", "--out", f"{folder}/other")
    assert (again.returncode, again.stdout) == (1, "")
    assert (folder / "other").read_bytes() == kept
    for name in ("", "two words", "a+b"):
        assert witness("keygen", name, "--out", f"{folder}/third").returncode == 1
    assert not (folder / "third").exists()


def test_a_restart_keeps_what_was_cosigned(folder: Path) -> None:
    with running(folder, "--new") as one:
        assert one.add(request(WORLDS[0], 0, 20)).status == 200
    with running(folder) as one:
        assert one.add(request(WORLDS[1], 0, 30)).body == "20\n"
        assert one.add(request(WORLDS[1], 20, 30)).status == 422
        assert one.add(request(WORLDS[0], 20, 30)).status == 200


def test_a_lost_or_damaged_state_is_never_taken_for_a_new_one(folder: Path) -> None:
    assert "is missing" in refusal(folder)
    with running(folder, "--new") as one:
        assert one.add(request(WORLDS[0], 0, 20)).status == 200
    assert "without --new" in refusal(folder, "--new")
    kept = (folder / "state").read_bytes()
    for damaged in (b"", kept[:-5], b"{}", b"[]", b'{"logs": {"x": 5}}', kept.replace(b"\\n20", b"\\n2"), b"\xff"):
        (folder / "state").write_bytes(damaged)
        said = refusal(folder) if damaged != kept.replace(b"\\n20", b"\\n2") else "is damaged"
        assert "is damaged" in said
    (folder / "state").unlink()
    assert "is missing" in refusal(folder)
    assert not (folder / "state").exists()


def test_two_witnesses_do_not_share_a_state(folder: Path) -> None:
    with running(folder, "--new"):
        assert "in use" in refusal(folder)


def test_it_starts_with_a_policy_and_not_without_logs(folder: Path) -> None:
    (folder / "policy").write_text(policy_text())
    with running(folder, "--new", "--policy", f"{folder}/policy") as one:
        assert one.add(request(WORLDS[0], 0, 20)).status == 200
    done = subprocess.run(command(folder), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "name the logs" in done.stderr) == (1, True)
    (folder / "key").write_text("PRIVATE+KEY+a+00000000+AAAA\n")
    assert "not a witness's private key" in refusal(folder)


def test_requests_at_once_cannot_make_two_pasts(folder: Path) -> None:
    """Eight histories race for each step; one of them wins it, and all later steps."""
    with running(folder, "--new") as one, ThreadPoolExecutor(16) as pool:
        winners: set[int] = set()
        for old, size in ((0, 9), (9, 17), (17, 40), (40, 64)):
            tries = [number for number in range(8) for _ in range(3)]
            said = list(pool.map(lambda n: (n, one.add(request(WORLDS[n], old, size)).status), tries))  # noqa: B023
            assert {status for _, status in said} <= {200, 409, 422}
            won = {number for number, status in said if status == 200}
            assert len(won) == 1
            winners |= won
        assert len(winners) == 1
    assert remembered(folder) == 64


@pytest.mark.parametrize("moment", ["after", "before"])
def test_a_kill_between_disk_and_answer_gives_out_nothing_that_is_forgotten(
    folder: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIES", moment)
    monkeypatch.setenv("DIES_AT", "3")
    with running(folder, "--new", script=DYING) as one:
        assert one.add(request(WORLDS[0], 0, 20)).status == 200
        with pytest.raises((ConnectionError, OSError)):
            one.add(request(WORLDS[0], 20, 30))
        assert one.process.wait() == -9
    size = remembered(folder)
    assert size == (30 if moment == "after" else 20)
    with running(folder) as one:
        assert one.add(request(WORLDS[1], size, 40)).status == 422
        told = one.add(request(WORLDS[0], 20, 30))
        assert told.status == (409 if moment == "after" else 200)
        assert one.add(request(WORLDS[0], 30, 30)).status == 200
        assert one.add(request(WORLDS[0], 30, 40)).status == 200


def grow(asked: Running, done: int) -> int:
    """Grow a log by one entry at a time until the witness is gone; the size it acknowledged last."""
    try:
        while done < 60:
            told = asked.add(request(WORLDS[0], done, done + 1))
            done = int(told.body) if told.status == 409 else done + 1
    except (OSError, http.client.HTTPException):
        return done
    return done


def test_kills_at_random_never_lose_a_cosigned_size(folder: Path) -> None:
    acknowledged = 0
    for turn in range(6):
        with running(folder, *(["--new"] if turn == 0 else [])) as one, ThreadPoolExecutor(1) as pool:
            growing = pool.submit(grow, one, acknowledged)
            try:
                one.process.wait(0.05 + turn * 0.02)
            except subprocess.TimeoutExpired:
                one.process.kill()
            acknowledged = max(acknowledged, growing.result())
        if acknowledged:
            assert remembered(folder) >= acknowledged


def test_what_cannot_be_kept_is_not_cosigned(folder: Path) -> None:
    with running(folder, "--new") as one:
        assert one.add(request(WORLDS[0], 0, 20)).status == 200
        (folder / "state.draft").mkdir()
        answer = one.add(request(WORLDS[0], 20, 30))
        assert (answer.status, "—" in answer.body) == (500, False)
        os.rmdir(folder / "state.draft")
        assert one.add(request(WORLDS[0], 20, 30)).status == 200
