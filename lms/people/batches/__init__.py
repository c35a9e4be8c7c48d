"""Batches: a table of many rows rehearsed, done as one thing, and taken back. What its rows mean, a kind knows."""
