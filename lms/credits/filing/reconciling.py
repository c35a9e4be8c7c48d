"""The regulator's answer to a filing: rehearsed, then applied whole or not at all; and rows marked as mended."""

import hmac
import io
import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from lms.credits.filing import access, making
from lms.credits.filing.answers import NAMES, NEEDED, Answer, Known, Plan, plan, read_answers
from lms.credits.filing.models import Filing, FilingAnswer, FilingRow
from lms.credits.filing.rules import REJECTED
from lms.kernel import audit, clock, vault
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc
from lms.sheets.incoming.tables import UnreadableFileError, read_table

BATCH = 500
PURPOSE = "filing_answer.file"
KEY = "answers"
"""Under which name the first file of a filing that was made anew carries the key that its first making had."""
MOST_NOTE = 200


def rehearse(actor: Actor, filing_id: UUID, name: str, data: bytes) -> UUID:
    """Keep an answer and say what it would change, without changing it; the same file again is the same answer.

    Raises NotFound, NotAllowed, Conflict before the filing is made, Invalid for what is no table.
    """
    filing = access.require_files(actor, filing_id)
    if filing.state != "filed":
        raise Conflict(msg("这次上报还没有做完。"))
    report = _plan(filing, data).report()
    hashed = file_hash(making.files_of(filing), sha256(data).hexdigest())
    known = select(FilingAnswer.id).where(FilingAnswer.filing_id == filing_id, FilingAnswer.file_hash == hashed)
    before = session().scalar(known)
    if before is not None:
        return before
    answer_id = new_id()
    kept = json.dumps(vault.keep(io.BytesIO(data)))
    values = {
        "id": answer_id, "filing_id": filing_id, "name": nfc(name)[:120] or "-", "file_hash": hashed,
        "file_sealed": seal(kept, PURPOSE),
        "state": "rehearsed", "report": report, "made_by": actor.person_id, "made_by_name": actor.name,
        "made_at": clock.now(),
    }  # fmt: skip
    if insert_once(FilingAnswer, values, on=["filing_id", "file_hash"]):
        return answer_id
    return require_found(session().scalar(known))


def rehearsal(actor: Actor, filing_id: UUID, answer_id: UUID) -> tuple[FilingAnswer, Plan | None]:
    """An answer and what it would change now; None once it has been applied."""
    filing = access.require_files(actor, filing_id)
    answer = require_found(session().get(FilingAnswer, answer_id))
    require_found(answer if answer.filing_id == filing.id else None)
    return answer, None if answer.state == "applied" else _plan(filing, _data(answer))


def apply(actor: Actor, filing_id: UUID, answer_id: UUID) -> bool:
    """Enter an answer, once; False if it was entered before. Raises Invalid while it has faults, and then
    changes nothing."""
    answer, found = rehearsal(actor, filing_id, answer_id)
    if found is None:
        return False
    if found.faults:
        raise Invalid(msg("文件里还有 {n} 处错误，一条也没有记。请改好再传。", n=len(found.faults)))
    taken = session().execute(
        update(FilingAnswer)
        .where(FilingAnswer.id == answer_id, FilingAnswer.state == "rehearsed")
        .values(state="applied", applied_at=clock.now(), report=found.report())
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return False
    filing = require_found(session().get(Filing, filing_id))
    numbers = _known(filing, [one.award for one in (*found.accepted, *found.rejected)])
    for one in (*found.accepted, *found.rejected):
        _enter(filing, answer.id, one, numbers[one.award])
    audit.record(actor, "filing.answered", "filing", filing_id, answer=str(answer_id), **found.report())
    return True


def _enter(filing: Filing, answer_id: UUID, one: Answer, known: Known) -> None:
    changed = session().execute(
        update(FilingRow)
        .where(
            FilingRow.place_id == filing.place_id,
            FilingRow.award_id == one.award,
            FilingRow.number == known.number,
            FilingRow.state == known.state,
        )
        .values(
            state=one.state, code=one.code, text=one.text, answer_id=answer_id, ready_at=None, ready_by=None,
            ready_note="",
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict


def file_hash(files: Mapping[str, Mapping[str, Any]], digest: str) -> str:
    """By which the same answer to the same filing is known again: a hash of the file's SHA-256 under a key of the
    filing's own (`key_of`), which a change of the field key seals anew and does not alter. Pure."""
    return hmac.digest(bytes.fromhex(key_of(files)), f"filing answer {digest}".encode(), "sha256").hex()


def key_of(files: Mapping[str, Mapping[str, Any]]) -> str:
    """In hex, the key of a filing's first file as it was first made. Pure."""
    first = files[min(files)]
    return str(first.get(KEY, first["key"]))


def _data(answer: FilingAnswer) -> bytes:
    kept = json.loads(unseal(answer.file_sealed, PURPOSE))
    return b"".join(vault.reader(kept["stored"], kept["key"])())


def _plan(filing: Filing, data: bytes) -> Plan:
    try:
        table = read_table(data, NAMES, NEEDED)
    except UnreadableFileError as error:
        raise Invalid(fields={"file": error.message}) from error
    answers, faults = read_answers(table.rows)
    return plan(answers, _known(filing, [one.award for one in answers]), [*table.faults, *faults])


def _known(filing: Filing, awards: Iterable[UUID]) -> dict[UUID, Known]:
    """By award the last row the place had filed of it up to this filing."""
    wanted = list(dict.fromkeys(awards))
    found: dict[UUID, Known] = {}
    for start in range(0, len(wanted), BATCH):
        rows = session().execute(
            select(FilingRow.award_id, FilingRow.number, FilingRow.state, FilingRow.code, FilingRow.text)
            .where(
                FilingRow.place_id == filing.place_id,
                FilingRow.award_id.in_(wanted[start : start + BATCH]),
                FilingRow.number <= filing.number,
            )
            .order_by(FilingRow.number)
        )
        found |= {row.award_id: Known(row.number, row.state, row.code, row.text) for row in rows}
    return found


def mark_ready(actor: Actor, filing_id: UUID, award_id: UUID, note: str = "") -> bool:
    """Say that what a refused row tells is right now: it goes into the place's next filing; False if it was said.

    Raises NotFound outside the actor's institutions and area, Conflict for a row that is not refused.
    """
    where = (FilingRow.filing_id == filing_id, FilingRow.award_id == award_id)
    row = require_found(session().scalar(select(FilingRow).where(*where, access.mine(actor))))
    note = nfc(note)
    if len(note) > MOST_NOTE:
        raise Invalid(fields={"note": msg("最多 {most} 个字。", most=MOST_NOTE)})
    if row.state != REJECTED:
        raise Conflict(msg("这一行已经不在等修改了。"))
    marked = session().execute(
        update(FilingRow)
        .where(*where, FilingRow.state == REJECTED, FilingRow.ready_at.is_(None))
        .values(ready_at=clock.now(), ready_by=actor.person_id, ready_note=note)
        .execution_options(synchronize_session=False)
    )
    if marked.rowcount != 1:  # type: ignore[attr-defined]
        return False
    audit.record(actor, "filing.row_ready", "filing", filing_id, award=str(award_id))
    return True
