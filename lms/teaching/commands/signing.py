"""What a supervisor does with the entries that name him: sign several at once, or return one with a reason."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from lms.kernel import audit, clock
from lms.kernel.access import require, require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.events import announce
from lms.kernel.text import msg, nfc
from lms.people import notices
from lms.teaching import notes, rules
from lms.teaching.access import require_teacher
from lms.teaching.events import PracticeDecided
from lms.teaching.models import PracticeEntry
from lms.teaching.steps import SUPERVISOR, add_entry_step, steps_of_entry

MOST_AT_ONCE = 200
CHANGED = msg("这一条刚刚变了，比如医生又改过，或者撤回了。请看过再签。")


def sign_entries(actor: Actor, chosen: Sequence[tuple[UUID, int]]) -> tuple[int, int]:
    """Sign entries as they were seen: pairs of id and version. Returns how many are signed now by this call, and how
    many were not, because they have changed since (they wait, as they are now); one that is signed already is
    neither.

    Raises NotFound where one does not name the actor, NotAllowed if she is no supervisor (any more) or it is her own,
    Invalid for none or too many. All or none where it raises.
    """
    if not chosen:
        raise Invalid(msg("请先勾选要签的。"))
    if len(chosen) > MOST_AT_ONCE:
        raise Invalid(msg("一次最多签 {most} 条。", most=MOST_AT_ONCE))
    versions = dict(chosen)
    found = _named(actor, sorted(versions), all_of=False)
    require_teacher(actor)
    signed, changed = list[UUID](), len(versions) - len(found)
    for entry in found:
        if entry.state == rules.SIGNED:
            continue
        if _decide(entry, versions[entry.id], signed=True):
            signed.append(entry.person_id)
            _record(actor, entry, "signed")
            continue
        session().refresh(entry)
        changed += entry.state != rules.SIGNED
    if signed:
        # Once for all of them: whoever waits for it has one thing to do, not one a signature.
        announce(PracticeDecided(tuple(dict.fromkeys(signed))))
    return len(signed), changed


def return_entry(actor: Actor, entry_id: UUID, reason: str, *, version: int) -> None:
    """Send an entry back with a reason that the doctor reads. Returned already, as it was seen, is no fault. Whoever is
    no supervisor any more may still give back what waits for him: the doctor then names another one.

    Raises NotFound where it does not name the actor, NotAllowed if it is her own, Invalid for a missing reason or one
    that names a patient, Conflict where the entry has changed or is signed.
    """
    (entry,) = _named(actor, [entry_id])
    reason = nfc(reason)
    if len(reason) < 2:
        raise Invalid(fields={"reason": msg("请写一句话，医生会看到。")})
    if len(reason) > rules.LONGEST_REASON:
        raise Invalid(fields={"reason": msg("最多 {most} 个字。", most=rules.LONGEST_REASON)})
    why = notes.fault(reason)
    if why:
        raise Invalid(fields={"reason": why})
    if entry.state == rules.RETURNED and entry.version == version + 1 and steps_of_entry(entry_id)[-1].reason == reason:
        return
    if entry.state == rules.SIGNED:
        raise Conflict(msg("这一条已经签了字，不能再退回。"))
    if not _decide(entry, version, signed=False):
        raise Conflict(CHANGED)
    _record(actor, entry, "returned", reason)
    announce(PracticeDecided((entry.person_id,)))
    sentence = msg("带教老师退回了您 {day} 的实践记录，请看原因，改好再交。", day=entry.on_date)
    key = f"practice:{entry_id}:{version + 1}"
    notices.post(entry.person_id, notices.Kind.PRACTICE, key, sentence, f"/practice-log/{entry_id}")


def _named(actor: Actor, entry_ids: Sequence[UUID], *, all_of: bool = True) -> list[PracticeEntry]:
    """The entries that name the actor, none of them her own; NotFound if not all of them do (or, with `all_of` off,
    none: the doctor may have named somebody else of some meanwhile)."""
    found = list(
        session().scalars(
            select(PracticeEntry)
            .where(PracticeEntry.id.in_(entry_ids), PracticeEntry.supervisor_id == require_found(actor.person_id))
            .order_by(PracticeEntry.id)
        )
    )
    if len(found) != len(set(entry_ids)) and (all_of or not found):
        raise NotFound
    require(all(one.person_id != actor.person_id for one in found), msg("自己的实践，不能自己签字。"))
    return found


def _decide(entry: PracticeEntry, version: int, *, signed: bool) -> bool:
    """Move one waiting entry as it was seen; False if it is not so any more."""
    now = clock.now()
    done = session().execute(
        update(PracticeEntry)
        .where(
            PracticeEntry.id == entry.id,
            PracticeEntry.version == version,
            PracticeEntry.state == rules.WAITING,
            PracticeEntry.supervisor_id == entry.supervisor_id,
        )
        .values(
            state=rules.SIGNED if signed else rules.RETURNED, version=version + 1, changed_at=now,
            signed_at=now if signed else None,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def _record(actor: Actor, entry: PracticeEntry, action: str, reason: str = "") -> None:
    content = {"on_date": str(entry.on_date), "hours_milli": entry.hours_milli, "cases": entry.cases}
    add_entry_step(actor, entry.id, action, SUPERVISOR, content, reason)
    audit.record(actor, f"practice.{action}", "practice_entry", entry.id)
