"""What assessments do by the clock."""

from lms.assessments import commands
from lms.kernel.jobs import every

JOBS = [every(minutes=1, name="assessments.close_overdue", run=commands.close_overdue)]
