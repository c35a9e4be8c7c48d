"""The bank and paper of an edition. Frozen when it is published, so kept in memory by edition."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.assessments.models import BankItem, Paper
from lms.courses.packages.package import Assessment, DrawRule, Package
from lms.items.base import Item
from lms.items.registry import parse_item
from lms.kernel.db import insert_once, session
from lms.kernel.errors import NotFound
from lms.kernel.ids import new_id


@dataclass(frozen=True)
class Bank:
    """All questions of an edition with their keys, and the rules of its paper."""

    edition_id: UUID
    paper_id: UUID
    course_slug: str
    paper: Assessment
    items: Mapping[str, Item]


class NoPaperError(LookupError):
    """The edition has no assessment."""


def bank(edition_id: UUID) -> Bank:
    """The bank of an edition: one statement the first time in a process. Raises NoPaperError."""
    return _bank(edition_id)


def bank_of_course(edition_id: UUID) -> Bank:
    """The bank of an edition, NotFound where the course has no assessment."""
    try:
        return bank(edition_id)
    except NoPaperError:
        raise NotFound from None


@lru_cache(maxsize=64)
def _bank(edition_id: UUID) -> Bank:
    rows = session().execute(
        select(Paper.id, Paper.course_slug, Paper.rules, BankItem.body)
        .join(BankItem, BankItem.edition_id == Paper.edition_id)
        .where(Paper.edition_id == edition_id)
    )
    found = rows.all()
    if not found:  # raised, so not kept: the edition may be on its way
        raise NoPaperError(str(edition_id))
    items = [parse_item(row.body) for row in found]
    first = found[0]
    return Bank(
        edition_id=edition_id,
        paper_id=first.id,
        course_slug=first.course_slug,
        paper=paper_from_json(first.rules),
        items={item.code: item for item in items},
    )


def freeze(edition_id: UUID, package: Package) -> None:
    """Keep bank and paper of a published edition; a second time changes nothing.

    A package without an assessment has neither.
    """
    if package.assessment is None:
        return
    made = insert_once(
        Paper,
        {
            "id": new_id(),
            "edition_id": edition_id,
            "course_slug": package.slug,
            "rules": asdict(package.assessment),
        },
        on=["edition_id"],
    )
    if not made:
        return
    session().execute(
        BankItem.__table__.insert(),  # type: ignore[attr-defined]
        [_row(edition_id, item) for item in package.items if item.use == "assessment"],
    )


def _row(edition_id: UUID, item: Item) -> dict[str, Any]:
    return {
        "id": new_id(),
        "edition_id": edition_id,
        "code": item.code,
        "type": item.TYPE,
        "topic": item.topic,
        "difficulty": item.difficulty,
        "body": item.as_dict(),
    }


def paper_from_json(kept: Mapping[str, Any]) -> Assessment:
    """The paper's rules as they were frozen."""
    return Assessment(**{**kept, "draw": tuple(DrawRule(**rule) for rule in kept["draw"])})
