"""What a package that comes in would change: lesson by lesson, question by question, against the one that is there."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from lms.courses.packages.checker import COURSE_FILE
from lms.courses.packages.package import Lesson, Package
from lms.courses.packages.recording import record_text
from lms.courses.packages.recording_files import stem
from lms.courses.packages.tree import Tree

NEW, CHANGED, GONE = "new", "changed", "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was. `kind`: course, lesson, question, picture, film, audio, pdf, captions; `name`:
    its title, its code or its file."""

    kind: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """All that changes, and how many things stay as they are."""

    changes: tuple[Change, ...]
    same: int


def compare(old: tuple[Tree, Package] | None, new: tuple[Tree, Package], language: str) -> Arrival:
    """What `new` changes of `old`; everything in it is new where there is none."""
    changes: list[Change] = []
    same = 0
    before = _things(*old, language) if old else {}
    after = _things(*new, language)
    for key in [*after, *(key for key in before if key not in after)]:
        kind, _ = key
        if key not in before:
            changes.append(Change(kind, after[key][0], NEW))
        elif key not in after:
            changes.append(Change(kind, before[key][0], GONE))
        elif after[key][1] != before[key][1]:
            changes.append(Change(kind, after[key][0], CHANGED))
        else:
            same += 1
    return Arrival(tuple(changes), same)


def _things(tree: Tree, package: Package, language: str) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Everything of a package: (kind, what it is known by) → (what people call it, what it says)."""
    found = {("course", ""): (package.title[language], _hash(tree[COURSE_FILE]))}
    for lesson in package.lessons:
        found["lesson", lesson.slug] = (lesson.titles[language], _lesson(tree, lesson))
    for item in package.items:
        found["question", item.code] = (item.code, repr(item.as_dict()))
    for medium in package.media:
        found["picture", medium.name] = (medium.name, medium.sha)
    for one in package.recordings:
        found[one.kind, one.name] = (one.name, record_text(one))
        for spoken, captions in one.captions.items():
            name = f"{stem(one.name)}.{spoken}.vtt"
            found["captions", name] = (name, captions.file.sha)
    return found


def _lesson(tree: Tree, lesson: Lesson) -> str:
    texts = (tree[text.file] for _, text in sorted(lesson.texts.items()))
    return " ".join((str(lesson.position), *map(_hash, texts)))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
