"""What assessments put onto the pages of courses."""

from lms.assessments import queries
from lms.courses.parts import course_assessment, sitting


def fill() -> None:
    """Fill the slots; called by app.py."""
    course_assessment.fill(queries.panel)
    sitting.fill(queries.sitting)
