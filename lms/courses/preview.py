"""A draft's or an edition's lesson as a learner will see it; nothing is kept of who looked."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lms.courses import checks
from lms.courses.editions import EditionData, Kept, LessonData
from lms.courses.media import keeping
from lms.courses.packages.lesson_html import Parts, render_card, render_lesson
from lms.courses.packages.package import Package, Text
from lms.courses.studio import DraftCard
from lms.kernel.access import require_found

_rendered: Kept[tuple[str, str, str], Parts] = Kept(60)


@dataclass(frozen=True)
class PreviewEdition:
    """As much of an edition as the lesson page asks for."""

    titles: Text
    course_slug: str
    lessons: tuple[LessonData, ...]


@dataclass(frozen=True)
class Looking:
    """Where somebody looks at lessons (or the pocket card) who does not learn: the page she came from, the addresses
    of the lessons, and the column of the bar she is in."""

    home: str
    base: str = ""
    draft: bool = False
    column: str = "studio"


@dataclass(frozen=True)
class PreviewPage:
    """The lesson page of a draft or of an edition."""

    edition: PreviewEdition
    lesson: LessonData
    parts: Parts
    done: frozenset[UUID] = frozenset()

    @property
    def next_lesson(self) -> LessonData | None:
        at = self.lesson.position
        return self.edition.lessons[at] if at < len(self.edition.lessons) else None

    @property
    def previous_lesson(self) -> LessonData | None:
        at = self.lesson.position
        return self.edition.lessons[at - 2] if at > 1 else None


def preview_lesson(draft: DraftCard, slug: str, language: str) -> PreviewPage:
    """The lesson of that name in one language; NotFound if the draft has none."""
    package = draft.package
    lessons = _lessons(draft, package)
    lesson = require_found(next((one for one in lessons if one.slug == slug), None))
    source = package.lessons[lesson.position - 1]
    sizes = keeping.sizes_of({one.sha for one in package.media})
    parts = _rendered.get(
        (f"{draft.package_hash}:{len(sizes)}", slug, language),
        lambda _: render_lesson(package, source, language, sizes),
    )
    return PreviewPage(PreviewEdition(draft.titles, draft.slug, lessons), lesson, parts)


def edition_lesson(edition: EditionData, slug: str, language: str) -> PreviewPage:
    """The lesson of that name of an edition in one language; NotFound if it has none."""
    lesson = edition.lesson(slug)
    about = PreviewEdition(edition.titles, edition.course_slug, edition.lessons)
    return PreviewPage(about, lesson, lesson.parts[language])


def card_context(shown: DraftCard | EditionData, language: str, looking: Looking) -> dict[str, object]:
    """What the template of the pocket card needs for somebody who only looks; NotFound if there is none."""
    card = require_found(shown.package.card)
    drawn, sources = render_card(shown.package, card, language)
    return {"edition": shown, "card": card, "drawn": drawn, "sources": sources, "preview": looking}


def lesson_context(
    page: PreviewPage, shown: DraftCard | EditionData, asked: Mapping[str, list[str]], language: str, looking: Looking
) -> dict[str, object]:
    """What the lesson's template needs for somebody who only looks. Its forms are GET: an answer (`asked`: the fields
    of the address) is judged from the address and kept nowhere."""
    tried = checks.tried(shown.package, "".join(asked.get("code", [])[:1]), asked)
    return {
        "page": page,
        "edition": page.edition,
        "lesson": page.lesson,
        "lesson_parts": page.parts,
        "checks": checks.views(shown.package_hash, shown.package, page.parts[1::2], tried, language),
        "preview": looking,
    }


def _lessons(draft: DraftCard, package: Package) -> tuple[LessonData, ...]:
    return tuple(LessonData(draft.id, one.position, one.slug, one.titles, one.minutes, {}) for one in package.lessons)
