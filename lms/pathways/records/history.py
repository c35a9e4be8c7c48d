"""What happened to a record, and its papers."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from lms.kernel import clock
from lms.kernel.actor import Actor
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.pathways.models import RecordFile, RecordStep
from lms.uploads.commands import take
from lms.uploads.queries import standing

MOST_PAPERS = 12


def add_step(
    actor: Actor,
    record_id: UUID,
    what: str,
    *,
    level: int = 0,
    reason: str = "",
    content: dict[str, Any] | None = None,
) -> None:
    """Append to a record's history: handed_in, entered, verified, rejected, withdrawn, reopened, taken_back."""
    session().execute(
        insert(RecordStep).values(
            id=new_id(), record_id=record_id, action=what, level=level, by=actor.person_id, by_name=actor.name,
            reason=reason, content=content or {}, at=clock.now(),
        )
    )  # fmt: skip


def steps_of(record_id: UUID) -> tuple[RecordStep, ...]:
    """The history of a record, oldest first; one statement."""
    rows = select(RecordStep).where(RecordStep.record_id == record_id).order_by(RecordStep.at, RecordStep.id)
    return tuple(session().scalars(rows))


def papers_of(record_id: UUID) -> tuple[RecordFile, ...]:
    """The papers of a record, in the order in which they came; one statement."""
    there = select(RecordFile).where(RecordFile.record_id == record_id, RecordFile.removed_at.is_(None))
    return tuple(session().scalars(there.order_by(RecordFile.added_at, RecordFile.id)))


def chosen(actor: Actor, uploads: Collection[UUID], there: Collection[RecordFile]) -> set[str]:
    """What uploads were when she chose them, by their hashes; two of one file are the same. `there`: papers that some
    of them have become already. Raises NotFound for what is not hers."""
    papers = {one.id: one.chosen_sha for one in there}
    return {papers[one] if one in papers else standing(actor, one).chosen_sha for one in uploads}


def keep_only(record_id: UUID, uploads: Collection[UUID]) -> None:
    """Of the papers that a record had, show those that are among these uploads."""
    for one in session().scalars(select(RecordFile).where(RecordFile.record_id == record_id)):
        one.removed_at = None if one.id in uploads else (one.removed_at or clock.now())
    session().flush()


def keep_papers(actor: Actor, record_id: UUID, uploads: list[UUID]) -> None:
    """Take uploads as papers of a record; the same one twice is once. Raises Invalid beyond MOST_PAPERS, and what
    `uploads.take` raises."""
    there = {one.id for one in papers_of(record_id)}
    fresh = [one for one in uploads if one not in there]
    if len(there) + len(fresh) > MOST_PAPERS:
        raise Invalid(fields={"papers": msg("最多 {most} 个文件。", most=MOST_PAPERS)})
    for upload_id in fresh:
        taken = take(actor, upload_id, EVIDENCE, f"record:{record_id}")
        insert_once(
            RecordFile,
            {
                "id": taken.upload_id, "record_id": record_id, "name": taken.name, "mime": taken.mime,
                "size": taken.size, "sha": taken.sha, "thumbnail_sha": taken.thumbnail_sha,
                "chosen_sha": taken.chosen_sha, "added_at": clock.now(),
            },
            on=["id"],
        )  # fmt: skip
