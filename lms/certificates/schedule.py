"""What certificates do by the clock."""

from lms.certificates import commands
from lms.kernel.jobs import every

JOBS = [every(minutes=5, name="certificates.try_waiting_again", run=commands.try_waiting_again)]
