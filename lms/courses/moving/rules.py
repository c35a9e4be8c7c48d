"""What of a learner's work counts in another edition, and who is moved. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from lms.courses.editions import EditionData, LessonData


class Stay(StrEnum):
    """Why somebody stays in the edition she is in."""

    FINISHED = "finished"
    """She has finished the course: what she has been certified for is not changed."""
    COMPLETE = "complete"
    """In the other edition nothing would be left for her to do: nobody finishes by an author's button."""
    ELSEWHERE = "elsewhere"
    """She is in another edition by now."""
    CALLED_OFF = "called_off"
    """The move was taken back before it was her turn."""


SITTING = "sitting"
"""She is in the middle of a test: her turn comes when it has ended."""
MOVES = "moves"


@dataclass(frozen=True)
class Pairing:
    """Which lesson of the new edition stands for which of the old one, by id; `same` are those whose text is the same,
    `changed` are slugs of lessons whose text is not, whether the author marked them or not."""

    lessons: Mapping[UUID, UUID]
    same: Collection[UUID]
    changed: Sequence[str]

    def back(self) -> Mapping[UUID, UUID]:
        """The old lesson that a new one stands for."""
        return {new: old for old, new in self.lessons.items()}


def same_text(one: LessonData, other: LessonData) -> bool:
    """Whether a learner reads the same in both: every word, figure and table, in every language, and the same places
    for self-checks. Title, minutes, place and the questions of self-checks may differ."""
    return one.parts == other.parts


def pairing(source: EditionData, target: EditionData, equal: Collection[str] = ()) -> Pairing:
    """A lesson stands for one with the same text: of the same name, else of another. One of the same name whose text
    changed stands for it only where the author marked it as equal enough (`equal`, by slug)."""
    lessons: dict[UUID, UUID] = {}
    free = {lesson.slug: lesson for lesson in target.lessons}
    changed = []
    for old in source.lessons:
        new = target.by_slug.get(old.slug)
        if new is not None and same_text(old, new):
            lessons[old.id] = free.pop(old.slug).id
    same = set(lessons)
    for old in source.lessons:
        if old.id in lessons:
            continue
        other = next((one for one in free.values() if one.slug not in source.by_slug and same_text(old, one)), None)
        if other is not None:
            lessons[old.id] = free.pop(other.slug).id
            same.add(old.id)
        elif old.slug in free:
            changed.append(old.slug)
            if old.slug in equal:
                lessons[old.id] = free.pop(old.slug).id
    return Pairing(lessons, same, tuple(changed))


def counted(done: Collection[UUID], pairs: Mapping[UUID, UUID], target: EditionData) -> set[UUID]:
    """The lessons of `target` that count as finished for somebody who has finished `done` (of any edition)."""
    own = {lesson.id for lesson in target.lessons}
    return {lesson for lesson in done if lesson in own} | {pairs[lesson] for lesson in done if lesson in pairs}


def nothing_left(lessons: int, target: EditionData, *, passed: bool) -> bool:
    """Whether so many finished lessons, and a test passed or not, would finish the course in `target`."""
    return lessons >= len(target.lessons) and (passed or not target.has_assessment)
