"""What courses do by the clock."""

from lms.courses.imports import rehearsing
from lms.courses.writing import saving
from lms.kernel.jobs import every

JOBS = [
    every(minutes=24 * 60, name="courses.forget_saves", run=saving.forget_old),
    every(minutes=6 * 60, name="courses.forget_rehearsals", run=rehearsing.expire),
]
