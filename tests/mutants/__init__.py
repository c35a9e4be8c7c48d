"""Mutants: faults that are planted on purpose, one by one, each to be killed by the tests it names."""
