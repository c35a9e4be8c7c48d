"""The stage of every test of pathways."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "credits", HERE.parent / "assessments", HERE.parent / "teaching"):
    sys.path.insert(0, str(folder))
