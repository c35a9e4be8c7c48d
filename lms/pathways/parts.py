"""What pathways needs at the start of the house."""

from lms.pathways import catalogue


def fill() -> None:
    """Called by app.py. A pathway that cannot be used is refused here, not when somebody opens its page."""
    catalogue.library()
