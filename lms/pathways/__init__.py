"""The ways to become a physician: clocks, pathways, evidence, the planner."""
