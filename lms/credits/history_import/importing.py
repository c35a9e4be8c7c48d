"""Importing history, and taking an import back: both in steps of the outbox, a step a transaction.

Imported credit is entered like any other: judged by the rules of its year, with a line in the ledger. Its fact gets
an id made of the import and the source's own id, so a step done twice enters nothing twice. No certificate is issued:
whoever gave the credit has issued one.
"""

import io
import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import delete, func, insert, select, update

from lms.credits.events import AwardReversed
from lms.credits.history_import.deciding import Source, decider
from lms.credits.history_import.models import LIVE, HistoryImport, HistoryRow
from lms.credits.history_import.rehearsing import Rehearsal, policy_for, rehearse
from lms.credits.history_import.rows import SYSTEM, History, from_kept, headings
from lms.credits.ledger import entries
from lms.credits.ledger.awarding import award_for
from lms.credits.models import Activity, AuditDecision, Award
from lms.credits.rules.facts import RefusedError
from lms.kernel import audit, clock, outbox, vault
from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import Actor, Role
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.kernel.personal import forget_files
from lms.kernel.quantities import to_milli
from lms.kernel.text import msg, nfc
from lms.people import queries as people

FACTS = UUID("6a0f7d5e-0d0c-4a63-9d0a-3c9f5e1b7a42")
"""The name space of the ids of imported facts."""
IMPORT, UNDO = "credits.history.import", "credits.history.undo"
PURPOSE = "history_import.file"
STEP = 100
REHEARSED = timedelta(days=14)
"""How long a file that was rehearsed and never imported is kept (house practice): it holds whole identity numbers."""
WHY = "other"
TAKEN_BACK = msg("导入整批收回。")


def keep(actor: Actor, system: str, name: str, data: bytes, pairs: Sequence[str] = ()) -> UUID:
    """Keep a file with what a rehearsal says of it. Raises NotAllowed, Invalid naming the field."""
    require(actor.system or actor.has(Role.ADMINISTRATOR))
    system = nfc(system).lower()
    if not SYSTEM.fullmatch(system):
        raise Invalid(fields={"system": msg("写来源系统的短名：小写字母、数字、连字符，2 到 30 个，例如 old-cme。")})
    try:
        named = headings(pairs)
    except ValueError as error:
        wrong = msg("“{pair}”不对：一行一个，写成 列=标题。", pair=str(error)[:60])
        raise Invalid(fields={"headings": wrong}) from error
    report = rehearse(actor, system, data, named).report()
    import_id = new_id()
    session().execute(
        insert(HistoryImport).values(
            id=import_id, system=system, name=nfc(name)[:120] or "-", state="rehearsed", report=report, headings=named,
            file_sealed=seal(json.dumps(vault.keep(io.BytesIO(data))), PURPOSE), made_by=actor.person_id,
            made_by_name=actor.name, made_at=clock.now(),
        )
    )  # fmt: skip
    return import_id


def mine(actor: Actor, import_id: UUID) -> HistoryImport:
    """An import of her own; NotFound for any other: what it names lies in its maker's places."""
    found = require_found(session().get(HistoryImport, import_id))
    require_in_place(actor.system or (actor.person_id is not None and found.made_by == actor.person_id))
    require(actor.system or actor.has(Role.ADMINISTRATOR))
    return found


def rehearsed(actor: Actor, import_id: UUID) -> tuple[HistoryImport, Rehearsal | None]:
    """An import and what it would do now; None once it was begun."""
    found = mine(actor, import_id)
    if found.state != "rehearsed":
        return found, None
    kept = json.loads(unseal(found.file_sealed, PURPOSE))
    data = b"".join(vault.reader(kept["stored"], kept["key"])())
    return found, rehearse(actor, found.system, data, found.headings)


def expire() -> None:
    """Forget the files that were rehearsed and not imported for REHEARSED."""
    over = session().execute(
        delete(HistoryImport)
        .where(HistoryImport.state == "rehearsed", HistoryImport.made_at < clock.now() - REHEARSED)
        .returning(HistoryImport.id, HistoryImport.file_sealed)
        .execution_options(synchronize_session=False)
    ).all()
    for one in over:
        forget_files(one.id, [json.loads(unseal(one.file_sealed, PURPOSE)).get("stored")])


def start(actor: Actor, import_id: UUID) -> bool:
    """Begin an import; False if it was begun before. Raises Invalid while the file has faults."""
    found, what = rehearsed(actor, import_id)
    if what is None or not _moved(import_id, "rehearsed", "running"):
        return False
    if what.faults:
        raise Invalid(msg("文件里还有 {n} 处错误，一条也没有记。请改好再传。", n=len(what.faults)))
    taken = 0
    for one in what.ready:
        values = {
            "import_id": import_id, "line": one.row.line, "system": found.system, "source_id": one.row.source_id,
            "live": True, "person_id": one.person.id, "facts": one.row.kept(), "state": "waiting", "note": "",
        }  # fmt: skip
        taken += insert_once(HistoryRow, values, on=["system", "source_id"], where=LIVE)
    if taken != len(what.ready):
        raise Conflict(msg("同一批数据刚才已经由别人导入。请再看一次预演。"))
    session().execute(update(HistoryImport).where(HistoryImport.id == import_id).values(report=what.report()))
    audit.record(actor, "history.imported", "history_import", import_id, system=found.system, rows=taken)
    outbox.send(IMPORT, key=f"history:{import_id}:0", import_id=str(import_id), step=0)
    return True


def _moved(import_id: UUID, before: str, after: str) -> bool:
    moved = session().execute(
        update(HistoryImport)
        .where(HistoryImport.id == import_id, HistoryImport.state == before)
        .values(state=after)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]


def _rows(import_id: UUID, states: tuple[str, ...]) -> list[HistoryRow]:
    return list(
        session().scalars(
            select(HistoryRow)
            .where(HistoryRow.import_id == import_id, HistoryRow.state.in_(states))
            .order_by(HistoryRow.line)
            .limit(STEP)
        )
    )


def import_step(import_id: str, step: int) -> None:
    """Enter the next rows of an import."""
    found = require_found(session().get(HistoryImport, UUID(import_id)))
    rows = _rows(found.id, ("waiting",))
    for row in rows:
        _enter(found, row)
    session().flush()
    if len(rows) == STEP:
        outbox.send(IMPORT, key=f"history:{import_id}:{step + 1}", import_id=import_id, step=step + 1)
    else:
        _moved(found.id, "running", "done")


def _enter(found: HistoryImport, row: HistoryRow) -> None:
    history = from_kept(row.line, row.facts)
    card = require_found(people.person(row.person_id))
    policy = policy_for(card, history.on.year)
    activity = _activity(found, row, history)
    if policy is None or not card.authority_path:
        row.state, row.note = "refused", "no policy or no posting"
        return
    activity_id = activity.id
    try:
        outcome = award_for(activity, card, policy, decider(history, Source(row.system, row.source_id)))
    except RefusedError as error:
        row.state, row.note = "refused", str(error.message)
        return
    row.activity_id, row.state = activity_id, "refused"
    if outcome is not None and outcome.award_id is not None:
        row.award_id, row.state = outcome.award_id, "awarded"


def _activity(found: HistoryImport, row: HistoryRow, history: History) -> Activity:
    # Where the source tells no amount, one event: what it gave stands in the decision.
    quantity = to_milli(history.quantity) if history.quantity is not None else 1000
    return Activity(
        id=uuid5(FACTS, f"{found.id}/{row.source_id}"), person_id=row.person_id, kind=history.kind,
        activity_code=history.project_number or None, project_number=history.project_number or None,
        title={"zh": history.title}, started_on=history.on, on_date=history.on, quantity_milli=quantity,
        unit=history.unit or "items", hours_milli=to_milli(history.hours), role=history.role, choice=None,
        assessed=history.assessed, holder="", note=f"{row.system} {row.source_id}", recorded_by=found.made_by,
        recorded_at=clock.now(),
    )  # fmt: skip


def undo(actor: Actor, import_id: UUID) -> bool:
    """Take a whole import back, by reversals; False if that was begun before. Raises Conflict while it still runs.

    What an auditor has decided on stays: her decision is not an administrator's to undo.
    """
    found = mine(actor, import_id)
    if found.state in ("undoing", "undone"):
        return False
    if not _moved(import_id, "done", "undoing"):
        raise Conflict(msg("这批还没有导入完。"))
    audit.record(actor, "history.undone", "history_import", import_id, system=found.system)
    outbox.send(
        UNDO, key=f"history-undo:{import_id}:0", import_id=str(import_id), by=str(actor.person_id or ""),
        by_name=actor.name, step=0,
    )  # fmt: skip
    return True


def undo_step(import_id: str, by: str, by_name: str, step: int) -> None:
    """Take the next rows back."""
    rows = _rows(UUID(import_id), ("awarded", "refused"))
    for row in rows:
        row.live = False
        taken = row.award_id is None or _reverse(row.award_id, UUID(by) if by else None, by_name)
        row.state = "undone" if taken else "audited"
        row.live = not taken
    session().flush()
    if len(rows) == STEP:
        outbox.send(
            UNDO, key=f"history-undo:{import_id}:{step + 1}", import_id=import_id, by=by, by_name=by_name,
            step=step + 1,
        )  # fmt: skip
    else:
        _moved(UUID(import_id), "undoing", "undone")


def _reverse(award_id: UUID, by: UUID | None, by_name: str) -> bool:
    """Reverse an award that nobody has audited; False where somebody has."""
    changed = session().execute(
        update(Award)
        .where(Award.id == award_id, Award.state == "granted", Award.decided_level == 0)
        .values(state="reversed", answered=False, version=Award.version + 1)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    session().execute(
        insert(AuditDecision).values(
            id=new_id(), award_id=award_id, action="reversed", level=0, by=by, by_name=by_name, reason_code=WHY,
            reason_text=str(TAKEN_BACK), at=clock.now(),
        )
    )  # fmt: skip
    award = require_found(session().get(Award, award_id))
    entries.reverse(award)
    announce(AwardReversed(award.id, award.person_id, award.credit_year))
    return True


def progress(import_id: UUID) -> dict[str, int]:
    """How many rows of an import are in which state."""
    rows = session().execute(
        select(HistoryRow.state, func.count()).where(HistoryRow.import_id == import_id).group_by(HistoryRow.state)
    )
    counts: dict[str, int] = {}
    for state, number in rows:
        counts[state] = number
    return counts


def imports(actor: Actor) -> list[HistoryImport]:
    """Her last imports, latest first."""
    where = [] if actor.system else [HistoryImport.made_by == actor.person_id]
    return list(session().scalars(select(HistoryImport).where(*where).order_by(HistoryImport.made_at.desc()).limit(20)))


