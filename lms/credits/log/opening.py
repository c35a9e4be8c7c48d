"""A new log that goes on where another one ended: for a new key, and after the database lost what was signed."""

from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select

from lms.credits.ledger import leaves
from lms.credits.log import sequencer
from lms.credits.log.keys import log_folder, log_key
from lms.credits.log.models import LogLeaf, LogPending
from lms.credits.log.notes import Verifier, checked
from lms.credits.log.running import catch_up
from lms.credits.log.state import Refused
from lms.credits.log.tree import current
from lms.credits.models import LedgerEntry
from lms.kernel import audit
from lms.kernel.actor import SYSTEM
from lms.kernel.db import session
from lms.kernel.uow import unit_of_work


def open_successor(succeeds: Path | None = None) -> dict[str, Any]:
    """Open the log of the configured key behind the one that was written so far; what became of it.

    Its first leaf is the old log's last checkpoint, given or as published. Then it holds every line that the ledger
    has, so that it verifies by itself; what the old log has beyond that stays there, signed, for everybody to see.
    Raises Refused, BadNote, OSError.
    """
    key = log_key()
    if key is None:
        raise Refused("no key: XINGLIN_LOG_KEY is not set")
    note = (succeeds or log_folder() / "checkpoint").read_text()
    with unit_of_work():
        old = current()
        if old is None:
            raise Refused("there is no log to follow; the first one opens by itself")
        if key.vkey == old.vkey or key.origin == old.origin:
            raise Refused(f"{old.origin} is written with this very key; a new log needs a key of its own")
        last = checked(note, Verifier.parse(old.vkey))
        here = session().scalar(select(func.count()).select_from(LogLeaf).where(LogLeaf.log == old.number)) or 0
        sequencer.open_log(old.number + 1, key.origin, key.vkey, leaves.successor(note))
        session().execute(delete(LogPending))
        lines = select(LedgerEntry.person_id, LedgerEntry.person_sequence, LedgerEntry.id)
        session().execute(insert(LogPending).from_select(["person_id", "person_sequence", "entry_id"], lines))
        audit.record(SYSTEM, "log.opened", "log", key.origin, succeeds=old.origin, size=last.size)
    return {
        "origin": key.origin,
        "vkey": key.vkey,
        "succeeds": old.origin,
        "size": last.size,
        "only_in_the_old_log": max(0, last.size - here),
        "written": catch_up(),
    }
