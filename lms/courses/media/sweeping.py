"""Files that no draft, no edition and no work names any more go, after a while. Only files that media made go: what
other features might keep under the same name (a picture, a hand-out) stays."""

from datetime import timedelta

from sqlalchemy import delete, or_, select

from lms.courses.media.models import KnownFile, PictureSize, Transcode
from lms.courses.models import DraftMedium, EditionMedium
from lms.courses.writing.models import DraftFile
from lms.kernel import clock, files, outbox
from lms.kernel.db import session
from lms.kernel.ids import new_id

AGE = timedelta(days=7)
STAYING = ("image/jpeg", "image/png", "application/pdf")
MOST = 200
FORGET = "media.forget"


def sweep(age: timedelta = AGE) -> list[tuple[str, int]]:
    """Forget files that nobody names and that are older than `age`: their SHAs and bytes. They are removed after the
    commit. What was stored anew just now stays: whoever did so is about to name it."""
    unnamed = [
        KnownFile.sha.not_in(select(DraftMedium.sha)), KnownFile.sha.not_in(select(EditionMedium.sha)),
        KnownFile.sha.not_in(select(Transcode.source_sha)),
        KnownFile.sha.not_in(select(DraftFile.sha).where(DraftFile.sha.is_not(None))),
    ]  # fmt: skip
    sized = select(PictureSize.sha).where(
        or_(
            PictureSize.picture_sha.in_(select(DraftMedium.sha)),
            PictureSize.picture_sha.in_(select(EditionMedium.sha)),
        )
    )
    rows = session().execute(
        select(KnownFile.sha, KnownFile.size)
        .where(*unnamed, KnownFile.sha.not_in(sized), KnownFile.made_at < clock.now() - age)
        .where(KnownFile.mime.not_in(STAYING))
        .order_by(KnownFile.made_at)
        .limit(MOST)
        .with_for_update()
    ).all()
    spared = min(age, files.FRESH)
    rows = [row for row in rows if not files.fresh(row.sha, spared)]
    shas = [row.sha for row in rows]
    session().execute(
        delete(PictureSize).where(PictureSize.sha.in_(shas)).execution_options(synchronize_session=False)
    )
    session().execute(delete(KnownFile).where(KnownFile.sha.in_(shas)).execution_options(synchronize_session=False))
    for sha in shas:
        outbox.send(FORGET, key=f"{FORGET}:{sha}:{new_id()}", sha=sha, spared=int(spared.total_seconds()))
    return [(row.sha, row.size) for row in rows]


@outbox.task(FORGET)
def forget(sha: str, spared: int = 0) -> None:
    """Remove a file from the storage, unless it came back meanwhile, or in these last seconds."""
    if session().get(KnownFile, sha) is None and not files.fresh(sha, timedelta(seconds=spared)):
        files.forget(sha)
