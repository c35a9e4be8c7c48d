"""What improving does by the clock."""

from lms.improving import tasks
from lms.kernel.jobs import every

JOBS = [every(minutes=60, name="improving.count", run=tasks.nightly)]
