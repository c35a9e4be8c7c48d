"""The child: `python -m lms.kernel.cleaning.child WORKER TYPE FILE FOLDER`, one JSON object on standard output.

It limits itself before a single byte of the file is read. The limits are of time, memory and size of
files; they are no wall around it, so nothing that it needs not is given to it (`cleaner`).
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from lms.kernel.bounds import CLEANING, keep_within


class Refused(Exception):
    """The file is not taken: a code of `refusals`, and what fills its gaps."""

    def __init__(self, fault: str, **gaps: Any) -> None:
        self.fault, self.gaps = fault, gaps
        super().__init__(fault)


def main(name: str, kind: str, source: str, folder: str) -> dict[str, Any]:
    """Let a worker (drawings, pdfs, photos, pictures, sizes) clean a file into a folder; what became of it."""
    # Loaded only now, within the limits, and in this process alone.
    worker = importlib.import_module(f"lms.kernel.cleaning.{name}")
    try:
        made: dict[str, Any] = worker.clean(Path(source), Path(folder), kind)
        return made
    except Exception as error:
        if type(error).__name__ == "Refused":  # this module has two names here: __main__ and its own
            return {"fault": error.fault, "gaps": error.gaps}  # type: ignore[attr-defined]
        heavy = isinstance(error, MemoryError | RecursionError)
        return {"fault": "heavy" if heavy else "broken", "why": type(error).__name__}


if __name__ == "__main__":
    keep_within(CLEANING)
    answer = main(*sys.argv[1:])
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)  # what the file left in the libraries' memory is not worth taking apart
