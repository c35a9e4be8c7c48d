"""The one cookie of a browser: signed, small, and sent again only when something in it changed."""

from flask import Flask
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer


class SignedCookie(SecureCookieSessionInterface):
    """Flask's signed cookie with one signer a process.

    Flask would sign a lasting cookie anew on every answer to push its end out. Here the server keeps
    sign-ins and says when they end, and the cookie lasts as long as the longest of them.
    """

    def __init__(self, app: Flask) -> None:
        self._signer = super().get_signing_serializer(app)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer of this process."""
        return self._signer

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Only a changed cookie is sent."""
        return session.modified
