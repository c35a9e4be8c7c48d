"""What the writing room shows: a draft's lessons and files, one lesson in both languages, two texts that meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from lms.courses import publishing, studio
from lms.courses.media import keeping
from lms.courses.packages import front
from lms.courses.packages.checker import COURSE_FILE, Report, load
from lms.courses.packages.lesson_files import FILE
from lms.courses.packages.lesson_html import Parts, render_lesson
from lms.courses.packages.package import Lesson, Package
from lms.courses.packages.problem import Problem, Severity
from lms.courses.packages.tree import Tree
from lms.courses.packages.weight import MOST, kilobytes
from lms.courses.reviewing.own_work import own_work_problems
from lms.courses.studio import DraftCard
from lms.courses.writing import files, presence
from lms.courses.writing.lessons import DraftLesson, lessons_of
from lms.courses.writing.merging import Merged, Part, merge
from lms.courses.writing.models import DraftFile, DraftSave
from lms.courses.writing.saving import Base, begun_from, cleaned
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.text import msg
from lms.organisations import queries as organisations
from lms.people import queries as people

CHOICES = ("mine", "theirs", "both")


@dataclass(frozen=True, slots=True)
class Seen:
    """A lesson in one language as it would be shown."""

    package: Package
    lesson: Lesson
    language: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class Room:
    """A draft as it is written."""

    draft: DraftCard
    lessons: Sequence[DraftLesson]
    report: Report
    others: Sequence[tuple[UUID, str]]  # texts besides lessons, by id and path
    hidden: Mapping[str, int]  # lines of lessons' files that their editor does not show

    def problems_of(self, *paths: str) -> list[Problem]:
        """What is wrong in these files."""
        return [one for one in self.report.problems if one.file in paths]

    @property
    def errors(self) -> list[Problem]:
        """What keeps it from being handed in."""
        return [one for one in self.report.problems if one.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Problem]:
        """What keeps it from being approved, unless the reviewer writes why it may stay."""
        return [one for one in self.report.problems if one.severity is Severity.WARNING]

    def to_mend(self, *paths: str) -> int:
        """How many problems there are in these files."""
        return len([one for one in self.problems_of(*paths) if one.severity is not Severity.HINT])

    @property
    def most_kb(self) -> int:
        """Kilobytes that a whole lesson may weigh."""
        return kilobytes(MOST)

    def weight_of(self, lesson: DraftLesson) -> int:
        """Kilobytes of a whole lesson, in the language in which it weighs most; 0 while it cannot be drawn."""
        found = [self.report.weights.get(text.path) for text in lesson.texts.values()]
        return max((one.whole_kb for one in found if one), default=0)

    def to_mend_in(self, lesson: DraftLesson) -> int:
        """How many there are in a lesson, all languages together."""
        return self.to_mend(*(text.path for text in lesson.texts.values()))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A text as somebody may go on writing it; `others`: who else is at it now; `waiting`: her own text that met with
    another's."""

    file_id: UUID
    path: str
    text: str
    base: Base
    changed_at: datetime
    changed_by: str
    others: tuple[str, ...]
    waiting: bool

    @property
    def body(self) -> str:
        """Without the front matter, where it has one."""
        return body_of(self.text)

    @property
    def is_lesson(self) -> bool:
        return self.path.startswith("lessons/") and front.split(self.text) is not None


@dataclass(frozen=True, slots=True)
class Disputed:
    """Two texts that meet: hers, and the file as others left it."""

    sheet: Sheet
    merged: Merged
    by: str

    @property
    def places(self) -> list[tuple[int, Part]]:
        """Where they meet, numbered from 1."""
        return list(enumerate((part for part in self.merged.parts if part.disputed), 1))

    def settled(self, chosen: Sequence[str]) -> str:
        """The whole text with `mine`, `theirs` or `both` at each place. Raises Invalid where nothing is chosen."""
        if [one for one in chosen if one not in CHOICES] or len(chosen) != len(self.places):
            raise Invalid(msg("每一处都要选一样：您写的、别人写的，或者两样都要。"))
        left = iter(chosen)
        return "".join(_settled(part, next(left)) if part.disputed else part.mine for part in self.merged.parts)


def _settled(part: Part, choice: str) -> str:
    theirs = part.theirs or ""
    return {"mine": part.mine, "theirs": theirs, "both": theirs + part.mine}[choice]


def room(actor: Actor, draft_id: UUID) -> Room:
    """A draft of her centres with what is in it; NotFound otherwise."""
    draft = studio.draft(actor, draft_id)
    tree = files.tree_of(draft_id)
    report = files.checked(tree)
    problems = (*_of_this_house(report, draft_id), *report.problems)
    rows = session().execute(
        select(DraftFile.id, DraftFile.path)
        .where(
            DraftFile.draft_id == draft_id, DraftFile.text.is_not(None), DraftFile.path.not_like("lessons/%"),
            DraftFile.path.not_like("media/%"),
        )
        .order_by(DraftFile.path != COURSE_FILE, DraftFile.path)
    )
    return Room(
        draft, lessons_of(draft_id), replace(report, problems=problems), [(row.id, row.path) for row in rows],
        _hidden(tree),
    )  # fmt: skip


def _of_this_house(report: Report, draft_id: UUID) -> list[Problem]:
    """What only this house can know of a package that is right in itself; handing in asks the same."""
    package = report.package
    if package is None:
        return []
    centre = organisations.by_code(package.centre)
    found = [*publishing.house_problems(package, centre), *own_work_problems(package, files.writers_of(draft_id))]
    return [*found, *keeping.missing(package, centre.path)] if centre is not None else found


def _hidden(tree: Tree) -> dict[str, int]:
    """Lines of each lesson's file that its editor does not show: the front matter with its fences."""
    found = {}
    for path, data in tree.items():
        parts = front.split(data.decode(errors="replace")) if FILE.fullmatch(path) else None
        if parts is not None:
            found[path] = parts[0].count("\n") + 2
    return found


def sheet(actor: Actor, draft_id: UUID, file_id: UUID) -> Sheet:
    """A text of a draft of her centres, with who else is at it now; NotFound otherwise."""
    studio.draft(actor, draft_id)
    return _sheet(actor, draft_id, file_id)


def _sheet(actor: Actor, draft_id: UUID, file_id: UUID) -> Sheet:
    row = session().scalar(
        select(DraftFile).where(
            DraftFile.id == file_id, DraftFile.draft_id == draft_id, DraftFile.text.is_not(None)
        )
    )
    row = require_found(row)
    here = presence.others(actor, draft_id, presence.place_of(row.path))
    names = people.cards({*here, *({row.changed_by} if row.changed_by else ())})
    return Sheet(
        file_id, row.path, row.text or "", Base(row.save_id or row.id, whole=True), row.changed_at,
        names[row.changed_by].name if row.changed_by in names else "",
        tuple(names[one].name for one in here if one in names),
        _waits(file_id, actor.person_id) is not None,
    )  # fmt: skip


def text_after(here: Sheet, known: Base | None) -> str | None:
    """The text as it stands, if it is another one than who began from `known` has; None where there is no news."""
    if known is None or known == here.base:
        return None
    return here.text if begun_from(here.file_id, known) != here.text else None


def _waits(file_id: UUID, person_id: UUID | None) -> DraftSave | None:
    """Her newest save of a file, if it is not in it."""
    newest = session().scalar(
        select(DraftSave)
        .where(DraftSave.file_id == file_id, DraftSave.person_id == person_id, DraftSave.id != file_id)
        .order_by(DraftSave.at.desc(), DraftSave.id.desc())
        .limit(1)
    )
    return newest if newest is not None and not newest.merged else None


def disputed(actor: Actor, draft_id: UUID, file_id: UUID) -> Disputed | None:
    """Her text and the file's, place by place; None when nothing of hers waits."""
    here = sheet(actor, draft_id, file_id)
    waiting = _waits(file_id, actor.person_id)
    if waiting is None:
        return None
    begun = begun_from(file_id, Base.parse(waiting.base)) or ""
    return Disputed(here, merge(begun, waiting.text, here.text), here.changed_by)


def body_of(text: str) -> str:
    """A lesson without its front matter; any other text as it is."""
    parts = front.split(text)
    return parts[1] if parts else text


def package_of(draft_id: UUID, instead: dict[UUID, str] | None = None) -> Package | None:
    """What a draft is as a package by now, however unfinished; None where course.toml cannot be read."""
    try:
        return load(files.tree_of(draft_id, instead))
    except ValueError:
        return None


def seen(actor: Actor, draft_id: UUID, file_id: UUID, body: str) -> Seen | None:
    """A lesson with another body as learners would see it, kept nowhere; None where it cannot be drawn yet."""
    here = sheet(actor, draft_id, file_id)
    match, parts = FILE.fullmatch(here.path), front.split(here.text)
    if match is None or parts is None:
        return None
    package = package_of(draft_id, {file_id: front.joined(parts[0], cleaned(body))})
    lesson = next((one for one in package.lessons if one.slug == match["slug"]), None) if package else None
    language = match["language"]
    if package is None or lesson is None or language not in lesson.texts:
        return None
    sizes = keeping.sizes_of({one.sha for one in package.media})
    return Seen(package, lesson, language, render_lesson(package, lesson, language, sizes))
