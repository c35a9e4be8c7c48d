"""Pages of pathways: a person's records, and the queue of those who verify them."""

from lms.pathways.views import record_audit, records
from lms.pathways.views.blueprint import bp

__all__ = ["bp", "record_audit", "records"]
