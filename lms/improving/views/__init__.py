"""The pages of improving, put together."""

from lms.improving.views import studio
from lms.improving.views.blueprint import bp

__all__ = ["bp", "studio"]
