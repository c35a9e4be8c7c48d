"""Statement and transcript as tables, and as the files a doctor's unit takes: one source for page and file."""
