"""Courses: packages, editions, the catalogue, enrolment, lessons, progress, the studio."""
