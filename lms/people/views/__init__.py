"""Pages of people: signing in, the account, administration."""

from lms.people.views import account, administration, notices, privacy, registration, rosters, sign_in
from lms.people.views.blueprint import bp

__all__ = ["account", "administration", "bp", "notices", "privacy", "registration", "rosters", "sign_in"]
