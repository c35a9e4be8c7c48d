"""When the ledger does not add up, nothing more is entered in it until somebody has looked. Answering goes on."""

from sqlalchemy import Exists, delete, exists, select

from lms.credits.models import LedgerState
from lms.kernel import clock
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.kernel.text import msg

HALT = "halt"
PAUSED = msg("账目核对没有通过，授分已经暂停，没有改动。管理员处理以后再来。")


def halted() -> Exists:
    """The condition, to be asked within another statement."""
    return exists(select(LedgerState.name).where(LedgerState.name == HALT))


def require_awarding() -> None:
    """Raises Conflict while awarding is stopped."""
    if session().scalar(select(halted())):
        raise Conflict(PAUSED)


def noted(name: str) -> str | None:
    """What is remembered under a name."""
    return session().scalar(select(LedgerState.text).where(LedgerState.name == name))


def note(name: str, text: str, *, always: bool = False) -> bool:
    """Remember something of the ledger's state; True if it is news. What is known already keeps its time, unless
    `always`."""
    if not always and noted(name) == text:
        return False
    forget(name)
    return insert_once(LedgerState, {"name": name, "text": text, "at": clock.now()}, on=["name"])


def forget(name: str) -> bool:
    """It is no longer so; True if it was."""
    gone = session().execute(delete(LedgerState).where(LedgerState.name == name))
    return bool(gone.rowcount)  # type: ignore[attr-defined]
