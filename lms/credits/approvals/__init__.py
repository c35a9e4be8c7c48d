"""Approvals: that an authority let a course carry credit, under which number, from when until when."""
