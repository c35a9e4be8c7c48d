"""Making a filing: asked for, gathered batch by batch, its files written. Each step is a task of the outbox; the
filings of a place are gathered one after the other, so that no two carry the same change.
"""

import json
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import func, select, update

from lms.credits.filing import gathering
from lms.credits.filing.access import require_files, require_place
from lms.credits.filing.documents import FILES, MOST_IN_A_WORKBOOK
from lms.credits.filing.models import Filing
from lms.credits.filing.rules import CHANGES, Totals
from lms.credits.log.models import LogCheckpoint
from lms.kernel import audit, clock, outbox, vault
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg, nfc

GATHER, WRITE = "credits.filing.gather", "credits.filing.write"
PURPOSE = "filing.files"
WAIT = timedelta(seconds=2)
FIRST_DAY = date(2000, 1, 1)
LONGEST = timedelta(days=366 * 10)
MOST_TRIES = 50


def make_filing(
    actor: Actor, place_id: UUID, *, start: date, end: date, full_numbers: bool = False, reason: str = ""
) -> UUID:
    """Ask for a filing of a place for a period, both days counted; it is made by tasks of the outbox.

    Raises NotFound for a place the actor does not administer, Invalid naming the field.
    """
    place = require_place(actor, place_id)
    reason = nfc(reason)
    faults = _faults(start, end, full_numbers, reason)
    if faults:
        raise Invalid(fields=faults)
    values: dict[str, Any] = {
        "id": new_id(),
        "place_id": place.id,
        "place_path": place.path,
        "place_code": place.code,
        "place_name": place.name,
        "period_from": start,
        "period_until": end,
        "full_numbers": full_numbers,
        "reason": reason if full_numbers else "",
        "state": "waiting",
        "awards_read": 0,
        "as_of": clock.now(),
        "log_size": _log_size(),
        "totals": {},
        "made_by": actor.person_id,
        "made_by_name": actor.name,
        "made_at": clock.now(),
    }
    number = _numbered(place.id, values)
    audit.record(
        actor, "filing.made", "filing", values["id"], place=place.code, number=number, start=start.isoformat(),
        end=end.isoformat(), id_numbers=full_numbers, reason=values["reason"],
    )  # fmt: skip
    _go_on(values["id"], None, 0)
    return UUID(str(values["id"]))


def _faults(start: date, end: date, full_numbers: bool, reason: str) -> dict[str, Message]:
    faults: dict[str, Message] = {}
    if not FIRST_DAY <= start <= clock.today():
        faults["start"] = msg("开始的日期要在 2000 年以后、今天以前。")
    if end < start:
        faults["end"] = msg("结束的日期比开始的早。")
    elif end - start > LONGEST:
        faults["end"] = msg("一次最多上报十年。")
    if full_numbers and not 2 <= len(reason) <= 200:
        faults["reason"] = msg("要完整证件号，请写明理由（2 到 200 个字）。")
    return faults


def _numbered(place_id: UUID, values: dict[str, Any]) -> int:
    """Keep the filing under the next number of its place; whoever came second takes the one after."""
    for _ in range(MOST_TRIES):
        last = session().scalar(select(func.max(Filing.number)).where(Filing.place_id == place_id)) or 0
        if insert_once(Filing, values | {"number": last + 1}, on=["place_id", "number"]):
            return last + 1
    raise Conflict


def _log_size() -> int:
    """How many leaves the log has now."""
    return session().scalar(select(func.max(LogCheckpoint.size))) or 0


def _go_on(filing_id: object, after: UUID | None, step: int, wait: timedelta = timedelta(0)) -> None:
    outbox.send(
        GATHER, key=f"filing:{filing_id}:{step}", after=wait, filing_id=str(filing_id),
        start=str(after or ""), step=step,
    )  # fmt: skip


def gather(filing_id: str, start: str, step: int) -> None:
    """One step of gathering; waits while an earlier filing of the place is not done."""
    filing = require_found(session().get(Filing, UUID(filing_id)))
    if filing.state not in ("waiting", "gathering"):
        return
    earlier = select(Filing.id).where(
        Filing.place_id == filing.place_id, Filing.number < filing.number, Filing.state != "filed"
    )
    if session().scalar(earlier.limit(1)) is not None:
        _go_on(filing_id, None, step + 1, WAIT)
        return
    if filing.state == "waiting":
        # From here on it is the ledger of this moment: what the filing before it had not seen is in this one.
        filing.state, filing.as_of, filing.log_size = "gathering", clock.now(), _log_size()
    last = gathering.gather(filing, UUID(start) if start else None)
    if last is not None:
        _go_on(filing_id, last, step + 1)
        return
    filing.state = "writing"
    outbox.send(WRITE, key=f"filing:{filing_id}:write", filing_id=filing_id)


def is_stuck(filing: Filing) -> bool:
    """Whether making it was given up after too many tries: until it goes on, so do none of its place's later ones."""
    return filing.state != "filed" and outbox.given_up(f"filing:{filing.id}:")


def try_again(actor: Actor, filing_id: UUID) -> bool:
    """Go on with a filing that was given up, where it stopped; False if it is going on by itself, or done.

    Raises NotFound outside the actor's places, NotAllowed where she may only see it.
    """
    filing = require_files(actor, filing_id)
    if not outbox.try_again(f"filing:{filing.id}:"):
        return False
    audit.record(actor, "filing.tried_again", "filing", filing_id, state=filing.state)
    return True


def write(filing_id: str) -> None:
    """Write and keep the files of a gathered filing; then it is frozen."""
    filing = require_found(session().get(Filing, UUID(filing_id)))
    if filing.state != "writing":
        return
    totals = sums(filing)
    made = {}
    for name, plain in written(filing, totals):
        made[name] = vault.keep(plain)
    session().execute(
        update(Filing)
        .where(Filing.id == filing.id, Filing.state == "writing")
        .values(state="filed", totals=totals, filed_at=clock.now(), files_sealed=seal(json.dumps(made), PURPOSE))
    )


def written(filing: Filing, totals: dict[str, Any]) -> Iterator[tuple[str, BinaryIO]]:
    """Every file of a filing, made from its rows; each is there until the next is asked for."""
    for name, delta, _, writer in FILES:
        if not _too_long(name, delta, totals):
            with tempfile.TemporaryFile() as plain:
                writer(plain, filing, gathering.lines(filing, delta=delta), totals)
                yield name, plain


def _too_long(name: str, delta: bool, totals: dict[str, Any]) -> bool:
    parts = totals["delta"].values() if delta else [totals["full"]]
    return name.endswith(".xlsx") and sum(one["all"][0] for one in parts) > MOST_IN_A_WORKBOOK


def sums(filing: Filing) -> dict[str, Any]:
    """The totals of a filing: of the whole, and of each kind of change."""
    full, delta = Totals(), {change: Totals() for change in CHANGES}
    for _, _, line in gathering.lines(filing, delta=False):
        full.add(line)
    for change, _, line in gathering.lines(filing, delta=True):
        delta[change].add(line)
    return {"full": full.answer(), "delta": {change: one.answer() for change, one in delta.items()}}


def read_file(filing: Filing, name: str) -> dict[str, Any]:
    """What is known of a kept file: sha256, size, and how to open it; NotFound if the filing has none of that name."""
    return require_found(files_of(filing).get(name))


def files_of(filing: Filing) -> dict[str, dict[str, Any]]:
    """The kept files of a filing by name; none before it is filed."""
    if filing.files_sealed is None:
        return {}
    found: dict[str, dict[str, Any]] = json.loads(unseal(filing.files_sealed, PURPOSE))
    return found
