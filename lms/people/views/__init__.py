"""Pages of people: signing in, the account, administration."""

from lms.people.views import account, administration, registration, sign_in
from lms.people.views.blueprint import bp

__all__ = ["account", "administration", "bp", "registration", "sign_in"]
