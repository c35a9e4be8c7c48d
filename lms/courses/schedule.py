"""What courses do by the clock."""

from lms.courses.writing import health, presence, saving
from lms.kernel.jobs import every

JOBS = [
    every(minutes=1, name="courses.count_health", run=health.look),
    every(minutes=24 * 60, name="courses.forget_saves", run=saving.forget_old),
    every(minutes=60, name="courses.forget_presence", run=presence.forget_old),
]
