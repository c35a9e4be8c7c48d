"""Whatever the bytes, the verifier answers with one of its verdicts and never with a traceback."""

import contextlib
import shutil
import tempfile
from functools import cache
from pathlib import Path
from random import Random

import c2sp_examples as c2sp
import honest_log as honest
from asking import verify
from honest_log import CITY, LOG, ORIGIN, PROVINCE, chain, checkpoint, make_facts, put
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.leaves import Book
from verifier.notes import Invalid, parse_checkpoint, parse_key, parse_note
from verifier.policy import parse_policy

MADE = chain(make_facts(Random(3), 40))
SIGNED = checkpoint(MADE.hashes).decode()
SEEDS = [c2sp.SOFA_COSIGNED, c2sp.FOO_NOTE, c2sp.POLICY, honest.policy_text(), LOG.vkey, SIGNED]
ODD = ["\n", "\n\n", "— ", "+", "=", "\0", "\u3000", "\ud7ff", "😀", "9" * 5000, "old 0\n", "[" * 3000, "\\u0000", "٣"]


@st.composite
def near(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """Bytes near to those of a seed."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        at, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        known = st.sampled_from([*(one.encode() for one in ODD), b"\xff", b"", data[at:end] * 2])
        part = draw(known | st.binary(max_size=9))
        data = data[:at] + part + data[draw(st.sampled_from([at, end, at + 1])) :]
    return data


@settings(deadline=None)
@given(near([seed.encode() for seed in SEEDS]))
def test_notes_keys_and_policies_are_read_or_refused(data: bytes) -> None:
    for parse in (parse_note, parse_checkpoint, parse_policy):
        with contextlib.suppress(Invalid):
            parse(data)
    with contextlib.suppress(Invalid):
        parse_key(data.decode("utf-8", "surrogateescape"))


@settings(deadline=None)
@given(near(MADE.leaves), st.integers(0, 1))
def test_leaves_are_read_or_refused(leaf: bytes, index: int) -> None:
    with contextlib.suppress(Invalid):
        Book().add(index, leaf, bytes(32))


@cache
def scene() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    honest.write_log(folder / "log", MADE, kept=[20])
    put(folder, "policy", honest.policy_text().encode())
    return folder


@settings(deadline=None)
@given(st.data())
def test_a_directory_of_any_bytes_gets_a_verdict(data: st.DataObject) -> None:
    folder = scene()
    files = sorted(path for path in (folder / "log").rglob("*") if path.is_file())
    path = data.draw(st.sampled_from([*files, folder / "policy", folder / "since"]))
    kept = path.read_bytes() if path.exists() else None
    path.write_bytes(data.draw(near([kept or checkpoint(MADE.hashes, 10)])))
    try:
        since = ["--since", folder / "since"] if (folder / "since").exists() else []
        status, answer = verify(folder / "log", "--policy", folder / "policy", "--entry", "3", *since)
        assert status == {"valid": 0, "invalid": 1, "cannot decide": 3}[answer["verdict"]]
        assert status == 0 or answer["reason"]
    finally:
        path.unlink()
        if kept is not None:
            path.write_bytes(kept)


@settings(deadline=None)
@given(near(MADE.leaves), st.integers(1, 40))
def test_a_hostile_leaf_in_a_log_that_is_signed_gets_a_verdict(leaf: bytes, at: int) -> None:
    made = chain(make_facts(Random(3), at))
    made.put(leaf[:65_535])
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        honest.write_log(Path(folder), made)
        status, answer = verify(folder, "--policy", scene() / "policy", "--entry", str(at))
        assert status in (0, 1), answer
        assert status == 0 or answer["index"] == at


def test_a_checkpoint_that_claims_too_much_is_refused_at_once(tmp_path: Path) -> None:
    for size in (10**6, 2**62, 2**63 - 1, 2**63):
        text = f"{ORIGIN}\n{size}\n{'A' * 43}=\n"
        put(tmp_path, "log/checkpoint", honest.note(text, [LOG, CITY, PROVINCE]))
        status, _ = verify(tmp_path / "log", "--policy", scene() / "policy")
        assert status == 1


def teardown_module() -> None:
    shutil.rmtree(scene())
