"""What takes long of a batch: rehearsing it, doing it in one transaction, taking it back in one transaction.

What is done is what was rehearsed: the table is judged once more in the transaction that does it, and if anything comes
to something else (somebody has changed it meanwhile) nothing is done and the new rehearsal is shown.
"""

import io
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, true, update

from lms.kernel import audit, bulk, clock, vault
from lms.kernel.actor import SYSTEM, Actor, Grant, Role
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import session
from lms.kernel.i18n import locale, speak, translate
from lms.kernel.text import Message, msg
from lms.kernel.uow import unit_of_work
from lms.people import access
from lms.people.batches import commands
from lms.people.batches.kinds import KINDS, Done, Kind, Plan, offered
from lms.people.batches.models import KEPT, TOLD, Batch, BatchLine
from lms.people.models import Person, RoleGrant
from lms.people.sentences import from_json, to_json
from lms.sheets.blank import COMMENT, names_of, xlsx_marked
from lms.sheets.columns import Line, read_lines
from lms.sheets.incoming.tables import Fault, Incoming, Row, UnreadableFileError, read_table

MOST_ROWS = 50_000
MOST_TOLD = 50
LINES = 1000
NOT_YOURS = msg("收回的时候，您已经没有办这种表格的身份了。什么也没有收回。")
NOTHING_FREE = msg("一行也收不回，什么也没有收回。")
TOLD_EVERY = 0.5
"""Seconds between two notes of how far a rehearsal has come."""


def rehearse(batch_id: UUID) -> None:
    """Say of a table what doing it would come to, and keep a copy with its faults marked. Opens its own units."""
    opened = _opened(batch_id, ("reading",))
    if opened is None:
        return
    kind, actor, data, language = opened
    before = locale()
    speak(language)
    try:
        _rehearse(batch_id, kind, actor, data)
    finally:
        speak(before)


def _rehearse(batch_id: UUID, kind: Kind, actor: Actor, data: bytes) -> None:
    try:
        table, lines, faults = _read(kind, data)
    except UnreadableFileError as error:
        with unit_of_work():
            commands.moved(batch_id, "reading", "refused", report={"fault": _kept_message(error.message)})
        return
    del data
    plan = kind.plan(actor, lines, _Progress(batch_id, len(lines)), hold=False)
    plan.faults[:0] = faults
    marked = None
    if plan.faults:
        marked = vault.keep(io.BytesIO(_marked(kind, table.rows, plan.faults)))
    with unit_of_work():
        found = session().get(Batch, batch_id)
        if found is None or found.state != "reading":
            return
        files = commands.files_of(found)
        if marked is not None:
            files["marked"] = marked
        _note(found, plan, table.encoding, len(table.rows), commands.sealed_files(files))


def commit(batch_id: UUID, by: UUID | None) -> None:
    """Do what was rehearsed, all of it in one transaction, or nothing. Opens its own units."""
    opened = _opened(batch_id, ("running",), by)
    if opened is None:
        return
    kind, actor, data, _ = opened
    _, lines, faults = _read(kind, data)
    # What is not needed any more is let go of before the next copy of it is made.
    del data
    with unit_of_work():
        found = session().get(Batch, batch_id, with_for_update=True)
        if found is None or found.state != "running":
            return
        plan = kind.plan(actor, lines, lambda _: None, hold=True)
        plan.faults[:0] = faults
        del lines
        if plan.faults or digest(plan) != found.digest:
            commands.rehearse_anew(batch_id)
            return
        done = kind.apply(actor, batch_id, plan.steps)
        plan.steps.clear()
        for start in range(0, len(done), LINES):
            bulk.put(BatchLine, [_row(batch_id, one) for one in done[start : start + LINES]])
        audit.record(actor, "batch.done", "batch", batch_id, kind=kind.name, lines=len(done))
        commands.forget(found)
        commands.moved(batch_id, "running", "done", done_at=clock.now(), done=len(done), total=len(done))


def undo(batch_id: UUID, by: UUID | None) -> None:
    """Put back what a batch has changed, in one transaction; lines that were used since stay, and say why. Whoever has
    asked for it and may not any more puts nothing back, and a batch of which no line can be taken back stays done."""
    with unit_of_work():
        found = session().get(Batch, batch_id, with_for_update=True)
        if found is None or found.state != "undoing":
            return
        kind, actor, done = KINDS[found.kind], acting(by), lines_of(found)
        if kind.name not in offered(actor):
            _refuse_undo(actor, found, NOT_YOURS, {})
            return
        _hold(one.person_id for one in done)
        held = kind.held(actor, batch_id, done)
        free = [one for one in done if one.line not in held]
        if not free:
            _refuse_undo(actor, found, NOTHING_FREE, held)
            return
        kind.take_back(actor, batch_id, free)
        _mark_lines(batch_id, held)
        report = {**found.report, "undone": len(free), "held": len(held)}
        audit.record(actor, "batch.undone", "batch", batch_id, kind=kind.name, lines=len(free), held=len(held))
        commands.moved(batch_id, "undoing", "undone", report=report, told_sealed=_sealed_held(held))


def _refuse_undo(actor: Actor, found: Batch, why: Message, held: Mapping[int, Message]) -> None:
    """Leave a batch done, as it is, and say why."""
    report = {
        **found.report, "undo_refused": _kept_message(why), "held": len(held), "judged_at": clock.now().isoformat()
    }  # fmt: skip
    audit.record(actor, "batch.undo_refused", "batch", found.id, kind=found.kind, held=len(held))
    commands.moved(found.id, "undoing", "done", report=report, told_sealed=_sealed_held(held))


def rehearse_undo(batch_id: UUID, by: UUID | None) -> None:
    """Say which lines of a batch could not be taken back now, and why; changes nothing else. Opens its own units."""
    with unit_of_work(write=False):
        found = session().get(Batch, batch_id)
        if found is None or not found.report.get("looking"):
            return
        held = KINDS[found.kind].held(acting(by), batch_id, lines_of(found))
    with unit_of_work():
        found = session().get(Batch, batch_id, with_for_update=True)
        if found is None or not found.report.get("looking"):
            return
        report = {**commands.plain_report(found), "held": len(held), "judged_at": clock.now().isoformat()}
        commands.moved(batch_id, "done", "done", report=report, told_sealed=_sealed_held(held))


def _sealed_held(held: Mapping[int, Message]) -> bytes:
    """The first lines that stay, each with the reason."""
    return seal(json.dumps({"held": {str(line): _kept_message(held[line]) for line in sorted(held)[:MOST_TOLD]}}), TOLD)


def _hold(person_ids: Iterable[UUID]) -> None:
    """Let nobody change these people between what is read of them and what is put back; in order of id."""
    hers = sorted(set(person_ids))
    for start in range(0, len(hers), LINES):
        access.hold_alone(*hers[start : start + LINES])


def lines_of(found: Batch) -> list[Done]:
    """What a batch has done and can still be taken back."""
    rows = session().execute(
        select(BatchLine.line, BatchLine.did, BatchLine.person_id, BatchLine.kept_sealed)
        .where(BatchLine.batch_id == found.id, BatchLine.state == "done", BatchLine.kept_sealed.is_not(None))
        .order_by(BatchLine.line)
    )
    return [Done(row.line, row.did, row.person_id, json.loads(unseal(row.kept_sealed, KEPT))) for row in rows]


def _mark_lines(batch_id: UUID, held: Iterable[int]) -> None:
    """What became of every line; nothing more is kept of any."""
    lines = list(held)
    for start in range(0, len(lines), LINES):
        _mark(batch_id, "kept", BatchLine.line.in_(lines[start : start + LINES]))
    _mark(batch_id, "undone", true())


def _mark(batch_id: UUID, state: str, which: ColumnElement[bool]) -> None:
    session().execute(
        update(BatchLine)
        .where(BatchLine.batch_id == batch_id, BatchLine.state == "done", which)
        .values(state=state, kept_sealed=None)
        .execution_options(synchronize_session=False)
    )


def digest(plan: Plan) -> str:
    """The same for two plans only if they do the same to the same."""
    made = sha256()
    for step in plan.steps:
        made.update(f"{step.line}|{step.did}|{step.mark}\n".encode())
    return made.hexdigest()


def acting(person_id: UUID | None) -> Actor:
    """Somebody as she may act now; the house itself where nobody is named."""
    if person_id is None:
        return SYSTEM
    rows = session().execute(
        select(Person.name, Person.locale, RoleGrant.role, RoleGrant.path)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(Person.id == person_id, RoleGrant.withdrawn_at.is_(None), Person.disabled_at.is_(None))
    ).all()
    grants = tuple(Grant(Role(row.role), row.path) for row in rows)
    name, language = (rows[0].name, rows[0].locale) if rows else ("", None)
    return Actor(person_id, name=name, grants=grants, language=language)


def _opened(
    batch_id: UUID, states: tuple[str, ...], by: UUID | None = None
) -> tuple[Kind, Actor, bytes, str] | None:
    """The kind, who acts, the file and her language; None if the batch is not waiting for this any more."""
    with unit_of_work(write=False):
        found = session().get(Batch, batch_id)
        if found is None or found.state not in states:
            return None
        kept = commands.files_of(found)["file"]
        actor = acting(by if by is not None else found.made_by)
        kind = KINDS[found.kind]
    data = b"".join(vault.reader(kept["stored"], kept["key"])())
    return kind, actor, data, actor.language or locale()


def _read(kind: Kind, data: bytes) -> tuple[Incoming, list[Line], list[Fault]]:
    """The table, its lines that can be read, and what is wrong with the others."""
    columns = kind.columns
    needed = [column.name for column in columns if column.needed]
    titles = {column.name: column.title for column in columns}
    table = read_table(data, names_of(columns), needed, typed=True, titles=titles)
    first = columns[0].name
    rows = tuple(row for row in table.rows if not row.cells[first].startswith(COMMENT))
    if len(rows) > MOST_ROWS:
        raise UnreadableFileError(msg("一个文件最多 {most} 行，请分成几个。", most=MOST_ROWS))
    if not rows and not table.faults:
        raise UnreadableFileError(msg("只有标题行，没有内容。"))
    lines, faults = read_lines(columns, rows)
    return Incoming(table.encoding, rows, table.faults), lines, [*table.faults, *faults]


def _marked(kind: Kind, rows: Sequence[Row], faults: Sequence[Fault]) -> bytes:
    wrong: dict[int, dict[str, list[str]]] = {}
    for fault in faults:
        wrong.setdefault(fault.line, {}).setdefault(fault.column, []).append(translate(fault.message))
    whole: dict[int, Mapping[str, str]] = {row.line: row.cells for row in rows}
    # A row that has too many cells or too few could not be taken apart: only its number and what is wrong.
    every = sorted({*whole, *wrong})
    return xlsx_marked(kind.columns, ((line, whole.get(line, {})) for line in every), wrong)


def _note(found: Batch, plan: Plan, encoding: str, rows: int, files: bytes) -> None:
    """Write down what a rehearsal has found."""
    plan.faults.sort(key=lambda fault: fault.line)
    deeds = Counter(step.did for step in plan.steps)
    fields = Counter(name for step in plan.steps if step.did != "added" for name in step.what)
    report = {
        "encoding": encoding, "rows": rows, "same": plan.same, "deeds": dict(deeds), "fields": dict(fields),
        "faults": len(plan.faults), "faulty_rows": len({fault.line for fault in plan.faults}),
        "changed": bool(found.report.get("changed")),
    }  # fmt: skip
    told = {
        "faults": [[one.line, one.column, _kept_message(one.message)] for one in plan.faults[:MOST_TOLD]],
        "steps": {
            did: [[one.line, one.label, list(one.what)] for one in plan.steps if one.did == did][:MOST_TOLD]
            for did in deeds
        },
    }
    commands.moved(
        found.id, "reading", "rehearsed", report=report, digest=digest(plan), told_sealed=seal(json.dumps(told), TOLD),
        done=rows, total=rows, files_sealed=files,
    )  # fmt: skip


def told(found: Batch) -> dict[str, Any]:
    """What the page shows of a batch beside its numbers, with messages to be translated."""
    kept: dict[str, Any] = json.loads(unseal(found.told_sealed, TOLD)) if found.told_sealed else {}
    return {
        "faults": [(line, column, _message(said)) for line, column, said in kept.get("faults", ())],
        "steps": kept.get("steps", {}),
        "held": [(int(line), _message(said)) for line, said in kept.get("held", {}).items()],
        "fault": _message(found.report["fault"]) if "fault" in found.report else None,
        "undo_refused": _message(found.report["undo_refused"]) if "undo_refused" in found.report else None,
        "judged_at": datetime.fromisoformat(found.report["judged_at"]) if "judged_at" in found.report else None,
    }


def _kept_message(message: Message) -> list[Any]:
    return [message.msgid, to_json(message)]


def _message(kept: Sequence[Any]) -> Message:
    return from_json(kept[0], kept[1])


def _row(batch_id: UUID, done: Done) -> dict[str, Any]:
    return {
        "batch_id": batch_id, "line": done.line, "person_id": done.person_id, "did": done.did, "state": "done",
        "kept_sealed": seal(json.dumps(dict(done.kept)), KEPT),
    }  # fmt: skip


class _Progress:
    """Notes how far a rehearsal has come, now and then, each time in a short unit of its own."""

    def __init__(self, batch_id: UUID, total: int) -> None:
        self.batch_id, self.total, self.last = batch_id, total, 0.0
        self(0)

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self.last < TOLD_EVERY:
            return
        self.last = now
        with unit_of_work():
            session().execute(
                update(Batch)
                .where(Batch.id == self.batch_id, Batch.state == "reading")
                .values(done=done, total=self.total)
                .execution_options(synchronize_session=False)
            )
