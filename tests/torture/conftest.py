"""What takes too long for every day: `make torture`. Stands on the same scenes as the races."""

import os
import sys
from pathlib import Path

# Long campaigns serve as the house does, down to the cost of a sign-in.
os.environ["HASHING"] = "house"

HERE = Path(__file__).parent
for folder in (
    HERE.parent / "races",
    HERE.parent / "integration" / "assessments",
    HERE.parent / "integration" / "credits",
    HERE.parent / "integration" / "people",
):
    sys.path.insert(0, str(folder))
