"""Folders of tests lie in memory where there is room: thousands of small houses are made and taken away again, and none
of them outlives the run."""

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 8 * 1024**3
"""Bytes that must be free; a whole run leaves less than 2 GB behind before it ends."""


def folder() -> Path | None:
    """A new folder in memory; None where there is not so much of it."""
    try:
        free = shutil.disk_usage(MEMORY).free
        return Path(tempfile.mkdtemp(prefix="xinglin-tests-", dir=MEMORY)) if free >= ROOM else None
    except OSError:
        return None
