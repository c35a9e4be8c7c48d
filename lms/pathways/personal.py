"""What pathways keep of a person (kernel.personal). At the end her records say nothing of anybody any more."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, update

from lms.kernel import clock, files
from lms.kernel.audit import GONE
from lms.kernel.db import session
from lms.kernel.personal import Keeper, OwnFile, Told, forget_files
from lms.kernel.text import Message, msg
from lms.pathways.county.models import PathwayResult
from lms.pathways.models import Following, PersonRecord, RecordFile, RecordStep
from lms.pathways.numbers import opened

TOLD = {
    "person_record": Told(
        "您的证件和经历 Your records",
        left_out=("unit_path", "authority_path", "search_text", "fingerprint", "told_by"),
        opened={"number_sealed": opened},
    ),
    "record_file": Told("证件的材料 Papers of your records", parent=("record_id", "person_record")),
    "record_step": Told(
        "证件核实的经过 What happened to your records", parent=("record_id", "person_record"), left_out=("by",)
    ),
    "following": Told("您走的路 Pathways you follow"),
    "pathway_result": Told("每条路走到哪里 Where you stand", left_out=("place_path", "authority_path")),
}


def _blocks(person_id: UUID) -> Sequence[Message]:
    waiting = select(PersonRecord.id).where(PersonRecord.person_id == person_id, PersonRecord.state == "waiting")
    if session().scalar(waiting.limit(1)) is None:
        return ()
    return (msg("有一份证件还没有核实完。等核实完，或者先撤回，再来注销。"),)


def _weight(person_id: UUID) -> int | None:
    """The last year in which she decided on somebody's record."""
    at = session().scalar(
        select(func.max(RecordStep.at)).where(RecordStep.by == person_id, RecordStep.level > 0)
    )
    return None if at is None else clock.year_of(at)


def _mine(person_id: UUID) -> Select[UUID]:
    return select(PersonRecord.id).where(PersonRecord.person_id == person_id)


def _files(person_id: UUID) -> Iterable[OwnFile]:
    rows = session().execute(
        select(RecordFile.id, RecordFile.name, RecordFile.sha, RecordFile.record_id)
        .where(RecordFile.record_id.in_(_mine(person_id)))
        .order_by(RecordFile.added_at, RecordFile.id)
    )
    return [
        OwnFile(f"records/{row.record_id}/{row.id}-{_safe(row.name)}", row.sha)
        for row in rows
        if files.exists(row.sha)
    ]


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in name)[-60:]


def _close(person_id: UUID) -> None:
    """Nothing finds her by name any more, and no county's list counts her."""
    session().execute(delete(PathwayResult).where(PathwayResult.person_id == person_id))
    session().execute(update(PersonRecord).where(PersonRecord.person_id == person_id).values(search_text=""))
    own = RecordStep.record_id.in_(_mine(person_id))
    session().execute(update(RecordStep).where(own, RecordStep.by == person_id).values(by_name=GONE))


def _erase(person_id: UUID) -> None:
    papers = session().execute(
        select(RecordFile.sha, RecordFile.thumbnail_sha).where(RecordFile.record_id.in_(_mine(person_id)))
    ).all()
    forget_files(person_id, [name for row in papers for name in row])
    session().execute(
        update(RecordFile).where(RecordFile.record_id.in_(_mine(person_id))).values(name="", removed_at=clock.now())
    )
    session().execute(
        update(RecordStep).where(RecordStep.record_id.in_(_mine(person_id))).values(reason="", content={})
    )
    session().execute(update(RecordStep).where(RecordStep.by == person_id).values(by_name=GONE))
    session().execute(
        update(PersonRecord)
        .where(PersonRecord.person_id == person_id)
        .values(
            state="withdrawn", waiting=0, verified_at=None, fields={}, number_sealed=None, number_mask="",
            fingerprint=None, search_text="",
        )
    )  # fmt: skip
    session().execute(delete(Following).where(Following.person_id == person_id))
    session().execute(delete(PathwayResult).where(PathwayResult.person_id == person_id))


def papers_used(names: Collection[str]) -> Collection[str]:
    """Which of these stored files are papers, or thumbnails of papers, of records that still have them."""
    used = select(RecordFile.sha, RecordFile.thumbnail_sha).where(
        RecordFile.removed_at.is_(None), or_(RecordFile.sha.in_(names), RecordFile.thumbnail_sha.in_(names))
    )
    return {name for row in session().execute(used) for name in row if name}


KEEPER = Keeper(
    told=TOLD, withheld={}, files=_files, blocks=_blocks, weight=_weight, close=_close, erase=_erase, uses=papers_used
)
