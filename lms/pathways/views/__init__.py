"""Pages of pathways: a person's ways, plan and records, the queue of those who verify them, the county's funnel."""

from lms.pathways.views import county, plan, record_audit, records, ways
from lms.pathways.views.blueprint import bp

__all__ = ["bp", "county", "plan", "record_audit", "records", "ways"]
