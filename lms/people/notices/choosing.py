"""How a person wants to hear of notices outside the house: read and changed by herself alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from lms.kernel import audit, clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Invalid
from lms.kernel.text import Message, msg
from lms.people.models import Person
from lms.people.notices.models import NoticePreference, NoticeTimes
from lms.people.notices.rules import DIGESTS, MINUTES, Kind, Times


@dataclass(frozen=True, slots=True)
class Choice:
    """What she chose: kinds by mail and by text message; when. `mail`, `phone`: masks of where that would go, empty
    where there is no such address."""

    by_mail: frozenset[Kind]
    by_sms: frozenset[Kind]
    times: Times
    mail: str
    phone: str


def choice_of(person_id: UUID) -> Choice:
    """What a person chose; three statements. Raises NotFound."""
    person = session().execute(select(Person.email_mask, Person.phone_mask).where(Person.id == person_id)).one_or_none()
    person = require_found(person)
    rows = session().scalars(select(NoticePreference).where(NoticePreference.person_id == person_id)).all()
    times = session().get(NoticeTimes, person_id)
    return Choice(
        frozenset(Kind(row.kind) for row in rows if row.mail_since),
        frozenset(Kind(row.kind) for row in rows if row.sms_since),
        Times(times.quiet_from, times.quiet_until, times.digest) if times else Times(),
        person.email_mask,
        person.phone_mask,
    )


def choose(actor: Actor, *, by_mail: Collection[str], by_sms: Collection[str], times: Times) -> None:
    """Keep what she chose. What lies in her list already is not sent to a channel that she switches on.

    Raises Invalid by field: no such kind, no address to send to, quiet hours that are empty, no such digest.
    """
    person_id = require_found(actor.person_id)
    # Held until the end: who presses twice chooses one after the other.
    person = (
        session()
        .execute(select(Person.email_sealed, Person.phone_sealed).where(Person.id == person_id)
                 .with_for_update(key_share=True))
        .one()
    )
    faults = _faults(by_mail, by_sms, times)
    if by_mail and not person.email_sealed:
        faults["mail"] = msg("您没有登记邮箱，发不了邮件。请单位管理员先登记。")
    if by_sms and not person.phone_sealed:
        faults["sms"] = msg("您没有登记手机号，发不了短信。请单位管理员先登记。")
    if faults:
        raise Invalid(fields=faults)
    _keep_times(person_id, times)
    _keep_kinds(person_id, {"mail_since": by_mail, "sms_since": by_sms})
    audit.record(actor, "person.notices_chosen", "person", person_id)


def _faults(by_mail: Collection[str], by_sms: Collection[str], times: Times) -> dict[str, Message]:
    faults: dict[str, Message] = {}
    for name, kinds in (("mail", by_mail), ("sms", by_sms)):
        if not set(kinds) <= set(Kind):
            faults[name] = msg("请从列出的几项里选一项。")
    for name, minute in (("quiet_from", times.quiet_from), ("quiet_until", times.quiet_until)):
        if not 0 <= minute < MINUTES:
            faults[name] = msg("时刻的样子是 21:00。")
    if times.quiet_from == times.quiet_until:
        faults["quiet_until"] = msg("开始和结束不能是同一时刻。请改其中一个。")
    if times.digest not in DIGESTS:
        faults["digest"] = msg("请从列出的几项里选一项。")
    return faults


def _keep_times(person_id: UUID, times: Times) -> None:
    kept = session().get(NoticeTimes, person_id)
    if kept is None:
        kept = NoticeTimes(person_id=person_id)
        session().add(kept)
    kept.quiet_from, kept.quiet_until, kept.digest = times.quiet_from, times.quiet_until, times.digest
    session().flush()


def _keep_kinds(person_id: UUID, chosen: Mapping[str, Collection[str]]) -> None:
    rows = session().scalars(select(NoticePreference).where(NoticePreference.person_id == person_id)).all()
    kept = {row.kind: row for row in rows}
    for kind in Kind:
        row = kept.get(kind)
        if row is None:
            row = NoticePreference(person_id=person_id, kind=str(kind))
            session().add(row)
        for column, kinds in chosen.items():
            since = getattr(row, column, None)
            setattr(row, column, (since or clock.now()) if kind in kinds else None)
    session().flush()
