"""Files under media/ of a draft: put in, taken out. Nobody judges rights here: the commands did."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from lms.courses.media import keeping
from lms.courses.models import Draft
from lms.courses.packages.recording import Recording, record_text
from lms.courses.writing.models import DraftFile
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id


def put_record(draft: Draft, made: Recording, person_id: UUID) -> None:
    """Let a recording whose files are stored be one of the draft's; one of that name is replaced."""
    keeping.know(made.stored)
    put_file(draft.id, f"media/{made.name}.toml", person_id, text=record_text(made))
    keeping.match(draft, {file.sha for file in made.stored})


def put_file(
    draft_id: UUID, path: str, person_id: UUID, *, text: str | None = None, sha: str | None = None, size: int = 0
) -> None:
    """Write a file of a draft: a text, or a stored file of so many bytes; one that is there is replaced."""
    values = {
        "text": text, "sha": sha, "size": len(text.encode()) if text is not None else size,
        "save_id": None, "changed_at": clock.now(), "changed_by": person_id,
    }  # fmt: skip
    changed = session().execute(
        update(DraftFile)
        .where(DraftFile.draft_id == draft_id, DraftFile.path == path)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        session().execute(insert(DraftFile).values(id=new_id(), draft_id=draft_id, path=path, **values))


def drop_files(draft_id: UUID, paths: Collection[str]) -> None:
    """Take files out of a draft."""
    session().execute(
        delete(DraftFile)
        .where(DraftFile.draft_id == draft_id, DraftFile.path.in_(paths))
        .execution_options(synchronize_session=False)
    )


def paths_of(draft_id: UUID) -> set[str]:
    """The files under media/ that a draft has."""
    found = select(DraftFile.path).where(DraftFile.draft_id == draft_id, DraftFile.path.like("media/%"))
    return set(session().scalars(found))
