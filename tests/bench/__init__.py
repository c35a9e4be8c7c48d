"""`make bench`: the real servers under load, beside the limits of the same machine."""
