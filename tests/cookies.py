"""A signed-in browser without the detour over the form: a session row like any other, and its cookie."""

from uuid import UUID

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from lms.people import sessions

NAME = "xinglin"


def cookie_of(app: Flask, person_id: UUID | None, **more: str) -> str:
    """The cookie a browser would hold, signed with the house's key; `more` is kept in it too. For a person it
    opens a session, inside the unit of work that is open."""
    kept: dict[str, object] = dict(more)
    if person_id is not None:
        token = sessions.open_session(person_id, device="tests", address="127.0.0.1", shared=False)
        kept |= {"_user_id": token, "_fresh": True}
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    signed = signer.dumps(kept)
    return signed if isinstance(signed, str) else signed.decode()
