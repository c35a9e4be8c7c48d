"""A person's live sign-ins."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from lms.kernel import clock
from lms.kernel.db import session
from lms.people import rules
from lms.people.models import UserSession


@dataclass(frozen=True, slots=True)
class SessionCard:
    """One sign-in, as its owner sees it."""

    id: UUID
    device: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    shared: bool

    @property
    def device_name(self) -> str:
        return rules.device_name(self.device)


def sessions_of(person_id: UUID) -> list[SessionCard]:
    """A person's live sign-ins, last seen first."""
    now = clock.now()
    rows = session().execute(
        select(
            UserSession.id,
            UserSession.device,
            UserSession.address,
            UserSession.created_at,
            UserSession.last_seen_at,
            UserSession.shared,
        )
        .where(
            UserSession.person_id == person_id,
            UserSession.revoked_at.is_(None),
            UserSession.idle_until > now,
            UserSession.expires_at > now,
        )
        .order_by(UserSession.last_seen_at.desc())
    )
    return [SessionCard(*row) for row in rows]
