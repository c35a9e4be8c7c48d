"""Telling a person outside the house that there is something in her list.

A message says no more than of what kind it is and where to look: it passes through other hands, and lies open on
phones that others hold. That it was told is written in the transaction that puts the message into the outbox, so a
worker that is killed, or a run that is done twice, sends nothing twice and loses nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import and_, func, or_, select, update

from lms.kernel import clock, messages, outbox
from lms.kernel.db import session
from lms.kernel.i18n import short_date, translate
from lms.kernel.text import msg
from lms.people import identity
from lms.people.models import Person
from lms.people.notices.models import Notice, NoticePreference, NoticeTimes
from lms.people.notices.rules import NAMES, Kind, Times, gathered_until, is_quiet

TELL = "people.tell"
MINUTES_BETWEEN = 10
MOST_AT_ONCE = 2000
LOOKED_BACK = timedelta(days=15)
"""What is older is not told outside any more: longer than a week's digest and a holiday of the machine."""
MOST_LINES = 20
# What fits into one text message: in Chinese, and where every character is a Latin one.
SHORT, SHORT_LATIN = 70, 160


def send_due() -> int:
    """Have everybody told who may be told something now; how many people. May be run at any time, and twice."""
    now = clock.now()
    slot = int(now.timestamp()) // (MINUTES_BETWEEN * 60)
    oldest = func.min(Notice.made_at)
    rows = session().execute(
        select(NoticeTimes.person_id, NoticeTimes.quiet_from, NoticeTimes.quiet_until, NoticeTimes.digest,
               oldest.label("oldest"))
        .join(Notice, Notice.person_id == NoticeTimes.person_id)
        .join(NoticePreference, and_(NoticePreference.person_id == Notice.person_id,
                                     NoticePreference.kind == Notice.kind))
        .join(Person, Person.id == Notice.person_id)
        .where(*_waiting(now), or_(
            and_(_by_mail(), Person.email_sealed.is_not(None)),
            and_(_by_sms(), Person.phone_sealed.is_not(None), _not_texted_today()),
        ))
        .group_by(NoticeTimes.person_id, NoticeTimes.quiet_from, NoticeTimes.quiet_until, NoticeTimes.digest)
        .order_by(oldest, NoticeTimes.person_id)
    ).all()  # fmt: skip
    people = [
        row.person_id
        for row in rows
        if _may(Times(row.quiet_from, row.quiet_until, row.digest), now, row.oldest)
    ][:MOST_AT_ONCE]
    outbox.send_all(TELL, {f"{TELL}:{one}:{slot}": {"person_id": str(one)} for one in people})
    return len(people)


def _may(times: Times, now: datetime, oldest: datetime) -> bool:
    return not is_quiet(times, now) and oldest <= gathered_until(times, now)


def _waiting(now: datetime) -> list[Any]:
    """Notices that somebody who may sign in has not read, and that still matter."""
    return [
        Notice.made_at > now - LOOKED_BACK,
        Notice.read_at.is_(None),
        Notice.settled_at.is_(None),
        or_(Notice.about_until.is_(None), Notice.about_until >= clock.today()),
        Person.disabled_at.is_(None),
    ]


def _by_mail() -> Any:
    return and_(Notice.mailed_at.is_(None), Notice.made_at >= NoticePreference.mail_since)


def _by_sms() -> Any:
    return and_(Notice.texted_at.is_(None), Notice.made_at >= NoticePreference.sms_since)


def _not_texted_today() -> Any:
    return or_(NoticeTimes.texted_on.is_(None), NoticeTimes.texted_on < clock.today())


def tell(person_id: UUID) -> None:
    """Tell one person what waits, by each channel she chose, in one message each. Judged anew: what was read, settled
    or switched off meanwhile is not told, nor anything in her quiet hours."""
    times = (
        session()
        .execute(
            select(NoticeTimes).where(NoticeTimes.person_id == person_id).with_for_update(),
            execution_options={"populate_existing": True},
        )
        .scalar_one_or_none()
    )
    now = clock.now()
    if times is None:
        return
    chosen = Times(times.quiet_from, times.quiet_until, times.digest)
    if is_quiet(chosen, now):
        return
    person = session().execute(
        select(Person.email_sealed, Person.phone_sealed, Person.locale).where(Person.id == person_id)
    ).one()
    language, until = person.locale or "zh", gathered_until(chosen, now)
    if person.email_sealed and (told := _claim(person_id, "mailed_at", now, until)):
        messages.send_mail(identity.opened("email", person.email_sealed), mail_text(told, language), person_id)
    if not person.phone_sealed or (times.texted_on is not None and times.texted_on >= clock.today()):
        return
    if told := _claim(person_id, "texted_at", now, until):
        times.texted_on = clock.today()
        session().flush()
        messages.send_sms(identity.opened("phone", person.phone_sealed), sms_text(told, language), person_id)


def _claim(person_id: UUID, column: str, now: datetime, until: datetime) -> list[tuple[Kind, datetime]]:
    """What is told now by one channel, the oldest first: from here on it counts as told."""
    wanted = (
        select(Notice.id)
        .join(NoticePreference, and_(NoticePreference.person_id == Notice.person_id,
                                     NoticePreference.kind == Notice.kind))
        .join(Person, Person.id == Notice.person_id)
        .where(*_waiting(now), Notice.person_id == person_id, Notice.made_at <= until,
               _by_mail() if column == "mailed_at" else _by_sms())
    )  # fmt: skip
    rows = session().execute(
        update(Notice)
        .where(Notice.id.in_(wanted), getattr(Notice, column).is_(None))
        .values({column: now})
        .returning(Notice.kind, Notice.made_at)
        .execution_options(synchronize_session=False)
    )
    return sorted(((Kind(row.kind), row.made_at) for row in rows), key=lambda one: one[1])


def sms_text(told: Sequence[tuple[Kind, datetime]], language: str) -> str:
    """One text message: what kinds of things wait, or only how many where that is too long for one."""
    kinds = list(dict.fromkeys(kind for kind, _ in told))
    comma = translate("；", language)
    named = translate(
        msg("杏林提醒：{what}。请登录看“消息”。", what=comma.join(translate(NAMES[kind], language) for kind in kinds)),
        language,
    )
    if len(named) <= (SHORT_LATIN if named.isascii() else SHORT):
        return named
    return translate(msg("杏林提醒：有 {count} 件事等您看。请登录看“消息”。", count=len(told)), language)


def mail_text(told: Sequence[tuple[Kind, datetime]], language: str) -> str:
    """One mail: a line for each thing, the subject first."""
    address = current_app.extensions["xinglin.settings"].address
    subject = translate(msg("杏林：您有 {count} 条消息", count=len(told)), language)
    lines = [
        f"· {short_date(clock.local(at).date(), language)}  {translate(NAMES[kind], language)}"
        for kind, at in told[:MOST_LINES]
    ]
    if len(told) > MOST_LINES:
        lines.append(translate(msg("还有 {count} 条。", count=len(told) - MOST_LINES), language))
    where = translate(msg("详细内容在这里：{address}", address=f"{address}/account/notices"), language)
    off = translate(msg("不想再收这样的邮件：{address}", address=f"{address}/account/notices/preferences"), language)
    return "\n".join([subject, "", *lines, "", where, off])
