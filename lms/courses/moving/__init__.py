"""Editions after they are published: what changed, who is moved, what is taken back, who must hear of it."""
