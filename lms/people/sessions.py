"""Signed-in sessions: kept on the server, found by the hash of the token the browser holds.

Flask-Login keeps the token in the signed cookie (`get_id` is the token, not the person's id, so a
session can be revoked); who acts is one statement a request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import current_app, g, request
from flask import session as cookie
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import Table, and_, bindparam, select, update

from lms.kernel import clock
from lms.kernel.actor import NOBODY, Actor, Grant, Role
from lms.kernel.crypto import passing_hash
from lms.kernel.db import session
from lms.kernel.ids import new_id, new_token
from lms.kernel.uow import unit_of_work
from lms.people.identity import account_of
from lms.people.models import Consent, Person, RoleGrant, UserSession

# The version of the privacy notice that must have been agreed to (templates/people/_notice.html).
NOTICE = "2026-12"
SEEN_AT_MOST_EVERY = timedelta(minutes=5)
SHARED_IDLE = timedelta(minutes=30)
SHARED_WHOLE = timedelta(hours=12)
# What a browser keeps when somebody else signs in or everybody has signed out.
KEPT = ("language", "familiar", "browser")
MOST_FAMILIAR = 4

manager = LoginManager()
# The house ends sessions itself; a phone's address changes on the road.
manager.session_protection = None


@dataclass(frozen=True)
class SignedIn:
    """What Flask-Login knows of a signed-in person."""

    token: str
    actor: Actor
    last_seen_at: datetime
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The session's token: revocable, and worth nothing without the server's row."""
        return self.token


_session, _person = UserSession.__table__, Person.__table__
assert isinstance(_session, Table)
_grant, _consent = RoleGrant.__table__, Consent.__table__
# On tables, not on mapped classes: every request asks it, and rows need no mapping.
_WHO = (
    select(
        _session.c.id.label("session_id"),
        _session.c.person_id,
        _session.c.last_seen_at,
        _session.c.shared,
        _person.c.name,
        _person.c.locale,
        _grant.c.role,
        _grant.c.path,
        _consent.c.at.label("agreed_at"),
    )
    .select_from(_session)
    .join(_person, _person.c.id == _session.c.person_id)
    .outerjoin(_grant, and_(_grant.c.person_id == _person.c.id, _grant.c.withdrawn_at.is_(None)))
    .outerjoin(_consent, and_(_consent.c.person_id == _person.c.id, _consent.c.notice_version == NOTICE))
    .where(
        _session.c.token_hash == bindparam("token_hash"),
        _session.c.revoked_at.is_(None),
        _session.c.idle_until > bindparam("now"),
        _session.c.expires_at > bindparam("now"),
        _person.c.disabled_at.is_(None),
    )
)

_SEEN = (
    update(_session)
    .where(_session.c.id == bindparam("session_id"), _session.c.last_seen_at < bindparam("now"))
    .values(last_seen_at=bindparam("now"), idle_until=bindparam("until"))
)


def hashed(token: str) -> str:
    """How a token is kept."""
    return sha256(token.encode()).hexdigest()


@manager.user_loader  # type: ignore[untyped-decorator]
def _load(token: str) -> SignedIn | None:
    now = clock.now()
    rows = session().connection().execute(_WHO, {"token_hash": hashed(token), "now": now}).all()
    if not rows:
        return None
    first = rows[0]
    actor = Actor(
        person_id=first.person_id,
        name=first.name,
        grants=tuple(Grant(Role(row.role), row.path) for row in rows if row.role),
        session_id=first.session_id,
        language=first.locale,
        must_first=None if first.agreed_at else "people.consent",
        shared=first.shared,
    )
    return SignedIn(token, actor, first.last_seen_at)


def acting() -> Actor:
    """Who acts in this request: one statement with a session cookie, none without."""
    if "_user_id" not in cookie:
        return NOBODY
    # The proxy would look the session up for each of its attributes.
    user = current_user._get_current_object()
    return user.actor if isinstance(user, SignedIn) else NOBODY


def note_seen(actor: Actor) -> None:
    """Remember that the session is alive, at most once in five minutes, in a short write of its own."""
    if actor.session_id is None or "_login_user" not in g:
        return
    now = clock.now()
    seen: Any = g._login_user
    if not isinstance(seen, SignedIn) or now - seen.last_seen_at < SEEN_AT_MOST_EVERY:
        return
    with unit_of_work():
        session().connection().execute(
            _SEEN, {"session_id": actor.session_id, "now": now, "until": now + idle_span(actor.shared)}
        )


def idle_span(shared: bool) -> timedelta:
    """How long a session lives without a request."""
    if shared:
        return SHARED_IDLE
    return timedelta(days=current_app.extensions["xinglin.settings"].session_idle_days)


def open_session(person_id: UUID, *, device: str, address: str, shared: bool) -> str:
    """Make the row of a new sign-in; the token that opens it (the only copy)."""
    now, token = clock.now(), new_token()
    days = current_app.extensions["xinglin.settings"].session_days
    session().add(
        UserSession(
            id=new_id(),
            token_hash=hashed(token),
            person_id=person_id,
            created_at=now,
            last_seen_at=now,
            idle_until=now + idle_span(shared),
            expires_at=now + (SHARED_WHOLE if shared else timedelta(days=days)),
            shared=shared,
            device=device[:120],
            address=address[:45],
        )
    )
    session().flush()
    return token


def end_sessions(person_id: UUID, *, but: UUID | None = None) -> int:
    """Revoke all sessions of a person, or all but one; how many ended."""
    conditions = [UserSession.person_id == person_id, UserSession.revoked_at.is_(None)]
    if but is not None:
        conditions.append(UserSession.id != but)
    result = session().execute(update(UserSession).where(*conditions).values(revoked_at=clock.now()))
    return int(result.rowcount)  # type: ignore[attr-defined]


def end_sessions_of(person_ids: Sequence[UUID]) -> None:
    """Revoke all sessions of people, a thousand at most; one statement."""
    session().execute(
        update(UserSession)
        .where(UserSession.person_id.in_(person_ids), UserSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def end_session(token: str) -> None:
    """Revoke the session a token opens, if any."""
    session().execute(
        update(UserSession)
        .where(UserSession.token_hash == hashed(token), UserSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def token_of_request() -> str | None:
    """The token in the browser's cookie, whether or not it still opens anything."""
    return cookie.get("_user_id")


def take_into_browser(token: str, before: str | None, *, shared: bool) -> None:
    """Give the browser its new session: the old one ends, and nothing of it but KEPT is kept."""
    browser = hashed(cookie.setdefault("browser", new_token()))
    with unit_of_work():
        if before:
            end_session(before)
        session().execute(
            update(UserSession).where(UserSession.token_hash == hashed(token)).values(browser_hash=browser)
        )
    _forget()
    cookie.permanent = not shared
    login_user(SignedIn(token, NOBODY, clock.now()))


def take_from_browser() -> str | None:
    """Forget the session in the browser; its token, so that the server can end it."""
    token: str | None = cookie.get("_user_id")
    logout_user()
    _forget()
    return token


def is_familiar(account: str) -> bool:
    """Whether somebody has signed in to this account with this browser before."""
    return _mark(account) in cookie.get("familiar", ())


def become_familiar(account: str) -> None:
    """Remember in the signed cookie that this browser knows the account's password; the account itself is not
    in it, only a keyed hash. Phones are shared: the last few are kept."""
    mark = _mark(account)
    cookie["familiar"] = [mark, *(one for one in cookie.get("familiar", ()) if one != mark)][:MOST_FAMILIAR]


def _mark(account: str) -> str:
    return passing_hash(account_of(account).subject, "familiar")[:22]


def _forget() -> None:
    kept = {name: cookie[name] for name in KEPT if name in cookie}
    cookie.clear()
    cookie.update(kept)


def device_of_request() -> str:
    """What the browser says it is, short enough for a list."""
    return request.headers.get("User-Agent", "")[:120]
