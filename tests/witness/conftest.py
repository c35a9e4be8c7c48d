"""The witness is tested on the same little logs as the verifier."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "verifier"))
