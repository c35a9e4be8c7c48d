"""What happened to a claim, and its papers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from lms.credits.claims.models import ClaimFile, ClaimStep
from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a claim: handed_in withdrawn answered, or what a level decided."""

    what: str
    level: int
    by: UUID | None
    by_name: str
    reason_code: str
    text: str
    content: dict[str, Any]
    at: datetime


def add_step(
    actor: Actor,
    claim_id: UUID,
    what: str,
    *,
    level: int = 0,
    reason_code: str = "",
    text: str = "",
    content: dict[str, Any] | None = None,
) -> None:
    """Append to a claim's history."""
    session().execute(
        insert(ClaimStep).values(
            id=new_id(), claim_id=claim_id, action=what, level=level, by=actor.person_id, by_name=actor.name,
            reason_code=reason_code, reason_text=text, content=content or {}, at=clock.now(),
        )
    )  # fmt: skip


def steps_of(claim_id: UUID) -> tuple[Step, ...]:
    """The history of a claim, oldest first; one statement."""
    rows = session().scalars(
        select(ClaimStep).where(ClaimStep.claim_id == claim_id).order_by(ClaimStep.at, ClaimStep.id)
    )
    return tuple(
        Step(
            row.action, row.level, row.by, row.by_name, row.reason_code, row.reason_text, row.content, row.at
        )
        for row in rows
    )


def approvers(steps: tuple[Step, ...]) -> frozenset[object]:
    """Who approved since the claim was last handed in."""
    found: set[object] = set()
    for step in steps:
        if step.what == "handed_in":
            found.clear()
        elif step.what == "approved":
            found.add(str(step.by))
    return frozenset(found)


def papers_of(claim_id: UUID) -> list[ClaimFile]:
    """The papers of a claim, in the order in which they came; one statement."""
    return list(
        session().scalars(
            select(ClaimFile)
            .where(ClaimFile.claim_id == claim_id, ClaimFile.removed_at.is_(None))
            .order_by(ClaimFile.added_at, ClaimFile.id)
        )
    )
