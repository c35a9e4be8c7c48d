"""Mail and SMS as ports. The embedded default keeps what it would have sent; the demo shows it."""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import Index, String, Text, Uuid, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel import clock, outbox
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import Instant, Model, insert_once, session
from lms.kernel.ids import new_id
from lms.kernel.sealing import sealed_info


class SentMessage(Model):
    """A message that the embedded port "sent"; address and text are sealed."""

    __tablename__ = "sent_message"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))  # sms | mail
    sealed: Mapped[str] = mapped_column(Text, info=sealed_info("sent_message"))
    at: Mapped[datetime] = mapped_column(Instant)
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


def send_sms(to: str, text: str) -> None:
    """Send a text message after the commit."""
    _send("sms", to, text)


def send_mail(to: str, text: str) -> None:
    """Send a mail after the commit; its first line is the subject."""
    _send("mail", to, text)


def _send(channel: str, to: str, text: str) -> None:
    message_id = new_id()
    outbox.send(
        "messages.deliver",
        key=f"message:{message_id}",
        message_id=str(message_id),
        channel=channel,
        sealed=seal(f"{to}\n{text}", "message").hex(),
    )


@outbox.task("messages.deliver")
def deliver(message_id: str, channel: str, sealed: str) -> None:
    """Hand one message to the port."""
    to, text = unseal(bytes.fromhex(sealed), "message").split("\n", 1)
    port: Port = current_app.extensions["xinglin.message_port"]
    port(UUID(message_id), channel, to, text)


def kept(limit: int = 50) -> list[tuple[datetime, str, str, str]]:
    """Kept messages, newest first: instant, channel, address, text."""
    rows = session().scalars(select(SentMessage).order_by(SentMessage.at.desc()).limit(limit))
    shown = []
    for row in rows:
        to, text = unseal(bytes.fromhex(row.sealed), "sent_message").split("\n", 1)
        shown.append((row.at, row.channel, to, text))
    return shown


def forget(addresses: Collection[str]) -> None:
    """Remove every message that went to one of these addresses, kept or in the outbox: they name whom they went to."""
    wanted = {one for one in addresses if one}
    for row in session().execute(select(SentMessage.id, SentMessage.sealed)) if wanted else ():
        if unseal(bytes.fromhex(row.sealed), "sent_message").split("\n", 1)[0] in wanted:
            session().execute(delete(SentMessage).where(SentMessage.id == row.id))
    for found in outbox.rows_of("messages.deliver") if wanted else ():
        if unseal(bytes.fromhex(found.payload["sealed"]), "message").split("\n", 1)[0] in wanted:
            outbox.forget(found.id)
