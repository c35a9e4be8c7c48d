"""History from another system: rehearsed, imported once, marked with its source, taken back whole if need be."""
