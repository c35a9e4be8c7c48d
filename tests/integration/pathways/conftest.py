"""The stage of every test of pathways."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, *(HERE.parent / name for name in ("credits", "assessments", "teaching", "people"))):
    sys.path.insert(0, str(folder))
