"""The curriculum and the learning paths of the house, as data: `content/curriculum.toml`, `content/learning-paths`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lms.courses.packages.package import LANGUAGES, Text

CONTENT = Path(__file__).parents[3] / "content"
_COURSE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,28}")
_GOAL = re.compile(r"[A-Z0-9][A-Z0-9-]{1,28}:o[0-9]{1,2}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class FaultyCurriculumError(Exception):
    """A file that cannot be used: which one, and what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective of a course, by the course's code and its own id."""

    course: str
    objective: str


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the post. `source`: the text that names it; `goals`: what of it is taught."""

    id: str
    title: Text
    source: Text
    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class PathStep:
    """A course of a path, and what it is there for."""

    course: str
    why: Text


@dataclass(frozen=True, slots=True)
class LearningPath:
    """Courses in the order in which they are best taken."""

    id: str
    title: Text
    summary: Text
    steps: tuple[PathStep, ...]


@lru_cache(maxsize=4)
def areas(folder: Path = CONTENT) -> tuple[Area, ...]:
    """All areas in their order; raises FaultyCurriculumError."""
    file = folder / "curriculum.toml"
    data = _data(file)
    found = []
    for table in _tables(file, data, "areas"):
        goals = table.get("goals", [])
        if not isinstance(goals, list) or not all(isinstance(one, str) and _GOAL.fullmatch(one) for one in goals):
            raise FaultyCurriculumError(f"{file.name}: goals are written as XL-CODE:o1")
        pairs = (one.split(":") for one in goals)
        found.append(
            Area(
                _name(file, table),
                _words(file, table, "title"),
                _words(file, table, "source"),
                tuple(Goal(course, objective) for course, objective in pairs),
            )
        )
    _require_once(file, [one.id for one in found])
    return tuple(found)


@lru_cache(maxsize=4)
def learning_paths(folder: Path = CONTENT) -> tuple[LearningPath, ...]:
    """All paths, by the order of their files; raises FaultyCurriculumError."""
    found = []
    for file in sorted((folder / "learning-paths").glob("*.toml")):
        data = _data(file)
        steps = tuple(
            PathStep(_code(file, table), _words(file, table, "why")) for table in _tables(file, data, "steps")
        )
        _require_once(file, [one.course for one in steps])
        found.append(
            LearningPath(_name(file, data), _words(file, data, "title"), _words(file, data, "summary"), steps)
        )
    _require_once(folder, [one.id for one in found])
    return tuple(found)


def _data(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise FaultyCurriculumError(f"{file.name}: {fault}") from fault


def _tables(file: Path, data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    tables = data.get(key)
    if not isinstance(tables, list) or not tables or not all(isinstance(one, dict) for one in tables):
        raise FaultyCurriculumError(f"{file.name}: [[{key}]] is missing")
    return tables


def _name(file: Path, table: Mapping[str, Any]) -> str:
    name = table.get("id")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise FaultyCurriculumError(f"{file.name}: id {name!r}")
    return name


def _code(file: Path, table: Mapping[str, Any]) -> str:
    code = table.get("course")
    if not isinstance(code, str) or not _COURSE.fullmatch(code):
        raise FaultyCurriculumError(f"{file.name}: course {code!r}")
    return code


def _words(file: Path, table: Mapping[str, Any], key: str) -> Text:
    words = table.get(key)
    if not isinstance(words, dict) or set(words) != set(LANGUAGES) or not all(words.values()):
        raise FaultyCurriculumError(f"{file.name}: {key} is written in both languages")
    return words


def _require_once(file: Path, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise FaultyCurriculumError(f"{file.name}: something is named twice")
