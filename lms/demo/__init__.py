"""The demonstration: one county of invented people with two years of history, made by the real commands."""
