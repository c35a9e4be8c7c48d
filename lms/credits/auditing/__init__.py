"""Auditing: the queue of an area, the evidence of one award, and what is decided on it."""
