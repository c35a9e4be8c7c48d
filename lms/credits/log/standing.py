"""How the ledger and its log stand at this moment: for `/readyz`, `/metrics`, administrators, and one award."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import exists, func, select

from lms.credits.ledger import halting
from lms.credits.log.keys import house, log_folder, makes_its_own
from lms.credits.log.models import LogCheckpoint, LogLeaf, LogOrigin, LogPending, LogSignature
from lms.credits.log.publishing import published
from lms.credits.log.running import ALARM
from lms.credits.log.tree import current, newest_checkpoint, newest_signed
from lms.credits.log.witnesses import last_cosigned, witnesses
from lms.credits.models import LedgerEntry, LedgerState
from lms.kernel import clock
from lms.kernel.db import session

LATE_SECONDS = 60
"""A line is in the log within a minute (invariant I7)."""
VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class LogStanding:
    """The log. state: on, off, late, refused. Sizes count leaves; `behind` is for each witness how many it lacks."""

    state: str
    origin: str
    size: int
    signed: int
    published: int
    pending: int
    oldest_seconds: float
    behind: dict[str, int]
    why: str


@dataclass(frozen=True, slots=True)
class LedgerStanding:
    """The ledger: whether awards are entered, and how the last verification ended ("" before the first)."""

    awarding: bool
    why: str
    verified: str
    verified_at: datetime | None


def log_standing() -> LogStanding:
    """How the log stands."""
    settings = house()
    log = current()
    why = halting.noted(ALARM) or ""
    newest = newest_checkpoint(log.number) if log else None
    size = newest[0] if newest else 0
    signed = newest_signed(log.number, log.vkey) if log else 0
    shown = published(log_folder())
    pending, oldest = session().execute(
        select(func.count(), func.min(LedgerEntry.recorded_at))
        .select_from(LogPending)
        .join(LedgerEntry, LedgerEntry.id == LogPending.entry_id)
    ).one()
    age = max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
    known = last_cosigned(log.number) if log else {}
    if why:
        state = "refused"
    elif log is None and not (settings.log_key or settings.log_origin or makes_its_own(settings)):
        state, why = "off", "no key: see docs/operations.md"
    else:
        state = "late" if age > LATE_SECONDS or (size > signed and _age(log, signed) > LATE_SECONDS) else "on"
    return LogStanding(
        state=state,
        origin=log.origin if log else settings.log_origin,
        size=size,
        signed=signed,
        published=shown.size if shown and log and shown.origin == log.origin else 0,
        pending=pending,
        oldest_seconds=round(age, 1),
        behind={one.key.name: size - known.get(str(one.key), 0) for one in witnesses()},
        why=why,
    )


def _age(log: Any, signed: int) -> float:
    """How long the oldest checkpoint beyond the signed size has waited, in seconds."""
    made = session().scalar(
        select(LogCheckpoint.made_at)
        .where(LogCheckpoint.log == log.number, LogCheckpoint.size > signed)
        .order_by(LogCheckpoint.size)
        .limit(1)
    )
    return (clock.now() - made).total_seconds() if made else 0.0


def ledger_standing() -> LedgerStanding:
    """How the ledger stands."""
    rows = session().execute(select(LedgerState.name, LedgerState.text, LedgerState.at))
    known = {row.name: row for row in rows}
    halt, verified = known.get(halting.HALT), known.get(VERIFIED)
    return LedgerStanding(
        awarding=halt is None,
        why=halt.text if halt else "",
        verified=verified.text if verified else "",
        verified_at=verified.at if verified else None,
    )


def alarmed() -> bool:
    """Whether somebody must look: awarding is stopped, or the signer refuses."""
    return bool(session().scalar(select(exists().where(LedgerState.name.in_((halting.HALT, ALARM))))))


def log_health() -> tuple[bool, dict[str, Any]]:
    """For `/readyz`, which anybody may read: the reason with its paths is for administrators and the shell."""
    found = log_standing()
    told = asdict(found)
    del told["why"]
    return found.state == "on", told


def ledger_health() -> tuple[bool, dict[str, Any]]:
    """For `/readyz`: of what failed only the names of the invariants."""
    found = ledger_standing()
    at = found.verified_at.isoformat() if found.verified_at else None
    failed = [one.partition(":")[0] for one in found.verified.split("; ") if one]
    return found.awarding, {"awarding": found.awarding, "failed": failed, "verified_at": at}


def gauges() -> Iterator[GaugeMetricFamily]:
    """For `/metrics`."""
    log, ledger = log_standing(), ledger_standing()
    for name, what, value in (
        ("log_pending", "Lines that are not in the log yet", log.pending),
        ("log_pending_seconds", "Age of the oldest line that is not in the log", log.oldest_seconds),
        ("log_size", "Leaves in the log", log.size),
        ("log_signed_size", "Leaves under the newest signed checkpoint", log.signed),
        ("log_published_size", "Leaves under the published checkpoint", log.published),
        ("log_refused", "1 while the signer refuses", float(log.state == "refused")),
        ("ledger_halted", "1 while awarding is stopped", float(not ledger.awarding)),
    ):
        yield GaugeMetricFamily(f"xinglin_{name}", what, value=value)
    behind = GaugeMetricFamily("xinglin_log_witness_behind", "Leaves a witness has not cosigned", labels=["witness"])
    for witness, leaves in log.behind.items():
        behind.add_metric([witness], leaves)
    yield behind


@dataclass(frozen=True, slots=True)
class Logged:
    """That the standing line of an award is in the signed log: since when, and at which place (from 0)."""

    since: datetime
    number: int


def logged(award_id: UUID) -> Logged | None:
    """Where the last line of an award is in the log that is written; None while it is under way."""
    last = (
        select(LedgerEntry.id)
        .where(LedgerEntry.award_id == award_id)
        .order_by(LedgerEntry.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = session().execute(
        select(LogLeaf.idx, LogSignature.made_at)
        .join(LogOrigin, LogOrigin.number == LogLeaf.log)
        .join(
            LogSignature,
            (LogSignature.log == LogLeaf.log)
            & (LogSignature.size > LogLeaf.idx)
            & (LogSignature.vkey == LogOrigin.vkey),
        )
        .where(LogLeaf.entry_id == last)
        .order_by(LogLeaf.log.desc(), LogSignature.size)
        .limit(1)
    ).first()
    return Logged(row.made_at, row.idx) if row else None
