"""What credits do by the clock."""

from lms.credits.compliance import tasks
from lms.kernel.jobs import every

JOBS = [every(minutes=60, name="credits.compliance", run=tasks.nightly)]
