"""Records: handed in by the person or entered by an office, verified by levels, kept once for every pathway."""
