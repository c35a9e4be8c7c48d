"""Signing in and out, sessions, consent."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Invalid, TooMany
from lms.kernel.i18n import LANGUAGES
from lms.kernel.text import Message, msg
from lms.kernel.uow import unit_of_work
from lms.people import identity, passwords, rules, sessions, throttle
from lms.people.commands.codes import end_codes, weak_password
from lms.people.models import Consent, Person, UserSession

SPAN = timedelta(minutes=10)
ACCOUNT_TRIES = 5
# Counted for failures only, and wide: a whole county may sit behind one address.
ADDRESS_FAILURES = 100


def wrong() -> Message:
    """The one sentence for a wrong password and for an account that does not exist."""
    return msg("手机号或密码不对。再试一次，或者用短信验证码设新密码。")


def sign_in(
    account: str, password: str, *, device: str = "", address: str = "", shared: bool = False, familiar: bool = False
) -> str:
    """Sign in with phone or mail address and password; the new session's token.

    A `familiar` browser has signed in to this account before. Its tries are counted by themselves, so that nobody
    who guesses elsewhere, or from the same address, can lock a doctor out of her own phone.
    Opens its own units of work: a refused try is counted, and no lock is held while the password is
    judged. Raises Invalid for what is wrong (which of the two is not said) and TooMany.
    """
    known = identity.account_of(account)
    with unit_of_work():
        counted = "familiar" if familiar else "account"
        allowed = throttle.take(counted, known.subject, ACCOUNT_TRIES, SPAN)
        allowed = allowed and (familiar or not throttle.is_spent("address", address, ADDRESS_FAILURES))
        person = (
            session()
            .execute(
                select(Person.id, Person.password_hash, Person.disabled_at).where(
                    identity.has(known.field, known.plain)
                )
            )
            .one_or_none()
        )
    if not allowed:
        raise TooMany(msg("试的次数多了。请过 10 分钟再试，或者用短信验证码设新密码。"))
    right = passwords.is_right(password, person.password_hash if person else None)
    if person is None or not right or person.disabled_at is not None:
        with unit_of_work():
            throttle.take("address", address, ADDRESS_FAILURES, SPAN)
        raise Invalid(wrong())
    stronger = passwords.is_outdated(person.password_hash)
    better = passwords.hash_password(password) if stronger else None
    with unit_of_work():
        throttle.forget(counted, known.subject)
        if better:
            session().execute(
                update(Person)
                .where(Person.id == person.id, Person.password_hash == person.password_hash)
                .values(password_hash=better)
            )
        audit.record(Actor(person.id), "person.signed_in", "person", person.id)
        return sessions.open_session(person.id, device=device, address=address, shared=shared)


def sign_out(token: str | None) -> None:
    """End the session a token opens; nothing happens when it is over already."""
    if token:
        sessions.end_session(token)


def revoke_session(actor: Actor, session_id: UUID) -> None:
    """End one of one's own sign-ins; NotFound for anybody else's."""
    require_signed_in(actor)
    found = session().scalar(
        select(UserSession.id).where(UserSession.id == session_id, UserSession.person_id == actor.person_id)
    )
    require_found(found)
    session().execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    audit.record(actor, "session.revoked", "person", actor.person_id)


def revoke_other_sessions(actor: Actor) -> int:
    """End all of one's sign-ins but this one; how many ended."""
    require_signed_in(actor)
    assert actor.person_id is not None
    ended = sessions.end_sessions(actor.person_id, but=actor.session_id)
    if ended:
        audit.record(actor, "session.revoked", "person", actor.person_id, count=ended)
    return ended


def change_password(actor: Actor, old: str, new: str, *, device: str, address: str) -> str:
    """Change one's password, knowing the old one; all sign-ins end, and the token of a new one is returned.

    Opens its own units of work. Raises Invalid by field and TooMany.
    """
    require_signed_in(actor)
    with unit_of_work():
        allowed = throttle.take("change", str(actor.person_id), ACCOUNT_TRIES, SPAN)
        person = (
            session()
            .execute(select(Person.password_hash, Person.phone_sealed).where(Person.id == actor.person_id))
            .one()
        )
        phone = identity.opened("phone", person.phone_sealed)
    if not allowed:
        raise TooMany(msg("试的次数多了。请过 10 分钟再试。"))
    if not rules.is_password(new, (phone,)):
        raise Invalid(fields={"new": weak_password()})
    if not passwords.is_right(old, person.password_hash):
        raise Invalid(fields={"old": msg("现在的密码不对。忘了可以退出，用验证码设新的。")})
    hashed = passwords.hash_password(new)
    with unit_of_work():
        assert actor.person_id is not None
        throttle.forget("change", str(actor.person_id))
        session().execute(update(Person).where(Person.id == actor.person_id).values(password_hash=hashed))
        shared = session().scalar(select(UserSession.shared).where(UserSession.id == actor.session_id))
        sessions.end_sessions(actor.person_id)
        end_codes(actor.person_id)
        audit.record(actor, "person.password_set", "person", actor.person_id)
        return sessions.open_session(actor.person_id, device=device, address=address, shared=bool(shared))


def give_consent(person_id: UUID) -> None:
    """Record that a person has agreed to the present privacy notice; once is enough."""
    values = {"person_id": person_id, "notice_version": sessions.NOTICE, "at": clock.now()}
    if insert_once(Consent, values, on=["person_id", "notice_version"]):
        audit.record(Actor(person_id), "person.consented", "person", person_id, notice=sessions.NOTICE)


def choose_language(actor: Actor, language: str) -> None:
    """Remember the language of a signed-in person; Invalid for one we do not speak."""
    if language not in LANGUAGES:
        raise Invalid(msg("没有这种语言。"))
    if actor.signed_in:
        session().execute(update(Person).where(Person.id == actor.person_id).values(locale=language))
