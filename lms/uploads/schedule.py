"""What uploads do by the clock: forget what was never finished or used, and leave no pieces behind."""

import shutil
import time

from sqlalchemy import delete, select

from lms.kernel import clock, files
from lms.kernel.db import session
from lms.kernel.jobs import every
from lms.uploads.models import Upload
from lms.uploads.receiving import work_folder

# No cleaning takes an hour: what lies longer was left by a process that was killed.
LEFT_SECONDS = 3600


def sweep() -> None:
    """Forget uploads whose time is over, remove pieces that belong to none, and what kills left behind."""
    session().execute(delete(Upload).where(Upload.expires_at < clock.now()))
    # In this order: a piece lies only under an upload that was there before it.
    lying = files.owners_of_parts()
    alive = set(session().scalars(select(Upload.id).where(Upload.state != "taken")))
    for upload_id in lying - alive:
        files.drop_parts(upload_id)
    for folder in work_folder().iterdir():
        if time.time() - folder.stat().st_mtime > LEFT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


JOBS = [every(minutes=60, name="uploads.sweep", run=sweep)]
