"""The curriculum: which areas of a village doctor's post are taught, tested and refreshed, and in which order."""
