"""Compliance at scale: everybody's year kept as a row, made by the one engine, and read by area."""
