"""Whether courses that nobody has reviewed clinically may carry credit: in a demonstration only."""

from flask import current_app

from lms.kernel.settings import Settings


def unreviewed_may_carry() -> bool:
    """Whether this house is a demonstration, whose people and credits are invented."""
    settings: Settings = current_app.extensions["xinglin.settings"]
    return settings.is_demo
