"""Taking a table in, letting it be done, letting it be taken back; and forgetting its file. What takes long, the outbox
does (`working`)."""

import json
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from lms.kernel import audit, clock, outbox, vault
from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.paging import SIZE, Page
from lms.kernel.personal import forget_files
from lms.kernel.text import msg, nfc
from lms.people.batches.kinds import KINDS, offered
from lms.people.batches.models import FILE, Batch, BatchLine
from lms.people.sentences import to_json

REHEARSE, COMMIT, UNDO = "people.batches.rehearse", "people.batches.commit", "people.batches.undo"
REHEARSE_UNDO = "people.batches.rehearse_undo"
TASKS = {"reading": REHEARSE, "running": COMMIT, "undoing": UNDO}
"""What a batch in such a state waits for."""
KEPT = timedelta(days=14)
"""How long the file of a table that was never done is kept, and how long one that was done can be taken back (house
practice): both hold whole identity numbers."""
TOO_LATE = msg("一直没有收回成，办理以后已经超过 {days} 天，不能再收回。", days=KEPT.days)
OF_UNDO = ("looking", "judged_at", "held", "undo_refused")
"""What a report says of a way back that has not been gone."""


def keep(actor: Actor, kind: str, name: str, file: IO[bytes]) -> UUID:
    """Take a table in and have it rehearsed. Raises NotAllowed, Invalid naming the field."""
    may = offered(actor)
    require(bool(may))
    if kind not in may:
        raise Invalid(fields={"kind": msg("请从列出的几项里选一项。")})
    file.seek(0)
    if not file.read(1):
        raise Invalid(fields={"file": msg("请选一个文件。")})
    batch_id = new_id()
    session().execute(
        insert(Batch).values(
            id=batch_id, kind=kind, name=nfc(name)[:120] or "-", state="reading", done=0, total=0, report={},
            digest="", files_sealed=sealed_files({"file": vault.keep(file)}), made_by=actor.person_id,
            made_by_name=actor.name, made_at=clock.now(),
        )
    )  # fmt: skip
    audit.record(actor, "batch.rehearsed", "batch", batch_id, kind=kind)
    outbox.send(REHEARSE, key=f"{REHEARSE}:{batch_id}", batch_id=str(batch_id))
    return batch_id


def mine(actor: Actor, batch_id: UUID) -> Batch:
    """A batch of her own; NotFound for any other: what it names lies in its maker's places."""
    found = require_found(session().get(Batch, batch_id, populate_existing=True))
    require_in_place(actor.system or (actor.person_id is not None and found.made_by == actor.person_id))
    require(actor.system or actor.has(*KINDS[found.kind].roles))
    return found


def batches(actor: Actor, number: int = 1) -> Page[Batch]:
    """A page of her batches, latest first."""
    where = [] if actor.system else [Batch.made_by == actor.person_id]
    total = session().scalar(select(func.count(Batch.id)).where(*where)) or 0
    query = select(Batch).where(*where).order_by(Batch.made_at.desc(), Batch.id)
    return Page(session().scalars(query.limit(SIZE).offset((number - 1) * SIZE)).all(), number, total)


def start(actor: Actor, batch_id: UUID, seen: str | None = None) -> bool:
    """Let what was rehearsed be done; False if that was begun before. `seen`: the digest of the rehearsal that is
    confirmed (None: the last one). Raises Invalid while the file has faults, and where another rehearsal was seen."""
    found = mine(actor, batch_id)
    if seen is not None and found.state == "reading":
        raise Invalid(msg("正在重新预演。请等它做完，看过再确认。"))
    if seen is not None and found.state == "rehearsed" and seen != found.digest:
        raise Invalid(msg("预演以后有人改过名单。下面是新的预演，请再看一遍，再确认。"))
    if found.state == "rehearsed" and found.report.get("faults"):
        raise Invalid(msg("文件里还有 {n} 处错误，一条也没有记。请改好再传。", n=found.report["faults"]))
    if not moved(batch_id, "rehearsed", "running"):
        session().refresh(found)
        if found.state == "refused":
            raise Invalid(msg("这份表格已经删除。还要办，请再上传一次。"))
        return False
    _send(COMMIT, actor, batch_id)
    return True


def rehearse_anew(batch_id: UUID) -> None:
    """Have a batch that is being done rehearsed once more, as at first: it comes to something else by now."""
    if moved(batch_id, "running", "reading", report={"changed": True}, told_sealed=None, done=0):
        outbox.send(REHEARSE, key=f"{REHEARSE}:{batch_id}:{new_id()}", batch_id=str(batch_id))


def undo(actor: Actor, batch_id: UUID) -> bool:
    """Let a batch be taken back; False if that was begun before. Raises Conflict while it is not done, or no more,
    NotAllowed for a kind that the actor could not hand in."""
    found = mine(actor, batch_id)
    if found.state in ("undoing", "undone"):
        return False
    _require_undoable(actor, found)
    if not moved(batch_id, "done", "undoing", report=plain_report(found)):
        return False
    _send(UNDO, actor, batch_id)
    return True


def rehearse_undo(actor: Actor, batch_id: UUID) -> bool:
    """Have it looked up which lines of a batch could not be taken back; False while that is being done. Raises as
    `undo`."""
    found = mine(actor, batch_id)
    _require_undoable(actor, found)
    if found.report.get("looking"):
        return False
    if not moved(batch_id, "done", "done", report={**plain_report(found), "looking": True}):
        return False
    _send(REHEARSE_UNDO, actor, batch_id)
    return True


def _require_undoable(actor: Actor, found: Batch) -> None:
    require(found.kind in offered(actor))
    if not undoable(found):
        raise Conflict(msg("这一批现在不能收回：要么还没有做完，要么做完已经超过 {days} 天。", days=KEPT.days))


def plain_report(found: Batch) -> dict[str, Any]:
    """The report of a batch that was done, without what was said of taking it back."""
    return {name: value for name, value in found.report.items() if name not in OF_UNDO}


def waits_for(found: Batch) -> str | None:
    """The task that a batch waits for; None if nothing is under way."""
    if found.state == "done" and found.report.get("looking"):
        return REHEARSE_UNDO
    return TASKS.get(found.state)


def is_stuck(found: Batch) -> bool:
    """Whether what the batch waits for was given up after too many tries; nothing was changed by them."""
    task = waits_for(found)
    return task is not None and outbox.given_up(f"{task}:{found.id}")


def try_again(actor: Actor, batch_id: UUID) -> bool:
    """Have what was given up tried again, as if for the first time; False if nothing was."""
    found = mine(actor, batch_id)
    task = waits_for(found)
    if task is None or not outbox.try_again(f"{task}:{batch_id}"):
        return False
    audit.record(actor, "batch.tried_again", "batch", batch_id, task=task)
    return True


def undoable(found: Batch) -> bool:
    """Whether what is needed to take a batch back is still here."""
    return found.state == "done" and found.done_at is not None and found.done_at > clock.now() - KEPT


def _send(task: str, actor: Actor, batch_id: UUID) -> None:
    outbox.send(
        task, key=f"{task}:{batch_id}:{new_id()}", batch_id=str(batch_id),
        by=str(actor.person_id) if actor.person_id else None,
    )  # fmt: skip


def moved(batch_id: UUID, before: str, after: str, **values: Any) -> bool:
    """Bring a batch from one state into another; False if it was not in that state any more."""
    done = session().execute(
        update(Batch)
        .where(Batch.id == batch_id, Batch.state == before)
        .values(state=after, **values)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def sealed_files(files: dict[str, Any]) -> bytes:
    """What opens the stored files of a batch, by name, as it is kept."""
    return seal(json.dumps(files), FILE)


def files_of(found: Batch) -> dict[str, Any]:
    """The stored files of a batch by name; empty once they are forgotten."""
    known: dict[str, Any] = json.loads(unseal(found.files_sealed, FILE)) if found.files_sealed else {}
    return known


def forget(found: Batch) -> None:
    """Forget the files of a batch that is over, and what its page showed of them."""
    forget_files(found.id, [one["stored"] for one in files_of(found).values()])
    session().execute(
        update(Batch)
        .where(Batch.id == found.id)
        .values(files_sealed=None, told_sealed=None)
        .execution_options(synchronize_session=False)
    )


def expire() -> None:
    """Forget what has been kept for KEPT: files that were never done, and what was there before a batch was done.

    A batch that is being started or worked on at this moment is held by whoever does, and passed over; so is one that
    is under way or being taken back, unless that was given up.
    """
    long_ago = clock.now() - KEPT
    for found in session().scalars(
        select(Batch)
        .where(Batch.made_at < long_ago, Batch.files_sealed.is_not(None))
        .order_by(Batch.id)
        .with_for_update(skip_locked=True)
    ).all():
        if found.state in ("reading", "running") and not is_stuck(found):
            continue
        forget(found)
        moved(found.id, found.state, "refused")
    _end_what_was_not_taken_back(long_ago)
    session().execute(
        update(BatchLine)
        .where(
            BatchLine.batch_id.in_(select(Batch.id).where(Batch.done_at < long_ago, Batch.state != "undoing")),
            BatchLine.kept_sealed.is_not(None),
        )
        .values(kept_sealed=None)
        .execution_options(synchronize_session=False)
    )


def _end_what_was_not_taken_back(long_ago: datetime) -> None:
    """A batch whose taking back was given up stays done."""
    for found in session().scalars(
        select(Batch)
        .where(Batch.done_at < long_ago, Batch.state == "undoing")
        .order_by(Batch.id)
        .with_for_update(skip_locked=True)
    ).all():
        if is_stuck(found):
            report = {**plain_report(found), "undo_refused": [TOO_LATE.msgid, to_json(TOO_LATE)]}
            moved(found.id, "undoing", "done", report=report)
