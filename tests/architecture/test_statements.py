"""Statements that are built when a module is imported know the types of their parameters, whichever
module was imported first (a foreign key that borrows its type from a table not yet known has none)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SCAN = """
import sys
import lms.app
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.types import NullType

for name, module in sorted(sys.modules.items()):
    if name.startswith("lms."):
        for word, thing in vars(module).items():
            if isinstance(thing, ClauseElement) and hasattr(thing, "subquery"):
                untyped = [one.key for one in thing.compile().binds.values() if isinstance(one.type, NullType)]
                if untyped:
                    print(name, word, untyped)
"""


def test_statements_built_at_import_know_their_types() -> None:
    """In a fresh process, as the server imports it."""
    found = subprocess.run([sys.executable, "-c", SCAN], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == ""
