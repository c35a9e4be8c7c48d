"""A draft's files: unfolded from a package, read together as one again."""

from uuid import UUID

from sqlalchemy import insert, select

from lms.courses.editions import Kept
from lms.courses.packages.checker import Report, check
from lms.courses.packages.marks import marks
from lms.courses.packages.tree import Tree, content_hash
from lms.courses.writing.models import DraftFile, DraftSave
from lms.kernel import clock, files
from lms.kernel.db import session
from lms.kernel.ids import new_id

EDITABLE = ("draft", "changes_asked")
"""States in which a draft may be written."""
TEXTS = (".toml", ".md")

_media: Kept[str, bytes] = Kept(100)
_reports: Kept[tuple[str, str], Report] = Kept(40)


def unfold(draft_id: UUID, tree: Tree, person_id: UUID) -> None:
    """Make the files of a package the files of a draft that has none."""
    session().execute(insert(DraftFile), [_row(draft_id, path, data, person_id) for path, data in sorted(tree.items())])


def _row(draft_id: UUID, path: str, data: bytes, person_id: UUID) -> dict[str, object]:
    text = _text(path, data)
    return {
        "id": new_id(), "draft_id": draft_id, "path": path, "text": text,
        "sha": None if text is not None else files.store(data), "size": len(data),
        "changed_at": clock.now(), "changed_by": person_id,
    }  # fmt: skip


def _text(path: str, data: bytes) -> str | None:
    """What lies in the table as text: what is text by its name, and is it. Other bytes stay as they came."""
    if not path.endswith(TEXTS) or b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def has_files(draft_id: UUID) -> bool:
    """Whether a draft is written here; else it is the package that was uploaded."""
    return session().scalar(select(DraftFile.id).where(DraftFile.draft_id == draft_id).limit(1)) is not None


def writers_of(draft_id: UUID) -> set[UUID]:
    """Who has written something of a draft here."""
    of = DraftFile.draft_id == draft_id
    saved = select(DraftSave.person_id).join(DraftFile, DraftFile.id == DraftSave.file_id).where(of)
    changed = select(DraftFile.changed_by).where(of, DraftFile.changed_by.is_not(None))
    return set(session().scalars(saved.union(changed)))


def tree_of(draft_id: UUID, instead: dict[UUID, str] | None = None) -> Tree:
    """The files of a draft as a package; `instead`: other texts for some of them, by id, as for a preview."""
    given = instead or {}
    rows = session().execute(
        select(DraftFile.id, DraftFile.path, DraftFile.text, DraftFile.sha).where(DraftFile.draft_id == draft_id)
    )
    return {row.path: _bytes(given.get(row.id, row.text), row.sha) for row in rows}


def _bytes(text: str | None, sha: str | None) -> bytes:
    if text is not None:
        return text.encode()
    assert sha is not None
    return _media.get(sha, files.read)


def checked(tree: Tree) -> Report:
    """What the checker says of these files today, and where a template's marks still stand."""
    key = (content_hash(tree), clock.today().isoformat())
    return _reports.get(key, lambda _: _judged(tree))


def _judged(tree: Tree) -> Report:
    report, left = check(tree, today=clock.today()), marks(tree)
    package = None if left else report.package
    return Report((*left, *report.problems), package, report.readable, report.weights)
