"""Claims: what a doctor did elsewhere, told by herself with papers, and decided by a chain of levels."""
