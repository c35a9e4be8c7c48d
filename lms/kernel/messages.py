"""Mail and SMS as ports. The embedded default keeps what it would have sent; the demo shows it."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import Index, String, Text, Uuid, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel import clock, outbox
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import Instant, Model, insert_once, session
from lms.kernel.ids import new_id
from lms.kernel.sealing import sealed_info

DELIVER = "messages.deliver"
KEPT = timedelta(days=30)
"""How long a message of the embedded port is kept (house practice), as long as done work of the outbox."""


class SentMessage(Model):
    """A message that the embedded port "sent"; address and text are sealed. `person_id`: to whom, where the sender
    knew her; the address may not be hers any more."""

    __tablename__ = "sent_message"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))  # sms | mail
    sealed: Mapped[str] = mapped_column(Text, info=sealed_info("sent_message"))
    at: Mapped[datetime] = mapped_column(Instant)
    person_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    __table_args__ = (Index("ix_sent_message_at", "at"),)


Port = Callable[[UUID, str, str, str], None]


def keep(message_id: UUID, channel: str, to: str, text: str) -> None:
    """The embedded port: keep the message instead of sending it."""
    sealed = seal(f"{to}\n{text}", "sent_message").hex()
    insert_once(
        SentMessage,
        {"id": message_id, "channel": channel, "sealed": sealed, "at": clock.now()},
        on=["id"],
    )


def send_sms(to: str, text: str, person_id: UUID | None = None) -> None:
    """Send a text message after the commit; to whom, where she is registered here."""
    _send("sms", to, text, person_id)


def send_mail(to: str, text: str, person_id: UUID | None = None) -> None:
    """Send a mail after the commit; its first line is the subject. To whom, where she is registered here."""
    _send("mail", to, text, person_id)


class Outgoing(NamedTuple):
    """A message to be sent; `channel`: sms or mail."""

    channel: str
    to: str
    text: str
    person_id: UUID | None


def send_all(messages: Sequence[Outgoing]) -> None:
    """Send many messages after the commit; one statement."""
    if messages:
        outbox.send_all(DELIVER, dict(_outgoing(one) for one in messages))


def _send(channel: str, to: str, text: str, person_id: UUID | None) -> None:
    key, payload = _outgoing(Outgoing(channel, to, text, person_id))
    outbox.send(DELIVER, key=key, **payload)


def _outgoing(one: Outgoing) -> tuple[str, dict[str, Any]]:
    message_id = new_id()
    return f"message:{message_id}", {
        "message_id": str(message_id),
        "channel": one.channel,
        "sealed": seal(f"{one.to}\n{one.text}", "message").hex(),
        "person_id": str(one.person_id) if one.person_id else None,
    }


@outbox.task(DELIVER)
def deliver(message_id: str, channel: str, sealed: str, person_id: str | None = None) -> None:
    """Hand one message to the port. Whom it went to is not the port's to know; where the message is kept here, the row
    says it. (The version before told no person.)"""
    to, text = unseal(bytes.fromhex(sealed), "message").split("\n", 1)
    port: Port = current_app.extensions["xinglin.message_port"]
    port(UUID(message_id), channel, to, text)
    if person_id is not None:
        session().execute(
            update(SentMessage).where(SentMessage.id == UUID(message_id)).values(person_id=UUID(person_id))
        )


def kept(limit: int = 50) -> list[tuple[datetime, str, str, str]]:
    """Kept messages, newest first: instant, channel, address, text."""
    rows = session().scalars(select(SentMessage).order_by(SentMessage.at.desc()).limit(limit))
    shown = []
    for row in rows:
        to, text = unseal(bytes.fromhex(row.sealed), "sent_message").split("\n", 1)
        shown.append((row.at, row.channel, to, text))
    return shown


def prune() -> None:
    """Forget what was kept longer than KEPT."""
    session().execute(delete(SentMessage).where(SentMessage.at < clock.now() - KEPT))


def forget(person_id: UUID, addresses: Collection[str]) -> None:
    """Remove every message to a person, kept or in the outbox, whatever her address was then; and those that tell no
    person (of the version before), by her addresses of now."""
    session().execute(delete(SentMessage).where(SentMessage.person_id == person_id))
    for row in session().execute(
        select(SentMessage.id, SentMessage.sealed).where(SentMessage.person_id.is_(None))
    ).all():
        if _address(row.sealed, "sent_message") in addresses:
            session().execute(delete(SentMessage).where(SentMessage.id == row.id))
    for found in outbox.rows_of(DELIVER):
        told = found.payload.get("person_id")
        if told == str(person_id) or (told is None and _address(found.payload["sealed"], "message") in addresses):
            outbox.forget(found.id)


def _address(sealed: str, purpose: str) -> str:
    return unseal(bytes.fromhex(sealed), purpose).split("\n", 1)[0]
