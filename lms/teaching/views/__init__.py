"""The pages of teaching, put together."""

from lms.teaching.views import planning, practice, rotations, signing
from lms.teaching.views.blueprint import bp

__all__ = ["bp", "planning", "practice", "rotations", "signing"]
