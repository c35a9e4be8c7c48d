"""What a mutant is, and how it is planted."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ASSERTED = r"(AssertionError|assert |Failed: )"
"""How the first line of a failure begins where a test has looked and found something wrong."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` takes the place of `old`, a text that stands exactly once in `file` (from the root of the tree)."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault. Most are one edit; a fault that two walls keep out must get through both.

    `tests` are the narrowest that must go red; `red` is how the first line of the failure begins (a pattern),
    where the fault is met by what the database or the code says and not by a test's own `assert`.
    """

    name: str
    says: str
    edits: tuple[Edit, ...]
    tests: list[str]
    red: str = ASSERTED


def mutants() -> tuple[Mutant, ...]:
    """All there are, as the tables beside this file tell them; raises TypeError for a word they do not know."""
    tables = [tomllib.loads(file.read_text())["mutant"] for file in sorted(Path(__file__).parent.glob("*.toml"))]
    return tuple(
        Mutant(**{**one, "edits": tuple(Edit(**edit) for edit in one["edits"])}) for table in tables for one in table
    )


class Rotten(Exception):
    """A mutant that cannot be planted any more: the tree has changed under it."""


def planted(mutant: Mutant, root: Path) -> Mapping[str, str]:
    """Its files as they are with the fault in them.

    Raises Rotten where a text to be replaced is not there exactly once, or what comes out is not Python.
    """
    files: dict[str, str] = {}
    for edit in mutant.edits:
        path = root / edit.file
        text = files.get(edit.file) or (path.read_text() if path.is_file() else "")
        found = text.count(edit.old)
        if found != 1 or edit.old == edit.new:
            raise Rotten(f"{mutant.name}: {found} times in {edit.file}: {edit.old.strip().splitlines()[0]}")
        files[edit.file] = text.replace(edit.old, edit.new)
    for name, text in files.items():
        if name.endswith(".py"):
            try:
                compile(text, name, "exec")
            except SyntaxError as error:
                raise Rotten(f"{mutant.name}: {name} is no longer Python: {error}") from error
    return files
