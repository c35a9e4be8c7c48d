"""The writing room: a draft's files as people write them, until they are handed in for review."""
