"""What a reviewer does with a flag, and what the doctor says to it. Nothing here touches an award."""

from uuid import UUID

from sqlalchemy import func, insert, select, update

from lms.credits.flags.access import hindrance, require_area
from lms.credits.flags.models import Flag, FlagPerson, FlagStep
from lms.credits.flags.words import REASONS
from lms.kernel import audit, clock
from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid, TooMany
from lms.kernel.ids import new_id
from lms.kernel.text import msg, nfc
from lms.people import queries as people

MOST_WORDS = 1000
MOST_REPLIES = 20
BECOMES = {"ask": "asked", "close": "closed", "reopen": "open"}
NEXT = {
    "open": ("ask", "close"),
    "asked": ("ask", "close"),
    "answered": ("close", "ask"),
    "closed": ("reopen",),
}


def review(actor: Actor, flag_id: UUID, action: str, *, version: int, reason_code: str = "", text: str = "") -> None:
    """Ask the doctor, close with a reason, or open again.

    Raises NotFound outside the area, NotAllowed for one on herself or her own house, Conflict if somebody was
    there first, Invalid by field.
    """
    flag = require_found(session().get(Flag, flag_id))
    require_area(actor, flag.authority_path)
    named = people.cards(session().scalars(select(FlagPerson.person_id).where(FlagPerson.flag_id == flag_id)))
    why = hindrance(actor, named.values())
    require(why is None, why)
    text = nfc(text)
    _check(action, flag.state, reason_code, text)
    changed = session().execute(
        update(Flag)
        .where(Flag.id == flag_id, Flag.version == version, Flag.state == flag.state)
        .values(state=BECOMES[action], version=version + 1)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict
    session().execute(
        insert(FlagStep).values(
            id=new_id(), flag_id=flag_id, action=action, by=actor.person_id, by_name=actor.name,
            reason_code=reason_code if action == "close" else "", text=text, at=clock.now(),
        )
    )  # fmt: skip
    audit.record(actor, f"flag.{action}", "flag", flag_id, reason=reason_code)


def _check(action: str, state: str, reason_code: str, text: str) -> None:
    faults = {}
    if action not in NEXT[state]:
        faults["action"] = msg("请从列出的几项里选一项。")
    if action == "close" and reason_code not in REASONS:
        faults["reason_code"] = msg("请选一个原因。")
    if action in ("ask", "reopen") and len(text) < 2:
        faults["text"] = msg("请写一句话，医生会看到。")
    if len(text) > MOST_WORDS:
        faults["text"] = msg("最多 {most} 个字。", most=MOST_WORDS)
    if faults:
        raise Invalid(fields=faults)


def reply(actor: Actor, flag_id: UUID, *, text: str, reply_id: UUID | None = None) -> bool:
    """Answer a flag on oneself, asked or not; False if this very answer was kept already.

    Raises NotFound for another's flag, Conflict if it is closed, Invalid, TooMany.
    """
    hers = select(FlagPerson.flag_id).where(FlagPerson.flag_id == flag_id, FlagPerson.person_id == actor.person_id)
    require_in_place(actor.person_id is not None and session().scalar(hers) is not None)
    text = nfc(text)
    if not 2 <= len(text) <= MOST_WORDS:
        raise Invalid(fields={"text": msg("请写 2 到 {most} 个字，说明情况。", most=MOST_WORDS)})
    given = select(func.count()).where(FlagStep.flag_id == flag_id, FlagStep.by == actor.person_id)
    if (session().scalar(given) or 0) >= MOST_REPLIES:
        raise TooMany(msg("这条提示已经说明过 {most} 次，请等审核人员来看。", most=MOST_REPLIES))
    values = {
        "id": reply_id or new_id(), "flag_id": flag_id, "action": "reply", "by": actor.person_id,
        "by_name": actor.name, "reason_code": "", "text": text, "at": clock.now(),
    }  # fmt: skip
    if not insert_once(FlagStep, values, on=["id"]):
        return False
    answered = session().execute(
        update(Flag)
        .where(Flag.id == flag_id, Flag.state != "closed")
        .values(state="answered", version=Flag.version + 1)
        .execution_options(synchronize_session=False)
    )
    if answered.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(msg("这条提示已经了结，不用再说明。"))
    audit.record(actor, "flag.reply", "flag", flag_id)
    return True
