"""What people keeps of a person (kernel.personal)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, func, select, update

from lms.kernel import clock, messages
from lms.kernel.actor import Role
from lms.kernel.audit import GONE
from lms.kernel.db import session
from lms.kernel.personal import Keeper, Told
from lms.kernel.text import Message, msg
from lms.people import identity, notices, sessions
from lms.people.batches.models import Batch, BatchLine
from lms.people.commands.codes import end_codes
from lms.people.models import LOOKUP, OneTimeCode, Person, Posting, RoleGrant, UserSession
from lms.people.privacy import copying
from lms.people.privacy.models import Look


def _opener(field: str) -> Any:
    return lambda sealed: identity.opened(field, sealed)


TOLD = {
    "person": Told(
        "资料 Registration",
        by=("id",),
        left_out=("password_hash", "name_folded", *(f"{name}_hash{end}" for name in LOOKUP for end in ("", "_other"))),
        opened={f"{name}_sealed": _opener(name) for name in ("phone", "email", "id_number", "licence_number")},
    ),
    "posting": Told("工作单位 Where you worked"),
    "role_grant": Told("身份 Roles you hold or held", left_out=("path", "granted_by")),
    "user_session": Told("登录 Sign-ins", left_out=("token_hash", "browser_hash")),
    "consent": Told("同意隐私说明 Privacy notices you agreed to"),
    "look": Told("谁看过您的号码 Who saw your numbers", left_out=("by",)),
    "own_copy": Told("您要过的副本 Copies you asked for"),
    "notice": Told("给您的消息 Notices to you"),
    "notice_preference": Told("哪些消息发邮件、短信 What you hear of by mail and text message"),
    "notice_times": Told("什么时候可以发 When you may be told"),
    "batch_line": Told("用表格办理过的 What was done to you by a table of many people"),
}
WITHHELD = {
    "batch": "a table about many people that an office handed in; what it did to her is told",
    "one_time_code": "a code that opens the account, kept as a hash for minutes",
    "closing": "exists only once the account is closed, when nobody can ask any more",
    "erasure_line": "exists only once the account is closed",
}


def _blocks(person_id: UUID) -> Sequence[Message]:
    """That she is the only administrator of a place."""
    hers = RoleGrant.__table__.alias("hers")
    others, person = RoleGrant.__table__.alias("others"), Person.__table__.alias("other")
    another = (
        select(others.c.id)
        .join(person, person.c.id == others.c.person_id)
        .where(
            others.c.person_id != person_id,
            others.c.role == Role.ADMINISTRATOR,
            others.c.withdrawn_at.is_(None),
            person.c.disabled_at.is_(None),
            hers.c.path.startswith(others.c.path),
        )
    )
    alone = session().scalar(
        select(hers.c.id).where(
            hers.c.person_id == person_id,
            hers.c.role == Role.ADMINISTRATOR,
            hers.c.withdrawn_at.is_(None),
            ~another.exists(),
        )
    )
    return [msg("您是这里唯一的管理员。先请上级再任命一位，再来注销。")] if alone is not None else []


def _weight(person_id: UUID) -> int | None:
    """The last year in which she saw somebody's whole number: who looked must stay known as long as credit does."""
    last = session().scalar(select(func.max(Look.at)).where(Look.by == person_id))
    return clock.year_of(last) if last else None


def _close(person_id: UUID) -> None:
    """Signed out everywhere, no role, no post; messages and notices to her are forgotten."""
    today = clock.today()
    sessions.end_sessions(person_id)
    end_codes(person_id)
    person = session().execute(
        select(Person.phone_sealed, Person.email_sealed).where(Person.id == person_id)
    ).one()
    told = {identity.opened("phone", person.phone_sealed), identity.opened("email", person.email_sealed)}
    messages.forget(person_id, told)
    notices.forget(person_id)
    session().execute(
        update(RoleGrant)
        .where(RoleGrant.person_id == person_id, RoleGrant.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
    )
    session().execute(
        update(Posting)
        .where(Posting.person_id == person_id, Posting.ends_on.is_(None))
        .values(ends_on=case((Posting.starts_on > today, Posting.starts_on), else_=today))
    )
    copying.end_all(person_id)
    # What stood in her columns before: nobody puts that back any more.
    session().execute(update(BatchLine).where(BatchLine.person_id == person_id).values(kept_sealed=None))


def _erase(person_id: UUID) -> None:
    session().execute(update(Batch).where(Batch.made_by == person_id).values(made_by_name=GONE))
    session().execute(delete(UserSession).where(UserSession.person_id == person_id))
    session().execute(delete(OneTimeCode).where(OneTimeCode.person_id == person_id))
    notices.forget(person_id)
    session().execute(update(Look).where(Look.person_id == person_id).values(note=""))
    session().execute(update(Look).where(Look.by == person_id).values(by_name=GONE))


KEEPER = Keeper(told=TOLD, withheld=WITHHELD, blocks=_blocks, weight=_weight, close=_close, erase=_erase)
