"""Pages of courses: the learner's, the studio's."""

from lms.courses.views import (
    curriculum,
    editions,
    exchange,
    imports,
    media,
    pages,
    questions,
    reviewing,
    settings,
    studio,
    typed,
    unsaved,
    writing,
)  # fmt: skip
from lms.courses.views.blueprint import bp

__all__ = [
    "bp", "curriculum", "editions", "exchange", "imports", "media", "pages", "questions", "reviewing", "settings",
    "studio", "typed", "unsaved", "writing",
]  # fmt: skip
