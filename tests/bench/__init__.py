"""`make bench`: the real servers under load, beside the limits of the same machine."""

import sys
from pathlib import Path

# Its programs stand on what the tests stand on.
for folder in ("tests", "."):
    sys.path.insert(0, str(Path(__file__).parent.parent.parent / folder))
