"""One-time codes: six digits, ten minutes, five tries, single use; an invitation eight digits and three days."""

import hmac
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, delete, select, update

from lms.kernel import audit, clock, messages
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.crypto import lookup_hashes, passing_hash
from lms.kernel.db import session
from lms.kernel.errors import Gone, Invalid, TooMany
from lms.kernel.i18n import translate
from lms.kernel.ids import new_code, new_id
from lms.kernel.text import Message, msg
from lms.kernel.uow import unit_of_work
from lms.people import access, identity, passwords, rules, sessions, throttle
from lms.people.models import OneTimeCode, Person

LIFE = timedelta(minutes=10)
INVITATION_LIFE = timedelta(days=3)
MOST_TRIES = 5
DIGITS, INVITATION_DIGITS = 6, 8


def ask_code(account: str, *, address: str) -> UUID:
    """Send a code to the phone or mailbox that an account name is; the id under which it is entered.

    An unknown account gets an id too, and no message: the answer does not tell who is registered.
    Raises TooMany beyond one code a minute or five an hour, and thirty an hour for one address.
    """
    known = identity.account_of(account)
    allowed = (
        throttle.take("code-minute", known.subject, 1, timedelta(minutes=1))
        and throttle.take("code-hour", known.subject, 5, timedelta(hours=1))
        and throttle.take("code-address", address, 30, timedelta(hours=1))
    )
    if not allowed:
        raise TooMany(msg("验证码刚发过。请等一分钟再要；一小时最多五次。"))
    person = (
        session()
        .execute(
            select(Person.id, Person.phone_sealed, Person.email_sealed, Person.locale).where(
                identity.has(known.field, known.plain), Person.disabled_at.is_(None)
            )
        )
        .one_or_none()
    )
    code_id, code = _make(person.id if person else None, DIGITS, LIFE)
    if person is not None:
        text = msg("验证码 {code}，10 分钟内有效。不要告诉别人，杏林的人也不会来问。", code=code)
        if known.field == "email":
            _mail(person.id, identity.opened("email", person.email_sealed), text, person.locale)
        else:
            _sms(person.id, identity.opened("phone", person.phone_sealed), text, person.locale)
    return code_id


def send_code(actor: Actor, person_id: UUID) -> tuple[UUID, str]:
    """Send a person a code for setting her password, by text message or else by mail; the code's id, and the code
    itself, which only the shell may show (there is no port yet when the first administrator is invited)."""
    access.require_mine(actor, person_id)
    access.require_open(person_id)
    access.require_not_above_me(actor, person_id)
    person = require_found(
        session()
        .execute(
            select(Person.name, Person.phone_sealed, Person.email_sealed, Person.locale, Person.disabled_at).where(
                Person.id == person_id
            )
        )
        .one_or_none()
    )
    if person.disabled_at is not None:
        raise Invalid(msg("这个账号停用了。先启用，再发验证码。"))
    if not actor.system and not throttle.take("code-hour", str(person_id), 5, timedelta(hours=1)):
        raise TooMany(msg("这一小时已经发过五次。请稍后再发，或者当面帮忙登录。"))
    code_id, code = _make(person_id, INVITATION_DIGITS, INVITATION_LIFE)
    text = msg(
        "{name}，您好。用验证码 {code} 设杏林的密码，3 天内有效：{address}",
        name=person.name,
        code=code,
        address=address_of(code_id),
    )
    if person.phone_sealed:
        _sms(person_id, identity.opened("phone", person.phone_sealed), text, person.locale)
    else:
        _mail(person_id, identity.opened("email", person.email_sealed), text, person.locale)
    audit.record(actor, "person.code_sent", "person", person_id)
    return code_id, code


def address_of(code_id: UUID) -> str:
    """Where a code is entered."""
    return f"{current_app.extensions['xinglin.settings'].address}/sign-in/code/{code_id}"


def set_password_by_code(
    code_id: UUID, code: str, password: str, *, device: str, address: str, shared: bool = False
) -> str:
    """Set a password with a code that was sent, end all other sign-ins and sign in; the new session's token.

    Opens its own units of work: a wrong code counts although it is refused.
    Raises Invalid by field, Gone when the code is over.
    """
    if not rules.is_password(password, ()):
        raise Invalid(fields={"password": weak_password()})
    with unit_of_work():
        person_id = _count_try(code_id, code)
        known = _known(code_id) if person_id else ()
    if person_id is None:
        raise Invalid(fields={"code": msg("验证码不对。请看最新一条短信，再填一次。")})
    # Only now: judged before the code, this would tell whether the account exists.
    if not rules.is_password(password, known):
        raise Invalid(fields={"password": weak_password()})
    hashed = passwords.hash_password(password)
    with unit_of_work():
        used = session().execute(
            update(OneTimeCode)
            .where(OneTimeCode.id == code_id, OneTimeCode.used_at.is_(None))
            .values(used_at=clock.now())
        )
        if not used.rowcount:  # type: ignore[attr-defined]
            raise _over()
        session().execute(update(Person).where(Person.id == person_id).values(password_hash=hashed))
        end_codes(person_id)
        sessions.end_sessions(person_id)
        audit.record(Actor(person_id), "person.password_set", "person", person_id)
        return sessions.open_session(person_id, device=device, address=address, shared=shared)


def end_codes(person_id: UUID | None) -> None:
    """End every code of a person that still waits: it went to a number she no longer has, or to somebody who has
    just set another password."""
    _end_codes(OneTimeCode.person_id == person_id)


def end_codes_of(person_ids: Sequence[UUID]) -> None:
    """The same of several people, a thousand at most; one statement."""
    _end_codes(OneTimeCode.person_id.in_(person_ids))


def _end_codes(whose: ColumnElement[bool]) -> None:
    session().execute(update(OneTimeCode).where(whose, OneTimeCode.used_at.is_(None)).values(used_at=clock.now()))


def prune() -> None:
    """Remove codes that have been over for a day."""
    session().execute(delete(OneTimeCode).where(OneTimeCode.expires_at < clock.now() - timedelta(days=1)))


def weak_password() -> Message:
    """What a password must be."""
    return msg("密码至少 8 位，不要用自己的手机号，也不要用 12345678 这样常见的。")


def _make(person_id: UUID | None, digits: int, life: timedelta) -> tuple[UUID, str]:
    code_id, code, now = new_id(), new_code(digits), clock.now()
    session().add(
        OneTimeCode(
            id=code_id,
            person_id=person_id,
            code_hash=_hashes(code_id, code)[0],
            made_at=now,
            expires_at=now + life,
            tries=0,
        )
    )
    session().flush()
    return code_id, code


def _count_try(code_id: UUID, code: str) -> UUID | None:
    """The person whose code it is, or None when it is wrong; the try is counted before it is judged."""
    row = (
        session()
        .execute(
            update(OneTimeCode)
            .where(
                OneTimeCode.id == code_id,
                OneTimeCode.used_at.is_(None),
                OneTimeCode.expires_at > clock.now(),
                OneTimeCode.tries < MOST_TRIES,
            )
            .values(tries=OneTimeCode.tries + 1)
            .returning(OneTimeCode.person_id, OneTimeCode.code_hash)
            .execution_options(synchronize_session=False)
        )
        .one_or_none()
    )
    if row is None:
        raise _over()
    digits = "".join(c for c in code if c.isdigit())
    right = any(hmac.compare_digest(row.code_hash, one) for one in _hashes(code_id, digits))
    person_id: UUID | None = row.person_id
    if not right or person_id is None:
        return None
    enabled = session().scalar(select(Person.id).where(Person.id == person_id, Person.disabled_at.is_(None)))
    if enabled is None:
        raise _over()
    return person_id


def _known(code_id: UUID) -> tuple[str, ...]:
    """What others know of the person: no password may contain it."""
    sealed = session().scalar(
        select(Person.phone_sealed)
        .join(OneTimeCode, OneTimeCode.person_id == Person.id)
        .where(OneTimeCode.id == code_id)
    )
    return (identity.opened("phone", sealed),)


def _over() -> Gone:
    return Gone(msg("这个验证码用过了、过期了，或者错了太多次。请重新要一个。"))


def _hashes(code_id: UUID, code: str) -> list[str]:
    """How a code is kept, and how codes were that have been sent by the version before."""
    return [passing_hash(code, f"code:{code_id}"), *lookup_hashes(code, f"code:{code_id}")]


def _sms(person_id: UUID, to: str, text: Message, locale: str | None) -> None:
    messages.send_sms(to, translate(text, locale or "zh"), person_id)


def _mail(person_id: UUID, to: str, text: Message, locale: str | None) -> None:
    subject = translate(msg("杏林验证码"), locale or "zh")
    messages.send_mail(to, f"{subject}\n\n{translate(text, locale or 'zh')}", person_id)
