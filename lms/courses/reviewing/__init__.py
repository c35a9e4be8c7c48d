"""Reviewing a draft: comments on passages, judgements, what keeps it from approval."""
