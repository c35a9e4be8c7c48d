"""How far each draft is: counted behind the pages when its files have changed, kept in a table, shown in lists.

Every state of a draft has a mark, and every mark is counted once: what cannot be judged is kept as such and waits for
the next change; what kills its worker is given up by the outbox.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, update

from lms.courses.models import Draft
from lms.courses.packages.checker import by_severity
from lms.courses.packages.tree import Tree, read_zip
from lms.courses.writing.files import checked, tree_of
from lms.courses.writing.missing import missing
from lms.courses.writing.models import DraftFile, DraftHealth
from lms.kernel import clock, files, outbox
from lms.kernel.db import insert_once, session

COUNT = "courses.count_health"
COUNTED = ("draft", "in_review", "changes_asked", "approved")
"""States of a draft in which it is still somebody's work."""
log = structlog.get_logger("courses")


@dataclass(frozen=True, slots=True)
class Health:
    """What is to be done in a draft. `failed`: it could not be judged."""

    errors: int = 0
    warnings: int = 0
    untranslated: int = 0
    unsourced: int = 0
    unexplained: int = 0
    failed: bool = False

    @property
    def good(self) -> bool:
        return not (self.failed or self.errors or self.warnings or self.untranslated or self.unexplained)


def health_of(draft_ids: Collection[UUID]) -> Mapping[UUID, Health]:
    """What was counted last, by draft; a draft that nobody has counted yet is not there. One statement."""
    rows = session().scalars(select(DraftHealth).where(DraftHealth.draft_id.in_(set(draft_ids))))
    return {
        row.draft_id: Health(
            row.errors, row.warnings, row.untranslated, row.unsourced, row.unexplained, row.failed
        )
        for row in rows
    }


def count_soon(draft_id: UUID) -> None:
    """Have a draft counted after this unit of work."""
    for mark in _marks(draft_id).values():
        _send(draft_id, mark)


def look() -> None:
    """Have every open draft counted that has changed since it was counted last."""
    rows = session().execute(
        select(DraftHealth.draft_id, DraftHealth.mark)
        .join(Draft, Draft.id == DraftHealth.draft_id)
        .where(Draft.state.in_(COUNTED))
    )
    known = {row.draft_id: row.mark for row in rows}
    for draft_id, mark in _marks().items():
        if known.get(draft_id) != mark:
            _send(draft_id, mark)


def _send(draft_id: UUID, mark: str) -> None:
    outbox.send(COUNT, key=f"health:{draft_id}:{mark}", draft_id=str(draft_id))


def _marks(draft_id: UUID | None = None) -> dict[UUID, str]:
    """A name for the files of each open draft (or of one) as they are now; one statement, no text is read."""
    columns = func.count(DraftFile.id), func.sum(DraftFile.size), func.max(DraftFile.changed_at)
    of = Draft.state.in_(COUNTED) if draft_id is None else Draft.id == draft_id
    rows = session().execute(
        select(Draft.id, Draft.package_hash, *columns)
        .outerjoin(DraftFile, DraftFile.draft_id == Draft.id)
        .where(of)
        .group_by(Draft.id, Draft.package_hash)
    )
    return {row[0]: sha256(repr([str(value) for value in row[2:] if row[2]] or row[1]).encode()).hexdigest()[:40]
            for row in rows}  # fmt: skip


@outbox.task(COUNT)
def count(draft_id: str) -> None:
    """Count what is to be done in a draft as it is now. What makes the judges stumble is kept as failed."""
    draft = session().execute(
        select(Draft.id, Draft.package_hash, Draft.state).where(Draft.id == UUID(draft_id))
    ).one_or_none()
    if draft is None or draft.state not in COUNTED:
        return
    mark = _marks(draft.id)[draft.id]
    try:
        found = judged(tree_of(draft.id) or read_zip(files.read(draft.package_hash)))
    except Exception:
        log.exception("draft could not be counted", draft=draft_id)
        found = Health(failed=True)
    _keep(draft.id, mark, found)


def judged(tree: Tree) -> Health:
    """What is to be done in these files."""
    counts, lacks = by_severity(checked(tree).problems), missing(tree)
    return Health(counts["error"], counts["warning"], lacks.untranslated, lacks.unsourced, lacks.unexplained)


def _keep(draft_id: UUID, mark: str, found: Health) -> None:
    values: dict[str, Any] = {
        "draft_id": draft_id, "mark": mark, "errors": found.errors, "warnings": found.warnings,
        "untranslated": found.untranslated, "unsourced": found.unsourced, "unexplained": found.unexplained,
        "failed": found.failed, "counted_at": clock.now(),
    }  # fmt: skip
    if not insert_once(DraftHealth, values, ["draft_id"]):
        session().execute(update(DraftHealth).where(DraftHealth.draft_id == draft_id).values(values))
