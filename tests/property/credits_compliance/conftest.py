"""Years under any sequence of deeds: the stages of the integration tests."""

import sys
from pathlib import Path

INTEGRATION = Path(__file__).parent.parent.parent / "integration"
for folder in ("credits_compliance", "credits", "assessments"):
    sys.path.insert(0, str(INTEGRATION / folder))
