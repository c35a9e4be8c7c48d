"""The pages of improving, put together."""

from lms.improving.views import learner, studio, surveys, words
from lms.improving.views.blueprint import bp

__all__ = ["bp", "learner", "studio", "surveys", "words"]
