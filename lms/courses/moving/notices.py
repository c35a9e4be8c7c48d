"""What is clinically new, told to those who were certified on an earlier edition, until they have read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, insert, literal, select
from sqlalchemy.orm import aliased

from lms.courses.models import Course, Edition, Enrolment
from lms.courses.moving.models import ClinicalNotice, NoticeRead, RolledBack
from lms.courses.moving.scene import CourseInUse, edition_numbered, writers_course
from lms.courses.packages.package import LANGUAGES
from lms.kernel import audit, clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Invalid
from lms.kernel.text import Message, msg, nfc

MOST_TEXT = 400


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as somebody reads it."""

    edition_id: UUID
    course_slug: str
    titles: Mapping[str, str]
    number: int
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as the centre sees it: for how many it is, and how many of them have read it."""

    number: int
    made_at: datetime
    texts: Mapping[str, str]
    people: int
    read: int


def mark(actor: Actor, slug: str, number: int, texts: Mapping[str, str]) -> None:
    """Say what is clinically new in an edition, in every language. A text that says something else is read anew.
    Raises NotFound, NotAllowed, Invalid (a language is missing, too long)."""
    course = writers_course(actor, slug)
    edition = edition_numbered(course.id, number)
    said = {language: nfc(texts.get(language, "")).strip() for language in LANGUAGES}
    wrong: dict[str, Message] = {}
    for language, text in said.items():
        if not text:
            wrong[f"text_{language}"] = msg("请填写这一项。")
        elif len(text) > MOST_TEXT:
            wrong[f"text_{language}"] = msg("最多 {most} 个字。", most=MOST_TEXT)
    if wrong:
        raise Invalid(fields=wrong)
    kept = session().scalar(select(ClinicalNotice.texts).where(ClinicalNotice.edition_id == edition.id))
    if kept == said:
        return
    _forget(edition.id)
    session().execute(
        insert(ClinicalNotice).values(
            edition_id=edition.id, course_id=course.id, texts=said, made_by=actor.person_id, made_at=clock.now()
        )
    )
    audit.record(actor, "edition.clinical_notice", "course", course.id, number=number)


def unmark(actor: Actor, slug: str, number: int) -> None:
    """Nobody is told any more. Raises NotFound, NotAllowed."""
    course = writers_course(actor, slug)
    if _forget(edition_numbered(course.id, number).id):
        audit.record(actor, "edition.clinical_notice_withdrawn", "course", course.id, number=number)


def _forget(edition_id: UUID) -> bool:
    session().execute(delete(NoticeRead).where(NoticeRead.edition_id == edition_id))
    gone = session().execute(delete(ClinicalNotice).where(ClinicalNotice.edition_id == edition_id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


_theirs, _newer = aliased(Edition), aliased(Edition)


def _concerns(person: Any) -> ColumnElement[bool]:
    """Whether somebody was certified on an earlier edition than the notice's and on none since. Within a statement
    over ClinicalNotice and its Edition."""
    finished = (
        select(func.max(_theirs.number))
        .select_from(Enrolment)
        .join(_theirs, _theirs.id == Enrolment.edition_id)
        .where(
            Enrolment.person_id == person,
            Enrolment.course_id == ClinicalNotice.course_id,
            Enrolment.finished_at.is_not(None),
        )
        .correlate(ClinicalNotice)
        .scalar_subquery()
    )
    return finished < Edition.number


_MINE = (
    select(ClinicalNotice.edition_id.label("id"), Course.slug, Edition.titles, Edition.number, ClinicalNotice.texts)
    .join(Edition, Edition.id == ClinicalNotice.edition_id)
    .join(Course, Course.id == ClinicalNotice.course_id)
    .outerjoin(RolledBack, RolledBack.edition_id == ClinicalNotice.edition_id)
    .outerjoin(
        NoticeRead,
        and_(NoticeRead.edition_id == ClinicalNotice.edition_id, NoticeRead.person_id == bindparam("person_id")),
    )
    .where(RolledBack.edition_id.is_(None), NoticeRead.person_id.is_(None), _concerns(bindparam("person_id")))
    .order_by(ClinicalNotice.made_at, Edition.number)
)


def unread_rows(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """SQL: notices that concern somebody and that she has not read, to be asked together with other news: what, id,
    slug, titles, number, texts, at."""
    mine = _MINE.order_by(None).add_columns(ClinicalNotice.made_at).params(person_id=person_id).subquery("mine").c
    return select(
        literal("notice").label("what"), mine.id.label("id"), mine.slug, mine.titles, mine.number, mine.texts,
        mine.made_at.label("at"),
    )  # fmt: skip


def read(actor: Actor, edition_id: UUID) -> None:
    """She has read it. A second press changes nothing. Raises NotFound for a notice that does not concern her."""
    person_id = require_found(actor.person_id)
    concerns = session().scalar(
        select(ClinicalNotice.edition_id)
        .join(Edition, Edition.id == ClinicalNotice.edition_id)
        .where(ClinicalNotice.edition_id == edition_id, _concerns(person_id))
    )
    values = {"edition_id": require_found(concerns), "person_id": person_id, "at": clock.now()}
    insert_once(NoticeRead, values, ["edition_id", "person_id"])


def told(course: CourseInUse) -> Sequence[Told]:
    """The notices of a course, the newest edition first, with how many they are for and how many have read them. Two
    statements a notice at most; there are few."""
    rows = session().execute(
        select(ClinicalNotice.edition_id, Edition.number, ClinicalNotice.made_at, ClinicalNotice.texts)
        .join(Edition, Edition.id == ClinicalNotice.edition_id)
        .where(ClinicalNotice.course_id == course.id)
        .order_by(Edition.number.desc())
    )
    found = []
    for row in rows.all():
        last = (
            select(Enrolment.person_id)
            .join(Edition, Edition.id == Enrolment.edition_id)
            .where(Enrolment.course_id == course.id, Enrolment.finished_at.is_not(None))
            .group_by(Enrolment.person_id)
            .having(func.max(Edition.number) < row.number)
            .subquery()
        )
        people, have_read = (
            session()
            .execute(
                select(func.count(), func.count(NoticeRead.person_id))
                .select_from(last)
                .outerjoin(
                    NoticeRead,
                    and_(NoticeRead.person_id == last.c.person_id, NoticeRead.edition_id == row.edition_id),
                )
            )
            .one()
        )
        found.append(Told(row.number, row.made_at, row.texts, people, have_read))
    return found
