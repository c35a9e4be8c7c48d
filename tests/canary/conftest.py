"""Canary numbers: the scene is that of the route matrix."""

import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent
INTEGRATION = ("credits_filing", "credits", "assessments")
for folder in ("canary", "architecture", "races", *(f"integration/{name}" for name in INTEGRATION)):
    sys.path.insert(0, str(TESTS / folder))
