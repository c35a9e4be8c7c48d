"""Pages of pathways."""

from lms.pathways.views import county, plan
from lms.pathways.views.blueprint import bp

__all__ = ["bp", "county", "plan"]
