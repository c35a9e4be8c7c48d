"""Pages of pathways."""

from lms.pathways.views import county, plan, ways
from lms.pathways.views.blueprint import bp

__all__ = ["bp", "county", "plan", "ways"]
