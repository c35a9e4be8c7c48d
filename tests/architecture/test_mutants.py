"""Mutants do not rot: each can still be planted, and the tests that are to kill it are there."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.mutants.mutant import Edit, Mutant, Rotten, mutants, planted

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=[one.name for one in MUTANTS])
def test_it_can_be_planted_and_has_its_tests(mutant: Mutant) -> None:
    assert planted(mutant, ROOT)
    for test in mutant.tests:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / file).read_text())
        known = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
        assert not name or name.partition("[")[0] in known, test


def test_no_two_have_one_name() -> None:
    assert len({one.name for one in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    ("old", "new"), [("no such text", "x"), ("x = 1\n", "x = = 1\n"), ("x", "y"), ("x = 1\n", "x = 1\n")]
)
def test_what_cannot_be_planted_is_told(tmp_path: Path, old: str, new: str) -> None:
    """A text that is gone or stands twice, what is no Python any more, what changes nothing."""
    (tmp_path / "lms.py").write_text("x = 1\nxx = 2\n")
    with pytest.raises(Rotten, match=r"probe: .*lms\.py"):
        planted(Mutant("probe", "", (Edit("lms.py", old, new),), []), tmp_path)
