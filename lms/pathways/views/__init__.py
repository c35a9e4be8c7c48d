"""The pages of pathways, put together."""

from lms.pathways.views import ways
from lms.pathways.views.blueprint import bp

__all__ = ["bp", "ways"]
