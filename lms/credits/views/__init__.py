"""Pages of credits: the learner's statement, the auditor's queue, the administrator's entries."""

from lms.credits.views import admin, audit, learner, reports
from lms.credits.views.blueprint import bp

__all__ = ["admin", "audit", "bp", "learner", "reports"]
