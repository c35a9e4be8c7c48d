"""Item banks, papers, attempts: drawn by seed, answers appended, graded once."""
