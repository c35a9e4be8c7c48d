"""Rosters: people and their postings by workbook. Two kinds of batch (lms.people.batches)."""
