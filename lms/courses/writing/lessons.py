"""The lessons of a draft: what is said of each in both languages at once, and their order."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from lms.courses.packages import front
from lms.courses.packages.course_file import NAME
from lms.courses.packages.lesson_files import FILE, MAX_MINUTES, RESERVED
from lms.courses.packages.package import LANGUAGES
from lms.courses.writing.item_tables import digest
from lms.courses.writing.models import DraftFile
from lms.courses.writing.saving import open_draft, rewrite
from lms.courses.writing.toml_text import list_of, text_of
from lms.kernel import audit, clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc

MOST_LESSONS = 99
NEW_MINUTES = 5


@dataclass(frozen=True, slots=True)
class LessonText:
    """A lesson in one language: its file, and the title that its front matter gives."""

    file_id: UUID
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class DraftLesson:
    """A lesson of a draft; languages that are missing have no text."""

    number: int
    slug: str
    minutes: int
    objectives: tuple[str, ...]
    sources: tuple[str, ...]
    texts: Mapping[str, LessonText]

    @property
    def titles(self) -> dict[str, str]:
        return {language: text.title for language, text in self.texts.items()}

    @property
    def digest(self) -> str:
        """Short name of what is said of it besides its text, as that stands."""
        said = {"minutes": self.minutes, "objectives": self.objectives, "sources": self.sources}
        return digest({"titles": self.titles, **said})

    @property
    def missing(self) -> tuple[str, ...]:
        """The languages in which nothing is written yet, not even a title."""
        return tuple(one for one in LANGUAGES if one not in self.texts or not self.texts[one].title)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of a lesson, the same in every language but for the title."""

    titles: Mapping[str, str]
    minutes: int
    objectives: Sequence[str]
    sources: Sequence[str]


class FactsChangedError(Conflict):
    """Somebody has changed what is said of a lesson since a page of it was opened; `lesson` is how it stands."""

    def __init__(self, lesson: DraftLesson) -> None:
        super().__init__()
        self.lesson = lesson


def lessons_of(draft_id: UUID) -> list[DraftLesson]:
    """The lessons of a draft in order."""
    rows = session().execute(
        select(DraftFile.id, DraftFile.path, DraftFile.text)
        .where(DraftFile.draft_id == draft_id, DraftFile.path.like("lessons/%"), DraftFile.text.is_not(None))
        .order_by(DraftFile.path)
    )
    groups: dict[tuple[int, str], dict[str, tuple[LessonText, dict[str, Any]]]] = {}
    for row in rows:
        match = FILE.fullmatch(row.path)
        if match is None:
            continue
        said = said_of(row.text)
        text = LessonText(row.id, row.path, str(said.get("title", "")))
        groups.setdefault((int(match["position"]), match["slug"]), {})[match["language"]] = (text, said)
    return [_lesson(number, slug, found) for (number, slug), found in sorted(groups.items())]


def _lesson(number: int, slug: str, found: Mapping[str, tuple[LessonText, dict[str, Any]]]) -> DraftLesson:
    first = found[next(language for language in LANGUAGES if language in found)][1]
    minutes = first.get("minutes", 0)
    return DraftLesson(
        number, slug, minutes if type(minutes) is int else 0, _names(first, "objectives"), _names(first, "sources"),
        {language: found[language][0] for language in LANGUAGES if language in found},
    )  # fmt: skip


def _names(said: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = said.get(key, [])
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def said_of(text: str) -> dict[str, Any]:
    """The front matter of a lesson; nothing where it cannot be read."""
    parts = front.split(text)
    try:
        return tomllib.loads(parts[0]) if parts else {}
    except (ValueError, RecursionError):
        return {}


def add_lesson(actor: Actor, draft_id: UUID, *, title: str, title_en: str = "") -> str:
    """Put an empty lesson behind the others, in both languages; its name in addresses.

    Raises NotFound, NotAllowed, Conflict, Invalid.
    """
    open_draft(actor, draft_id)
    titles = {"zh": _title(title), "en": nfc(title_en)}
    if not titles["zh"]:
        raise Invalid(fields={"title": msg("请填写这一项。")})
    known = lessons_of(draft_id)
    if len(known) >= MOST_LESSONS:
        raise Conflict(msg("一门课最多 {most} 课。", most=MOST_LESSONS))
    number = max((one.number for one in known), default=0) + 1
    slug = free_name(name_for_addresses(title_en) or f"lesson-{number}", {one.slug for one in known})
    person_id = require_found(actor.person_id)
    for language in LANGUAGES:
        text = front.joined(_front(Facts(titles, NEW_MINUTES, (), ()), language), "")
        session().execute(
            insert(DraftFile).values(
                id=new_id(), draft_id=draft_id, path=_path(number, slug, language), text=text,
                size=len(text.encode()), changed_at=clock.now(), changed_by=person_id,
            )
        )  # fmt: skip
    audit.record(actor, "draft.lesson_added", "draft", draft_id, lesson=slug)
    return slug


def set_facts(actor: Actor, draft_id: UUID, slug: str, facts: Facts, *, seen: str) -> None:
    """Say of a lesson what is the same in every language, and its titles; the texts stay as they are. `seen`: the
    digest of the lesson as the page showed it; said twice it changes nothing.

    Raises NotFound, NotAllowed, Conflict, FactsChangedError, Invalid.
    """
    open_draft(actor, draft_id)
    files = [text.file_id for text in _found(draft_id, slug).texts.values()]
    # Whoever saves the same files waits, so that what is compared here is what is written over.
    session().execute(select(DraftFile.id).where(DraftFile.id.in_(files)).order_by(DraftFile.id).with_for_update())
    lesson = _found(draft_id, slug)
    if lesson.digest != seen and not _says(lesson, facts):
        raise FactsChangedError(lesson)
    if not 1 <= facts.minutes <= MAX_MINUTES:
        raise Invalid(fields={"minutes": msg("一课 1 到 {most} 分钟，更长的请分成两课。", most=MAX_MINUTES)})
    for language, text in lesson.texts.items():
        rewrite(actor, draft_id, text.file_id, partial(_said_anew, facts, language))


def _says(lesson: DraftLesson, facts: Facts) -> bool:
    titles = {language: _title(facts.titles.get(language, "")) for language in lesson.texts}
    said = titles, facts.minutes, (*facts.objectives,), (*facts.sources,)
    return said == (lesson.titles, lesson.minutes, lesson.objectives, lesson.sources)


def _said_anew(facts: Facts, language: str, whole: str) -> str:
    parts = front.split(whole)
    return front.joined(_front(facts, language), parts[1] if parts else whole)


def move_lesson(actor: Actor, draft_id: UUID, slug: str, to: int | None) -> None:
    """Make a lesson the `to`-th (from 1); the others close up. Raises NotFound, NotAllowed, Conflict, Invalid."""
    open_draft(actor, draft_id)
    if to is None:
        raise Invalid(msg("请填整数。"))
    known = lessons_of(draft_id)
    moved = _found(draft_id, slug)
    others = [one for one in known if one.slug != slug]
    _number([*others[: max(to - 1, 0)], moved, *others[max(to - 1, 0) :]])


def remove_lesson(actor: Actor, draft_id: UUID, slug: str, *, sure: bool) -> None:
    """Take a lesson out of a draft with everything that was saved of it; the others close up.

    Raises NotFound, NotAllowed, Conflict, Invalid unless she is sure.
    """
    open_draft(actor, draft_id)
    if not sure:
        raise Invalid(msg("要删掉这一课，请先勾选“确定删掉”。"))
    lesson = _found(draft_id, slug)
    session().execute(delete(DraftFile).where(DraftFile.id.in_([text.file_id for text in lesson.texts.values()])))
    _number(lessons_of(draft_id))
    audit.record(actor, "draft.lesson_removed", "draft", draft_id, lesson=slug, titles=str(lesson.titles))


def _number(lessons: Sequence[DraftLesson]) -> None:
    """Number the files of lessons as they stand here: aside first, for one may have the other's number."""
    moved = [
        (text.file_id, _path(number, lesson.slug, language))
        for number, lesson in enumerate(lessons, 1)
        for language, text in lesson.texts.items()
        if lesson.number != number
    ]
    for aside in (True, False):
        for file_id, path in moved:
            session().execute(
                update(DraftFile)
                .where(DraftFile.id == file_id)
                .values(path=f"aside/{file_id}" if aside else path)
                .execution_options(synchronize_session=False)
            )


def _found(draft_id: UUID, slug: str) -> DraftLesson:
    return require_found(next((one for one in lessons_of(draft_id) if one.slug == slug), None))


def _front(facts: Facts, language: str) -> str:
    return (
        f"title = {text_of(_title(facts.titles.get(language, '')))}\n"
        f"minutes = {facts.minutes}\n"
        f"objectives = {list_of(facts.objectives)}\n"
        f"sources = {list_of(facts.sources)}\n"
    )


def _path(number: int, slug: str, language: str) -> str:
    return f"lessons/{number:02d}-{slug}.{language}.md"


def _title(typed: str) -> str:
    return " ".join(nfc(typed).split())[:120]


def name_for_addresses(title: str) -> str:
    """A name for addresses from English words; nothing where there are none."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    return name if re.fullmatch(NAME, name) else ""


def free_name(name: str, taken: set[str]) -> str:
    """The name, or the first of its kind that is not taken."""
    used = taken | set(RESERVED)
    number, found = 2, name
    while found in used:
        found, number = f"{name}-{number}", number + 1
    return found
