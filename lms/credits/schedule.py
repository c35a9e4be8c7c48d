"""What credits do by the clock."""

from lms.credits.compliance import reminding, tasks
from lms.credits.flags import tasks as flags
from lms.credits.history_import import importing
from lms.credits.log import running
from lms.credits.log.checking import verify_nightly
from lms.kernel.jobs import Pulse, every

PULSES = [
    Pulse("credits.log", 1.0, running.tick),
    # By itself: witnesses may keep it waiting, and places and signatures must not wait with it.
    Pulse("credits.publish", 1.0, running.publish_tick),
    Pulse("credits.verify", 60.0, verify_nightly),
]
JOBS = [
    every(minutes=60, name="credits.compliance", run=tasks.nightly),
    every(minutes=60, name="credits.reminding", run=reminding.hourly),
    every(minutes=60, name="credits.flags", run=flags.nightly),
    every(minutes=24 * 60, name="credits.rehearsals", run=importing.expire),
]
