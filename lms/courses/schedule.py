"""What courses do by the clock."""

from lms.courses.moving import moving
from lms.courses.writing import saving
from lms.kernel.jobs import Pulse, every

JOBS = [every(minutes=24 * 60, name="courses.forget_saves", run=saving.forget_old)]
PULSES = [Pulse("courses.move", 2.0, moving.work_off)]
