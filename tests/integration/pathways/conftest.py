"""The stage of the tests of pathways."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
for neighbour in ("credits", "assessments"):
    sys.path.insert(0, str(Path(__file__).parent.parent / neighbour))
