"""What filings let the outbox do."""

from datetime import timedelta

from lms.credits.filing import making
from lms.kernel import outbox

# Writing the files of a whole province takes minutes.
LONG = timedelta(minutes=15)


@outbox.task(making.GATHER)
def gather(filing_id: str, start: str, step: int) -> None:
    """A batch of lines."""
    making.gather(filing_id, start, step)


@outbox.task(making.WRITE, lease=LONG)
def write(filing_id: str) -> None:
    """The files, once all lines are there."""
    making.write(filing_id)
