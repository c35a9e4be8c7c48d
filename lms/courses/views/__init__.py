"""Pages of courses: the learner's, the studio's."""

from lms.courses.views import exchange, pages, questions, settings, studio, writing
from lms.courses.views.blueprint import bp

__all__ = ["bp", "exchange", "pages", "questions", "settings", "studio", "writing"]
