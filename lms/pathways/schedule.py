"""What pathways do by the clock."""

from lms.kernel.jobs import every
from lms.pathways.county import keeping

JOBS = [
    every(minutes=60, name="pathways.standings", run=keeping.nightly),
    every(minutes=60, name="pathways.licences", run=keeping.remind_of_licences),
]
