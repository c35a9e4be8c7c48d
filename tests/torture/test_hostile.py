"""The campaign against the importers, `make hostile`: no hostile file leaves its folder, opens a connection, takes too
long or too much memory, or brings in what no lesson may have. `make test` asks the same of a few of each kind."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from hostile_files import write
from hostile_probe import require_harmless, told_of

LEAST = 300


@pytest.mark.timeout(3600)
def test_no_file_of_the_whole_corpus_does_harm(tmp_path: Path) -> None:
    files = write(tmp_path)
    assert files >= LEAST
    require_harmless(told_of(tmp_path), files)
