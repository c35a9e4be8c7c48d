"""The shelf: drafts and published courses of one's centres in one list, with state and health."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, literal, or_, select, true, union_all

from lms.courses.access import STUDIO
from lms.courses.models import Course, Draft, Edition
from lms.courses.packages.package import LANGUAGES, NO_REVIEWER, Text
from lms.courses.writing.health import COUNTED, Health, health_of
from lms.courses.writing.models import DraftHealth
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import N_
from lms.organisations import queries as organisations

MOST_ASKED = 60
CHOICES: Mapping[str, str] = {
    "": N_("全部"), "writing": N_("正在写"), "review": N_("在审核"), "faulty": N_("有要改的"),
    "published": N_("已出版"), "retired": N_("不再开放"), "closed": N_("办完的"),
}  # fmt: skip
"""By what the shelf can be narrowed."""
_DRAFTS: Mapping[str, tuple[str, ...]] = {
    "": COUNTED, "writing": ("draft", "changes_asked"), "review": ("in_review", "approved"), "faulty": COUNTED,
    "published": (), "retired": (), "closed": ("published", "withdrawn"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: by state, by words of the title or the code, at one of the centres."""

    state: str = ""
    words: str = ""
    centre: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A draft, or a published course (`edition`: the number of its current edition)."""

    id: UUID
    slug: str
    code: str
    titles: Text
    state: str
    centre_name: str
    at: datetime
    next_edition: bool = False  # of a course that is published
    edition: int = 0
    health: Health | None = None
    overdue: bool = False  # its content should have been reviewed again by now
    reviewed: bool = True  # somebody named has judged it clinically
    paused: bool = False  # open, but with no new starts

    @property
    def is_course(self) -> bool:
        return self.edition > 0


def asked(state: str, words: str, centre: str) -> Asked:
    """What an address asks for; what is not known asks for nothing."""
    try:
        at = UUID(centre) if centre else None
    except ValueError:
        at = None
    return Asked(state if state in CHOICES else "", words.strip()[:MOST_ASKED], at)


def shelf(actor: Actor, wanted: Asked, number: int) -> Page[Entry]:
    """One page of what her centres write and teach, the newest first; five statements however long it is."""
    both = union_all(_drafts(actor, wanted), _courses(actor, wanted)).subquery()
    total = session().scalar(select(func.count()).select_from(both)) or 0
    number = min(number, max(1, -(-total // SIZE)))
    rows = session().execute(
        select(both.c.kind, both.c.id)
        .order_by(both.c.at.desc(), both.c.id.desc())
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    ).all()
    found = _draft_entries([row.id for row in rows if row.kind == "draft"])
    found |= _course_entries([row.id for row in rows if row.kind == "course"])
    return Page([found[row.id] for row in rows], number, total)


def _drafts(actor: Actor, wanted: Asked) -> Select[*tuple[Any, ...]]:
    states = _DRAFTS[wanted.state]
    statement = select(literal("draft").label("kind"), Draft.id, Draft.uploaded_at.label("at")).where(
        organisations.under(Draft.centre_path, actor.paths(*STUDIO)),
        Draft.state.in_(states) if states else false(),
        Draft.centre_id == wanted.centre if wanted.centre else true(),
        _says(wanted.words, Draft.code, Draft.titles),
    )
    if wanted.state == "faulty":
        bad = or_(DraftHealth.errors > 0, DraftHealth.warnings > 0, DraftHealth.failed)
        return statement.join(DraftHealth, DraftHealth.draft_id == Draft.id).where(bad)
    return statement


def _courses(actor: Actor, wanted: Asked) -> Select[*tuple[Any, ...]]:
    open_ = {"": true(), "published": Course.closed_at.is_(None), "retired": Course.closed_at.is_not(None)}
    return (
        select(literal("course").label("kind"), Course.id, Course.published_at.label("at"))
        .join(Edition, Edition.id == Course.current_edition_id)
        .where(
            organisations.under(Course.centre_path, actor.paths(*STUDIO)),
            open_.get(wanted.state, false()),
            Course.centre_id == wanted.centre if wanted.centre else true(),
            _says(wanted.words, Course.code, Edition.titles),
        )
    )


def _says(words: str, code: Any, titles: Any) -> ColumnElement[bool]:
    """SQL: a code or a title with these words in it, whatever the case."""
    if not words:
        return true()
    texts = [code, *(titles[language].as_string() for language in LANGUAGES)]
    return or_(*(func.lower(text).contains(words.lower(), autoescape=True) for text in texts))


def _names(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    return {one: card.name for one, card in organisations.cards(set(ids)).items()} if ids else {}


def _draft_entries(ids: Sequence[UUID]) -> dict[UUID, Entry]:
    if not ids:
        return {}
    columns = (Draft.id, Draft.slug, Draft.code, Draft.titles, Draft.state, Draft.centre_id, Draft.uploaded_at)
    rows = session().execute(select(*columns, Draft.course_id).where(Draft.id.in_(ids))).all()
    names, health = _names([row.centre_id for row in rows]), health_of(ids)
    return {
        row.id: Entry(
            row.id, row.slug, row.code, row.titles, row.state, names.get(row.centre_id, ""), row.uploaded_at,
            next_edition=row.course_id is not None, health=health.get(row.id) if row.state in COUNTED else None,
        )
        for row in rows
    }  # fmt: skip


def _course_entries(ids: Sequence[UUID]) -> dict[UUID, Entry]:
    if not ids:
        return {}
    rows = session().execute(
        select(
            Course.id, Course.slug, Course.code, Course.centre_id, Course.closed_at, Course.paused_at,
            Course.published_at, Edition.titles, Edition.number, Edition.reviewer, Edition.review_by,
        )
        .join(Edition, Edition.id == Course.current_edition_id)
        .where(Course.id.in_(ids))
    ).all()  # fmt: skip
    names, today = _names([row.centre_id for row in rows]), clock.today()
    return {
        row.id: Entry(
            row.id, row.slug, row.code, row.titles, "published" if row.closed_at is None else "retired",
            names.get(row.centre_id, ""), row.published_at, edition=row.number, overdue=row.review_by < today,
            reviewed=row.reviewer != NO_REVIEWER, paused=row.closed_at is None and row.paused_at is not None,
        )
        for row in rows
    }  # fmt: skip
