"""Races and kills: real servers, each database once."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "integration" / "assessments", HERE.parent / "integration" / "credits"):
    sys.path.insert(0, str(folder))
