"""Tests of the front pages use the stages of what waits on them."""

import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent
for folder in ("assessments", "credits", "teaching", "pathways"):
    sys.path.insert(0, str(TESTS / folder))
