"""The stage of every test of pathways."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
