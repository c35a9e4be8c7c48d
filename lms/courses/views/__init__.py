"""Pages of courses: the learner's, the studio's."""

from lms.courses.views import imports, pages, questions, settings, studio, writing
from lms.courses.views.blueprint import bp

__all__ = ["bp", "imports", "pages", "questions", "settings", "studio", "writing"]
