"""Whether a course works: where learners stop, what they say of it, what they did differently later."""
