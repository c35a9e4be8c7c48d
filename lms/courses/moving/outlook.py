"""What a draft will do to its course once it is published: for new starts, and for whoever is inside if she is moved.

The draft is made into the edition that it would become, with lessons as publishing renders them; the preview of a move
to it is then the one that the page of moves shows afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import func, select

from lms.courses import editions
from lms.courses.editions import EditionData, Kept, LessonData
from lms.courses.media import keeping
from lms.courses.models import Course, Draft, Edition, Enrolment
from lms.courses.moving import crediting, differing, previewing
from lms.courses.moving.difference import Difference, difference
from lms.courses.moving.previewing import Preview
from lms.courses.packages.lesson_html import Parts, render_lesson
from lms.courses.packages.package import Package
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.quantities import to_milli

GONE_OUT = ("published", "withdrawn")
"""States of drafts that nobody publishes any more."""

_rendered: Kept[tuple[str, int], Mapping[str, Mapping[str, Parts]]] = Kept(12)


@dataclass(frozen=True)
class Outlook:
    """`current` is the edition that new starts get now, `target` the draft as an edition. `inside`: a preview for each
    edition in which somebody learns, the newest first; `finished`: enrolments at their end in any edition, for whom
    nothing changes."""

    current: EditionData
    target: EditionData
    inside: Sequence[Preview]
    finished: int
    credit_lost: bool

    @property
    def people(self) -> int:
        """How many are inside."""
        return sum(one.inside for one in self.inside)

    def of(self, number: int) -> Preview | None:
        """The preview from the edition of that number; without one, or with nobody in it, the first there is."""
        return next((one for one in self.inside if one.source.number == number), next(iter(self.inside), None))


@dataclass(frozen=True)
class Ahead:
    """A draft beside the edition it follows. `before` is None for a new course, `difference` while the draft cannot be
    read, `outlook` where publishing changes nothing for anybody."""

    before: EditionData | None
    difference: Difference | None
    outlook: Outlook | None


def of_draft(draft_id: UUID, equal: Sequence[str] = ()) -> Ahead:
    """What publishing a draft would change. Who may see the draft the caller has judged; NotFound if there is none."""
    draft = differing.draft_row(draft_id)
    before, package = differing.sides(draft)
    changed = difference(before.package, package) if before and package else None
    return Ahead(before, changed, foreseen(draft, before, package, equal))


def foreseen(
    draft: Draft, current: EditionData | None, package: Package | None, equal: Sequence[str]
) -> Outlook | None:
    """What publishing `package`, the draft's, after `current` does; None where it changes nothing for anybody: a new
    course, a draft that cannot be read or has no lessons in all its languages, the same content, or one that is
    published already. Six statements, however many people and editions there are."""
    if current is None or package is None or draft.state in GONE_OUT or package.content_hash == current.content_hash:
        return None
    whole = [set(package.languages) <= set(one.texts) for one in package.lessons]
    if not whole or not all(whole):
        return None
    counts = _counts(draft)
    if not counts:
        return None
    target = _target(draft.id, current, package, max(one.number for one in counts) + 1)
    sources = [editions.edition(one.id) for one in counts if one.inside]
    return Outlook(
        current=current,
        target=target,
        inside=previewing.previews(sources, target, equal),
        finished=sum(one.finished for one in counts),
        credit_lost=crediting.lost(current, target),
    )


@dataclass(frozen=True, slots=True)
class _Count:
    id: UUID
    number: int
    inside: int
    finished: int


def _counts(draft: Draft) -> list[_Count]:
    """The editions of the draft's course, the newest first, with how many are inside and how many have finished."""
    rows = session().execute(
        select(Edition.id, Edition.number, func.count(Enrolment.id), func.count(Enrolment.finished_at))
        .join(Course, Course.id == Edition.course_id)
        .outerjoin(Enrolment, Enrolment.edition_id == Edition.id)
        # The centre's own course: a code that another centre took first tells nothing of its learners.
        .where(Course.code == draft.code, Course.centre_path == draft.centre_path)
        .group_by(Edition.id, Edition.number)
        .order_by(Edition.number.desc())
    )
    return [_Count(edition_id, number, all_ - done, done) for edition_id, number, all_, done in rows]


def _target(draft_id: UUID, current: EditionData, package: Package, number: int) -> EditionData:
    """The draft as the edition it would become today; its ids are of this draft and stand in no table."""
    sizes = keeping.sizes_of({one.sha for one in package.media})
    parts = _rendered.get(
        (package.content_hash, len(sizes)),
        lambda _: {
            lesson.slug: {language: render_lesson(package, lesson, language, sizes) for language in package.languages}
            for lesson in package.lessons
        },
    )
    lessons = tuple(
        LessonData(uuid5(draft_id, one.slug), one.position, one.slug, one.titles, one.minutes, parts[one.slug])
        for one in package.lessons
    )
    target = EditionData(
        id=draft_id,
        course_id=current.course_id,
        course_code=current.course_code,
        course_slug=current.course_slug,
        number=number,
        package_hash="",
        content_hash=package.content_hash,
        titles=package.title,
        summaries=package.summary,
        subject=package.subject,
        hours_milli=to_milli(package.hours),
        minutes=sum(one.minutes for one in lessons),
        has_assessment=package.assessment is not None,
        reviewer=package.reviewer,
        review_by=package.review_by,
        published_at=clock.now(),
        reviewed_at=None,
        lessons=lessons,
        by_slug={one.slug: one for one in lessons},
    )
    # What is written here now may lie in no stored package yet; this is where cached_property looks first.
    vars(target)["package"] = package
    return target
