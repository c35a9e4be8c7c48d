"""The ledger under any history: the stages of the integration tests."""

import sys
from pathlib import Path

INTEGRATION = Path(__file__).parent.parent.parent / "integration"
for folder in ("credits", "assessments"):
    sys.path.insert(0, str(INTEGRATION / folder))
