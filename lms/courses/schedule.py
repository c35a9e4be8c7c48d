"""What courses do by the clock."""

from lms.courses.imports import rehearsing
from lms.courses.media import sweeping, transcoding
from lms.courses.moving import moving
from lms.courses.writing import health, presence, saving, typed
from lms.kernel.jobs import Pulse, every

PULSES = [Pulse("courses.move", 2.0, moving.work_off), Pulse("media.resume", 15.0, transcoding.resume)]
JOBS = [
    every(minutes=1, name="courses.count_health", run=health.look),
    every(minutes=24 * 60, name="courses.forget_saves", run=saving.forget_old),
    every(minutes=24 * 60, name="courses.forget_typed", run=typed.forget_old),
    every(minutes=60, name="courses.forget_presence", run=presence.forget_old),
    every(minutes=6 * 60, name="courses.forget_rehearsals", run=rehearsing.expire),
    every(minutes=24 * 60, name="media.sweep", run=sweeping.sweep),
]
