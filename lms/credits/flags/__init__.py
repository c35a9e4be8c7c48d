"""Flags: what looks unusual, put before a person. Never a verdict: a flag changes no award."""
