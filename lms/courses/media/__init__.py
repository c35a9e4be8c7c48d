"""Films, sound, hand-outs and pictures of courses: taken in, made small, counted, kept, seen."""
