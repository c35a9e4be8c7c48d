"""The whole check of a log, through the door an auditor uses: `python -m verifier log DIR --policy POLICY`."""

import ast
import json
import sys
from pathlib import Path
from random import Random
from typing import Any

import honest_log as honest
import pytest
from asking import ROOT, run, verify
from honest_log import CITY, LOG, ORIGIN, Chain, Fact, Signer, chain, checkpoint, make_facts, put, write_log

SOURCES = sorted((ROOT / "verifier").glob("*.py"))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    put(tmp_path, "policy", honest.policy_text().encode())
    return tmp_path / "policy"


@pytest.fixture
def facts() -> list[Fact]:
    return make_facts(Random(4), 300, learners=20, years=(2025, 2026))


@pytest.fixture
def log(tmp_path: Path, facts: list[Fact]) -> Path:
    return write_log(tmp_path / "log", chain(facts), kept=(1, 100, 256, 300))


def rewrite(tmp_path: Path, made: Chain, **more: Any) -> Path:
    return write_log(tmp_path / "rewritten", made, **more)


def test_an_honest_log_is_valid(log: Path, policy: Path, facts: list[Fact]) -> None:
    status, answer = verify(log, "--policy", policy)
    assert (status, answer["verdict"], answer["origin"], answer["size"]) == (0, "valid", ORIGIN, 300)
    assert answer["cosigned"] == {"city": "2026-01-01T00:00:00Z", "province": "2026-01-01T00:00:00Z"}
    assert answer["newest_recorded_at"] == max(fact["recorded_at"] for fact in facts)
    for account, sums in answer["totals"].items():
        mine = [fact for fact in facts if honest.learner_account(fact).endswith(f"/{account}")]
        back = [fact for fact in mine if honest.is_reversal(fact)]
        amount = sum(fact["amount_milli"] * (-1 if honest.is_reversal(fact) else 1) for fact in mine)
        assert sums == {"awards": len(mine) - len(back), "reversals": len(back), "amount_milli": amount}


def test_people_read_the_same_without_json(log: Path, policy: Path) -> None:
    done = run(log, "--policy", policy, "--entry", "0")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"verdict: valid\norigin: {ORIGIN}\nsize: 300\n")
    assert "c2sp.org/tlog-proof@v1\nindex 0\n" in done.stdout


def test_the_command_ends_with_the_status_of_its_verdict(log: Path, policy: Path) -> None:
    done = run(log, "--policy", policy, "--json")
    assert (done.returncode, json.loads(done.stdout)["verdict"], done.stderr) == (0, "valid", "")
    (log / "tile/0/000").unlink()
    done = run(log, "--policy", policy, "--json")
    assert (done.returncode, json.loads(done.stdout)["verdict"], done.stderr) == (1, "invalid", "")
    for words in ((log,), ()):
        done = run(*words)
        assert (done.returncode, done.stderr) == (3, "")
        assert done.stdout.startswith("verdict: cannot decide\n")


def test_what_a_hostile_log_says_is_no_command_to_a_terminal(tmp_path: Path, policy: Path) -> None:
    fact = honest.new_award(Random(1), "1" * 21 + "A", 2026, "\u009b2J\u202eI")
    done = run(write_log(tmp_path / "hostile", chain([fact])), "--policy", policy, "--entry", "0")
    assert done.returncode == 0
    assert all(sign.isprintable() or sign == "\n" for sign in done.stdout)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512])
def test_logs_at_the_edges_of_tiles_are_valid(tmp_path: Path, policy: Path, size: int) -> None:
    made = chain(make_facts(Random(size), size))
    folder = write_log(tmp_path / "edge", made, kept=sorted({0, size // 2, size}))
    put(tmp_path, "before", checkpoint(made.hashes, size // 2))
    assert verify(folder, "--policy", policy, "--since", tmp_path / "before")[0] == 0


def test_an_entry_by_index_and_by_award_comes_with_its_proof(log: Path, policy: Path, facts: list[Fact]) -> None:
    status, answer = verify(log, "--policy", policy, "--entry", "257")
    assert (status, answer["entry"]) == (0, 257)
    assert json.loads(answer["leaf"])["award"] == facts[257]["award"]
    assert verify(log, "--policy", policy, "--entry", facts[257]["award"])[1] == answer
    proof, _, note = answer["proof"].partition("\n\n")
    head, index, *steps = proof.split("\n")
    assert (head, index, note) == ("c2sp.org/tlog-proof@v1", "index 257", (log / "checkpoint").read_text())
    assert len(steps) == 7


@pytest.mark.parametrize("wanted", ["300", "99999999999999999999", "00000000-0000-0000-0000-000000000000", "x", "²"])
def test_an_entry_that_is_not_there_is_said_not_to_be(log: Path, policy: Path, wanted: str) -> None:
    status, answer = verify(log, "--policy", policy, "--entry", wanted)
    assert (status, answer["reason"]) == (1, "no such entry among the 300 of this log")


def test_it_cannot_decide_without_what_it_needs(log: Path, policy: Path, tmp_path: Path) -> None:
    put(tmp_path, "empty", b"")
    put(tmp_path, "stranger", honest.policy_text(logs=[Signer("other.example/log")]).encode())
    (tmp_path / "nothing").mkdir()
    for words, why in (
        ((log,), "--policy"),
        ((log, "--policy", tmp_path / "none"), "missing"),
        ((log, "--policy", tmp_path / "empty"), "no quorum line"),
        ((log, "--policy", tmp_path / "stranger"), "unknown origin"),
        ((tmp_path / "nothing", "--policy", policy), "holds no log"),
        ((tmp_path / "nowhere", "--policy", policy), "holds no log"),
        ((log, "--policy", policy, "--since", tmp_path / "empty"), "--since: not a signed note"),
        ((log, "--policy", policy, "--colour"), "unrecognized"),
    ):
        status, answer = verify(*words)
        assert (status, answer["verdict"]) == (3, "cannot decide")
        assert why in answer["reason"]


def test_a_log_without_its_checkpoint_is_invalid(log: Path, policy: Path) -> None:
    (log / "checkpoint").unlink()
    status, answer = verify(log, "--policy", policy)
    assert (status, answer["reason"]) == (1, "checkpoint: missing")


def test_a_checkpoint_not_cosigned_by_the_quorum_is_invalid(log: Path, policy: Path, facts: list[Fact]) -> None:
    put(log, "checkpoint", checkpoint(chain(facts).hashes, signers=[LOG, CITY]))
    status, answer = verify(log, "--policy", policy)
    assert status == 1
    assert "quorum" in answer["reason"]


# --- Earlier checkpoints ------------------------------------------------------------------------


def since(tmp_path: Path, note: bytes) -> tuple[str, Path]:
    put(tmp_path, "since", note)
    return "--since", tmp_path / "since"


def test_a_fork_below_the_earlier_checkpoint_is_found(tmp_path: Path, policy: Path, facts: list[Fact]) -> None:
    before = since(tmp_path, checkpoint(chain(facts).hashes, 200))
    facts[120] = facts[120] | {"amount_milli": 1}
    facts = [fact for fact in facts if not honest.is_reversal(fact)]
    folder = rewrite(tmp_path, chain(facts))
    assert verify(folder, "--policy", policy)[0] == 0
    status, answer = verify(folder, "--policy", policy, *before)
    assert status == 1
    assert answer["reason"].split(":")[0] == "--since"


def test_a_log_that_shrank_is_found(tmp_path: Path, policy: Path, facts: list[Fact]) -> None:
    before = since(tmp_path, checkpoint(chain(facts).hashes))
    status, answer = verify(rewrite(tmp_path, chain(facts[:299])), "--policy", policy, *before)
    assert (status, answer["index"]) == (1, 299)
    assert "shrank: 300 entries before, 299 now" in answer["reason"]


def test_an_earlier_checkpoint_must_satisfy_the_policy_itself(
    log: Path, tmp_path: Path, policy: Path, facts: list[Fact]
) -> None:
    alone = since(tmp_path, checkpoint(chain(facts).hashes, 100, signers=[LOG]))
    assert verify(log, "--policy", policy, *alone)[0] == 3


def test_a_checkpoint_kept_in_the_directory_must_be_of_the_same_history(
    log: Path, policy: Path, facts: list[Fact]
) -> None:
    other = chain([fact | {"salt": "A" * 22} for fact in facts])
    put(log, "checkpoints/150", checkpoint(other.hashes, 150, signers=[LOG]))
    status, answer = verify(log, "--policy", policy)
    assert (status, answer["index"]) == (1, 100)
    assert "one from 100 to 150 differs" in answer["reason"]


@pytest.mark.parametrize("name", ["checkpoints/99", "checkpoints/0100", "checkpoints/readme"])
def test_a_kept_checkpoint_lies_under_its_size(log: Path, policy: Path, facts: list[Fact], name: str) -> None:
    put(log, name, checkpoint(chain(facts).hashes, 100))
    assert verify(log, "--policy", policy)[0] == 1


def test_a_newer_checkpoint_published_meanwhile_is_no_fault(log: Path, policy: Path) -> None:
    put(log, "checkpoints/400", checkpoint(chain(make_facts(Random(9), 400)).hashes))
    assert verify(log, "--policy", policy)[0] == 0


# --- Files --------------------------------------------------------------------------------------


def test_every_file_of_the_tree_is_read_and_its_loss_named(log: Path, policy: Path) -> None:
    for path in sorted(log.glob("tile/**/*")):
        if path.is_file():
            kept = path.read_bytes()
            path.unlink()
            status, answer = verify(log, "--policy", policy)
            assert (status, answer["reason"]) == (1, f"{path.relative_to(log)}: missing")
            path.write_bytes(kept)
    assert verify(log, "--policy", policy)[0] == 0


def test_a_changed_leaf_is_named_by_its_index(log: Path, policy: Path) -> None:
    path = log / "tile/entries/001.p/44"
    path.write_bytes(path.read_bytes().replace(b'"v":2', b'"v":3', 3))
    status, answer = verify(log, "--policy", policy)
    assert (status, answer["index"]) == (1, 256)


def test_a_changed_hash_is_named_by_its_index(log: Path, policy: Path) -> None:
    path = log / "tile/0/000"
    data = bytearray(path.read_bytes())
    data[32 * 77 + 5] ^= 4
    path.write_bytes(bytes(data))
    status, answer = verify(log, "--policy", policy)
    assert (status, answer["index"]) == (1, 77)


def test_leaves_and_tiles_changed_together_do_not_fit_the_checkpoint(
    tmp_path: Path, policy: Path, facts: list[Fact]
) -> None:
    old = checkpoint(chain(facts).hashes)
    facts[3] = facts[3] | {"salt": "A" * 22}
    status, answer = verify(rewrite(tmp_path, chain(facts), latest=old), "--policy", policy)
    assert (status, answer["index"]) == (1, 0)
    assert answer["reason"].startswith("checkpoint: not the root of the entries")


def test_a_file_that_may_not_be_read_leaves_it_undecided(log: Path, policy: Path) -> None:
    (log / "checkpoint").unlink()
    (log / "checkpoint").symlink_to("checkpoint")
    assert verify(log, "--policy", policy)[0] == 3


# --- What the verifier is ------------------------------------------------------------------------


def test_it_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    allowed = {*sys.stdlib_module_names, "cryptography", "verifier"}
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= allowed, source


def test_it_stays_small_enough_to_be_read_in_an_afternoon() -> None:
    lines = [line for source in SOURCES for line in source.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 600
