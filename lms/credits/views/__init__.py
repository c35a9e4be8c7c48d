"""Pages of credits: the learner's statement, the auditor's queue, the administrator's entries, the unit's
files, policies in words."""

from lms.credits.views import admin, audit, filings, history, learner, ledger, offices, policies, reports
from lms.credits.views.blueprint import bp

__all__ = ["admin", "audit", "bp", "filings", "history", "learner", "ledger", "offices", "policies", "reports"]
