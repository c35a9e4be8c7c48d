"""The templates that a course may begin from: packages under content/templates, whole but for the author's words."""

from functools import cache
from pathlib import Path

from lms.courses.packages.tree import Tree, read_folder

FOLDER = Path(__file__).parent.parent.parent.parent / "content" / "templates"
TEMPLATES = ("short", "skills", "cases", "exam")


@cache
def template(name: str) -> Tree:
    """The files of a template, read once a process. Raises KeyError for a name that there is not."""
    if name not in TEMPLATES:
        raise KeyError(name)
    return read_folder(FOLDER / name)
