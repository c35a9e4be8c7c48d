"""Pages of courses: the learner's, the studio's."""

from lms.courses.views import pages, studio
from lms.courses.views.blueprint import bp

__all__ = ["bp", "pages", "studio"]
