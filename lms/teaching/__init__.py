"""The clinical practice log and rotations: what a doctor does under a supervisor, signed by him. Knows no pathway."""
