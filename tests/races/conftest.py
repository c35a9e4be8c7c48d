"""Races and kills: real servers, each database once."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
STAGES = [HERE.parent / "integration" / name for name in ("assessments", "credits", "credits_compliance")]
for folder in (HERE, *STAGES):
    sys.path.insert(0, str(folder))
