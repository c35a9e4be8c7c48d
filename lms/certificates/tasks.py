"""Drawing, after the commit. May run any number of times: one certificate gets one file."""

from datetime import date
from uuid import UUID

from lms.certificates import commands
from lms.kernel import files, outbox


@outbox.task(commands.DRAW)
def draw_certificate(certificate_id: str, news_since: str | None = None) -> None:
    """Draw a certificate that has no file yet and bind the file to it, so that its owner hears of it."""
    facts = commands.facts_to_draw(UUID(certificate_id))
    if facts is None:
        return
    # Only here: ReportLab costs memory that a web process, which leaves drawing to others, need not spend.
    from lms.certificates.drawing.page import draw  # noqa: PLC0415

    since = date.fromisoformat(news_since) if news_since else None
    commands.keep_file(UUID(certificate_id), files.store(draw(facts)), since)
