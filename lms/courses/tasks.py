"""What courses does after a commit; importing this registers the tasks."""

from lms.courses.writing.health import count

__all__ = ["count"]
