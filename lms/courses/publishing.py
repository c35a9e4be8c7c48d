"""A checked package becomes an edition. Nobody judges rights here: commands did."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from lms.courses.events import EditionPublished
from lms.courses.media import keeping
from lms.courses.models import Course, CourseTerm, Edition, EditionMedium, Lesson
from lms.courses.packages.lesson_html import render_lesson
from lms.courses.packages.package import Package
from lms.courses.packages.problem import Problem
from lms.courses.packages.tree import Tree, pack
from lms.courses.rules import terms
from lms.kernel import audit, clock, files
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.kernel.quantities import to_milli
from lms.kernel.text import msg
from lms.organisations.queries import OrganisationCard

COURSE_FILE = "course.toml"


def house_problems(package: Package, centre: OrganisationCard | None) -> list[Problem]:
    """What only this house can know: whose code and address these are, which courses there are."""
    found: list[Problem] = []
    if centre is None:
        message = msg("没有这个培训中心，或者您不在那里工作：{code}", code=package.centre)
        return [Problem(COURSE_FILE, 0, message)]
    taken = session().execute(
        select(Course.code, Course.slug, Course.centre_id).where(
            (Course.code == package.code) | (Course.slug == package.slug)
        )
    )
    for row in taken:
        if row.code == package.code and row.centre_id != centre.id:
            found.append(Problem(COURSE_FILE, 0, msg("这个课程编号已有别的中心在用：{code}", code=row.code)))
        elif row.code == package.code and row.slug != package.slug:
            message = msg("这门课的 slug 是 {slug}，出版以后不能改", slug=row.slug)
            found.append(Problem(COURSE_FILE, 0, message))
        elif row.code != package.code:
            message = msg("这个 slug 已有别的课程在用：{slug}", slug=row.slug)
            found.append(Problem(COURSE_FILE, 0, message))
    known = set(
        session().scalars(
            select(Course.code).where(Course.code.in_(package.prerequisites), Course.current_edition_id.is_not(None))
        )
    )
    for code in package.prerequisites:
        if code not in known:
            found.append(Problem(COURSE_FILE, 0, msg("没有这门先修课：{code}", code=code)))
    return found


def publish(
    actor: Actor,
    tree: Tree,
    package: Package,
    centre: OrganisationCard,
    *,
    reviewed_by: UUID | None = None,
    reviewed_at: datetime | None = None,
) -> tuple[UUID, bool]:
    """Freeze a package as the newest edition of its course: (edition's id, whether it is new).

    The same content as the current edition makes no edition. Raises Conflict when the code or the
    address of the course belongs to another.
    """
    course_id, current_id = _locked_course(package, centre)
    current = session().scalar(select(Edition.content_hash).where(Edition.id == current_id)) if current_id else None
    if current_id is not None and current == package.content_hash:
        return current_id, False
    edition_id = new_id()
    now = clock.now()
    newest = session().scalar(select(func.max(Edition.number)).where(Edition.course_id == course_id))
    number = (newest or 0) + 1
    _write_edition(actor, edition_id, course_id, number, tree, package, now, (reviewed_by, reviewed_at))
    _write_lessons(edition_id, package)
    _write_media(edition_id, tree, package)
    write_terms(course_id, package)
    session().execute(
        update(Course).where(Course.id == course_id).values(current_edition_id=edition_id, published_at=now)
    )
    audit.record(actor, "edition.published", "course", course_id, edition=str(edition_id), number=number)
    announce(EditionPublished(edition_id, course_id))
    return edition_id, True


def _locked_course(package: Package, centre: OrganisationCard) -> tuple[UUID, UUID | None]:
    """The course's row, made when it is new, locked until the end of the unit of work."""
    values = {
        "id": new_id(),
        "code": package.code,
        "slug": package.slug,
        "centre_id": centre.id,
        "centre_path": centre.path,
    }
    taken = session().scalar(select(Course.code).where(Course.slug == package.slug))
    if taken is not None and taken != package.code:
        raise Conflict(msg("这个 slug 已有别的课程在用：{slug}", slug=package.slug))
    insert_once(Course, values, ["code"])
    row = (
        session()
        .execute(
            select(Course.id, Course.slug, Course.centre_id, Course.current_edition_id)
            .where(Course.code == package.code)
            .with_for_update()
        )
        .one()
    )
    if row.centre_id != centre.id:
        raise Conflict(msg("这个课程编号已有别的中心在用：{code}", code=package.code))
    if row.slug != package.slug:
        raise Conflict(msg("这门课的 slug 是 {slug}，出版以后不能改", slug=row.slug))
    return row.id, row.current_edition_id


def _write_edition(
    actor: Actor,
    edition_id: UUID,
    course_id: UUID,
    number: int,
    tree: Tree,
    package: Package,
    now: datetime,
    reviewed: tuple[UUID | None, datetime | None],
) -> None:
    session().execute(
        insert(Edition).values(
            id=edition_id,
            course_id=course_id,
            number=number,
            content_hash=package.content_hash,
            package_hash=files.store(pack(tree)),
            titles=dict(package.title),
            summaries=dict(package.summary),
            subject=package.subject,
            hours_milli=to_milli(package.hours),
            lesson_count=len(package.lessons),
            minutes=sum(lesson.minutes for lesson in package.lessons),
            has_assessment=package.assessment is not None,
            knowledge_items=len(package.knowledge),
            reviewer=package.reviewer,
            review_by=package.review_by,
            published_at=now,
            published_by=actor.person_id,
            reviewed_by=reviewed[0],
            reviewed_at=reviewed[1],
            requires=list(package.prerequisites),
        )
    )


def _write_lessons(edition_id: UUID, package: Package) -> None:
    sizes = keeping.sizes_of({one.sha for one in package.media})
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "edition_id": edition_id,
            "position": lesson.position,
            "slug": lesson.slug,
            "titles": dict(lesson.titles),
            "minutes": lesson.minutes,
            "html": {
                language: list(render_lesson(package, lesson, language, sizes)) for language in package.languages
            },
        }
        for lesson in package.lessons
    ]
    session().execute(insert(Lesson), rows)


def _write_media(edition_id: UUID, tree: Tree, package: Package) -> None:
    for path, data in tree.items():
        if path.startswith("media/") and not path.endswith(".toml"):
            files.store(data)
    keeping.know(keeping.pictures_of(package.media))
    rows = [
        {
            "edition_id": edition_id, "name": name, "sha": one.sha, "mime": one.mime, "width": one.width,
            "height": one.height,
        }
        for name, one in keeping.files_of(package.media, package.recordings)
    ]  # fmt: skip
    if rows:
        session().execute(insert(EditionMedium), rows)


def write_terms(course_id: UUID, package: Package) -> None:
    """Let a course be found by what this package says."""
    texts = [
        package.code,
        *package.title.values(),
        *package.summary.values(),
        *(text for one in package.objectives for text in one.text.values()),
        *(text for one in package.topics for text in one.title.values()),
        *(text for one in package.lessons for text in one.titles.values()),
    ]
    session().execute(delete(CourseTerm).where(CourseTerm.course_id == course_id))
    rows = [{"term": term, "course_id": course_id} for term in sorted(terms(texts))]
    session().execute(insert(CourseTerm), rows)
