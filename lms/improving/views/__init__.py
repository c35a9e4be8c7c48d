"""The pages of improving, put together."""

from lms.improving.views import knowledge, learner, studio, surveys, words
from lms.improving.views.blueprint import bp

__all__ = ["bp", "knowledge", "learner", "studio", "surveys", "words"]
