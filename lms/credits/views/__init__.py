"""Pages of credits: the learner's statement, the auditor's queue, the administrator's entries, the unit's
files, policies in words, flags."""

from lms.credits.views import (
    admin,
    audit,
    claim_audit,
    claims,
    coming,
    filings,
    flags,
    history,
    learner,
    ledger,
    lists,
    offices,
    policies,
    proposals,
    reports,
    rollover,
    samples,
)
from lms.credits.views.blueprint import bp

__all__ = [
    "admin",
    "audit",
    "bp",
    "claim_audit",
    "claims",
    "coming",
    "filings",
    "flags",
    "history",
    "learner",
    "ledger",
    "lists",
    "offices",
    "policies",
    "proposals",
    "reports",
    "rollover",
    "samples",
]
